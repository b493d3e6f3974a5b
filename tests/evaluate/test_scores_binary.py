"""Scores: scikit-learn's, on any resample, and intervals that know that rows of one day depend on each other."""

from __future__ import annotations

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
)

from stages.contracts.evaluation import Costs
from stages.evaluate.binary.scores import score, score_ranking
from stages.evaluate.bootstrap import draw_resamples

COSTS = Costs(miss=4, false_alarm=1)

probabilities = st.one_of(
    st.floats(0, 1).map(lambda value: round(value, 9)), st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0])
)
tables = st.lists(st.tuples(st.booleans(), probabilities, st.integers(0, 4)), min_size=2, max_size=60)


@given(tables, st.integers(0, 5))
@examples(150)
def test_every_score_of_a_resample_is_scikit_learns_of_the_repeated_rows(
    table: list[tuple[bool, float, int]], seed: int
) -> None:
    # Given any labels and probabilities, ties among them, in up to five blocks, resampled
    labels = np.array([row[0] for row in table])
    probability = np.array([row[1] for row in table])
    of_row, weights = draw_resamples(np.array([row[2] for row in table]), draws=3, seed=seed)

    # When they are scored for all draws at once
    found = score(labels, probability, (of_row, weights), COSTS)

    # Then each draw's scores are those of the rows written out as often as their block was drawn
    for draw, weight in enumerate(weights):
        rows = np.repeat(np.arange(len(table)), weight[of_row])
        drawn, scored = labels[rows], probability[rows]
        warned = scored >= 0.2
        expected = {
            "log_loss": log_loss(drawn, scored, labels=[False, True]),
            "brier": brier_score_loss(drawn, scored, labels=[False, True]),
            "precision": precision_score(drawn, warned, zero_division=0.0),
            "recall": recall_score(drawn, warned, zero_division=0.0),
            "cost": 1000 * np.mean(4 * (drawn & ~warned) + 1.0 * (~drawn & warned)),
        }
        if drawn.any() and not drawn.all():
            expected["auc"] = roc_auc_score(drawn, scored)
            expected["average_precision"] = average_precision_score(drawn, scored)
        else:
            assert np.isnan(found["auc"][draw])
            assert np.isnan(found["average_precision"][draw])
        for name, value in expected.items():
            assert found[name][draw] == pytest.approx(value, rel=1e-9, abs=1e-12), name


def test_the_rows_as_they_are_are_weights_of_one() -> None:
    # Given four rows whose AUC is known by counting pairs: 3 of 4 in order, one of them by half
    labels, probability = np.array([True, False, True, False]), np.array([0.9, 0.4, 0.4, 0.1])

    # When they are scored once
    found = score(labels, probability, (np.arange(4), np.ones((1, 4), dtype=np.int64)), COSTS)

    # Then pairs of a tie count half
    assert found["auc"].tolist() == [0.875]


def test_calibration_error_is_the_mean_gap_of_the_groups() -> None:
    # Given ten groups of ten rows, each group's rate 0.05 above what is predicted
    group = np.repeat(np.arange(10), 20)
    probability = 0.05 + group / 10
    labels = np.tile(np.arange(20), 10) < (group / 10 + 0.1) * 20 - 1e-9

    # When the error is measured
    found = score(labels, probability, (np.arange(200), np.ones((1, 200), dtype=np.int64)), COSTS)

    # Then it is that gap
    assert found["calibration_error"][0] == pytest.approx(0.05)


def test_the_interval_over_days_is_wider_than_over_rows_where_days_differ() -> None:
    # Given forty days of fifty rows, on some of which everything is late whatever the model says
    make = np.random.default_rng(7)
    day = np.repeat(np.arange(40), 50)
    shift = make.normal(0, 3, 40)[day]
    signal = 0.5 * make.normal(size=2000)
    labels = signal + shift + make.normal(size=2000) > 1
    probability = 1 / (1 + np.exp(2 - signal))

    # When days and when rows are resampled
    width = {}
    for name, blocks in {"day": day, "row": np.arange(2000)}.items():
        of_row, weights = draw_resamples(blocks, draws=300, seed=7)
        found = score(labels, probability, (of_row, weights), COSTS)
        width[name] = {metric: np.ptp(np.quantile(values, [0.025, 0.975])) for metric, values in found.items()}

    # Then rows alone claim a precision that is not there
    assert width["day"]["brier"] > 2 * width["row"]["brier"]
    assert width["day"]["log_loss"] > 2 * width["row"]["log_loss"]


def test_a_part_of_the_rows_may_be_in_no_drawn_block() -> None:
    # Given rows of block 0 only, and a draw that holds block 1 alone
    labels, probability = np.array([True, False]), np.array([0.8, 0.2])

    # When they are ranked
    auc, precision = score_ranking(labels, probability, (np.array([0, 0]), np.array([[0, 2], [1, 1]])))

    # Then that draw says nothing, and the other does
    assert np.array_equal(auc, [np.nan, 1.0], equal_nan=True)
    assert np.array_equal(precision, [np.nan, 1.0], equal_nan=True)


@pytest.mark.parametrize(("miss", "false_alarm", "threshold"), [(4, 1, 0.2), (1, 1, 0.5), (1, 3, 0.75)])
def test_the_threshold_is_where_both_errors_cost_the_same(miss: float, false_alarm: float, threshold: float) -> None:
    # Given what the errors cost
    costs = Costs(miss, false_alarm)

    # Then at the threshold the expected cost of warning and of not warning are equal
    assert costs.threshold == threshold
    assert costs.threshold * miss == pytest.approx((1 - costs.threshold) * false_alarm)


def test_no_other_threshold_costs_less_for_calibrated_probabilities() -> None:
    # Given labels drawn with just the probabilities that are predicted
    make = np.random.default_rng(7)
    probability = make.random(50_000)
    labels = make.random(50_000) < probability

    # When the cost is measured with the threshold of the costs, and with others
    def cost(threshold: float) -> float:
        warned = probability >= threshold
        return float((4 * (~warned & labels) + 1.0 * (warned & ~labels)).mean())

    # Then none is cheaper but by chance
    assert cost(COSTS.threshold) <= min(cost(threshold) for threshold in np.linspace(0, 1, 21)) + 0.002
