"""Scores of several classes: scikit-learn's, on any resample; classes that are absent, ties, and many classes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
    top_k_accuracy_score,
)

from stages.evaluate.bootstrap import Floats, draw_resamples, unit_weights
from stages.evaluate.multiclass.scores import rank_classes, score, score_classes, score_one_vs_rest

EVERY = (np.arange(4), np.ones((1, 4), dtype=np.int64))


def hand_made() -> tuple[Any, Floats]:
    """Four rows of three classes: right, right in second place, wrong, right."""
    truth = np.array([0, 1, 2, 2])
    return truth, np.array([[0.7, 0.2, 0.1], [0.5, 0.4, 0.1], [0.4, 0.35, 0.25], [0.1, 0.3, 0.6]])


def test_by_hand() -> None:
    # Given those rows
    truth, probabilities = hand_made()

    # When they are scored
    found = {name: float(values[0]) for name, values in score(truth, probabilities, EVERY).items()}

    # Then accuracy is 2 of 4, in two guesses 3 of 4; recalls are 1, 0, 1/2; F1 is 1/2 (0: 1 of 3 called), 0, 2/3
    assert found["accuracy"] == 0.5
    assert found["top2_accuracy"] == 0.75
    assert found["balanced_accuracy"] == pytest.approx((1 + 0 + 0.5) / 3)
    assert found["macro_f1"] == pytest.approx((2 / 4 + 0 + 2 / 3) / 3)
    assert found["log_loss"] == pytest.approx(-np.log([0.7, 0.4, 0.25, 0.6]).mean())
    # and by pairs: class 0: .7 over .5, .4, .1; class 1: .4 over .2, .35, .3; class 2: .25 and .6 over .1, .1
    assert found["auc"] == 1.0


rows = st.tuples(
    st.integers(0, 3), st.integers(0, 4), st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0]), min_size=4, max_size=4)
)


@given(st.lists(rows, min_size=2, max_size=40), st.integers(0, 5))
@examples(100)
def test_every_score_of_a_resample_is_scikit_learns_of_the_repeated_rows(
    table: list[tuple[int, int, list[float]]], seed: int
) -> None:
    # Given any rows of four classes in up to five blocks, ties among their probabilities, resampled
    truth = np.array([row[0] for row in table])
    raw = np.array([row[2] for row in table]) + 1e-3
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    of_row, weights = draw_resamples(np.array([row[1] for row in table]), draws=3, seed=seed)

    # When they are scored for all draws at once
    found = score(truth, probabilities, (of_row, weights))
    each = score_classes(truth, probabilities, (of_row, weights))

    # Then each draw's scores are those of the rows written out as often as their block was drawn
    for draw, weight in enumerate(weights):
        repeated = np.repeat(np.arange(len(table)), weight[of_row])
        drawn, scored = truth[repeated], probabilities[repeated]
        called = scored.argmax(axis=1)
        present = np.unique(drawn)
        expected = {
            "accuracy": accuracy_score(drawn, called),
            "balanced_accuracy": recall_score(drawn, called, labels=present, average="macro", zero_division=0.0),
            "macro_f1": f1_score(drawn, called, average="macro", zero_division=0.0),
            "log_loss": log_loss(drawn, scored, labels=range(4)),
        }
        aucs = [roc_auc_score(drawn == one, scored[:, one]) for one in present if len(present) > 1]
        for name, value in expected.items():
            assert found[name][draw] == pytest.approx(value, rel=1e-9, abs=1e-12), name
        assert found["auc"][draw] == pytest.approx(np.mean(aucs) if aucs else np.nan, rel=1e-9, nan_ok=True)
        for one in present:
            assert each["recall"][draw, one] == pytest.approx(
                recall_score(drawn, called, labels=[one], average=None, zero_division=0.0)[0]
            )
        for one in np.unique(called):
            assert each["precision"][draw, one] == pytest.approx(
                precision_score(drawn, called, labels=[one], average=None, zero_division=0.0)[0]
            )


def test_in_two_guesses_is_scikit_learns_where_there_are_no_ties() -> None:
    # Given 200 rows of five classes
    make = np.random.default_rng(7)
    truth, raw = make.integers(5, size=200), make.random((200, 5))
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    found = score(truth, probabilities, unit_weights(draw_resamples(np.arange(200), 100, 7)))

    # Then these are the known scores, the balanced accuracy and the macro AUC of all classes among them
    assert found["top2_accuracy"][0] == pytest.approx(top_k_accuracy_score(truth, probabilities, k=2))
    assert found["balanced_accuracy"][0] == pytest.approx(balanced_accuracy_score(truth, probabilities.argmax(axis=1)))
    assert found["auc"][0] == pytest.approx(roc_auc_score(truth, probabilities, multi_class="ovr", average="macro"))


def test_of_equally_likely_classes_the_first_is_the_guess() -> None:
    # Given a row whose classes are all equally likely
    probabilities = np.full((3, 3), 1 / 3)

    # Then the place of each true class is its own number, as the prediction is the first
    assert rank_classes(np.array([0, 1, 2]), probabilities).tolist() == [0, 1, 2]
    found = score(np.array([0, 1, 2]), probabilities, (np.arange(3), np.ones((1, 3), dtype=np.int64)))
    assert found["accuracy"][0] == pytest.approx(1 / 3)
    assert found["top2_accuracy"][0] == pytest.approx(2 / 3)
    assert found["auc"][0] == 0.5


def test_a_class_without_rows_and_one_with_all_are_left_out_of_the_mean() -> None:
    # Given a hold-out without class 2
    truth, probabilities = np.array([0, 1, 0, 1]), np.array([[0.6, 0.3, 0.1]] * 2 + [[0.2, 0.3, 0.5]] * 2)

    # When it is scored
    found = score(truth, probabilities, EVERY)
    each = score_classes(truth, probabilities, EVERY)

    # Then nothing is said of its recall and AUC, and its wrong calls still count against the macro F1
    assert np.isnan(each["recall"][0, 2])
    assert np.isnan(each["precision"][0, 1])
    assert found["balanced_accuracy"][0] == 0.25
    assert found["macro_f1"][0] == pytest.approx((0.5 + 0 + 0) / 3)
    assert found["auc"][0] == 0.5

    # And with one class only there is no AUC at all
    assert np.isnan(score(np.zeros(4, dtype=int), probabilities, EVERY)["auc"][0])


def test_a_certain_mistake_costs_much_but_not_infinitely() -> None:
    found = score(np.array([1]), np.array([[1.0, 0.0]]), (np.array([0]), np.array([[1]])))
    assert found["log_loss"][0] == pytest.approx(-np.log(np.finfo(np.float64).eps))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_one_against_the_rest_is_the_auc_of_each_resample(share: float) -> None:
    # Given 300 rows, ties among their scores, more draws than are taken together
    make = np.random.default_rng(7)
    labels, scored = make.random(300) < share, make.random(300).round(2)
    of_row, weights = draw_resamples(make.integers(30, size=300), draws=70, seed=1)

    # When the AUC of every draw is asked for
    found = score_one_vs_rest(labels, scored, (of_row, weights))

    # Then it is that of the rows written out, NaN where they are of one kind
    for draw in (0, 1, 63, 64, 69):
        rows = np.repeat(np.arange(300), weights[draw][of_row])
        drawn = labels[rows]
        expected = roc_auc_score(drawn, scored[rows]) if drawn.any() and not drawn.all() else np.nan
        assert found[draw] == pytest.approx(expected, nan_ok=True)


def test_forty_classes_of_many_rows_are_scored_in_seconds() -> None:
    # Given 20,000 rows of forty classes, one row to a block
    make = np.random.default_rng(7)
    truth = make.integers(40, size=20_000)
    raw = make.random((20_000, 40)) + (np.arange(40) == truth[:, None])
    started = time.process_time()

    # When they are scored for a hundred draws
    found = score(truth, raw / raw.sum(axis=1, keepdims=True), draw_resamples(np.arange(20_000), 100, 7))

    # Then it does not take a pass over all rows for each class and draw
    assert time.process_time() - started < 20
    assert np.ptp(found["auc"]) < 0.01
