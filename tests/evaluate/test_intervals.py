"""Intervals: of each model, and of differences that are paired draw by draw."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from stages.contracts.evaluation import Costs
from stages.contracts.metric_key import MetricKey
from stages.evaluate import intervals
from stages.evaluate.binary import scores
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import Blocks, Floats, draw_resamples
from stages.evaluate.comparison import widen
from stages.table.schema import Target

MAKE = np.random.default_rng(7)
LABELS = MAKE.random(3000) < 0.3
SIGNAL = (0.15 * LABELS + 0.85 * MAKE.random(3000)).round(9)
BLOCKS = draw_resamples(np.arange(3000) // 50, draws=200, seed=7)
TAILS = (0.025, 0.975)


def score(probability: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
    return scores.score(LABELS, probability, blocks, Costs(4, 1))


def no_trials(*_: object) -> dict[MetricKey, int]:
    return {}


def test_the_value_is_of_the_rows_as_they_are_and_lies_in_the_interval() -> None:
    # Given a model and a copy of it
    each, _ = intervals.compare({"candidate": SIGNAL, "baseline": SIGNAL}, score, no_trials, BLOCKS, TAILS)

    # Then every score has its interval about it, and equal models have equal scores
    for found in each["candidate"].values():
        assert found["low"] <= found["value"] <= found["high"]
    assert each["candidate"] == each["baseline"]


def test_a_model_differs_from_itself_by_nothing_in_any_draw() -> None:
    _, differences = intervals.compare({"candidate": SIGNAL, "champion": SIGNAL}, score, no_trials, BLOCKS, TAILS)
    assert list(differences) == ["champion"]
    for found in differences["champion"].values():
        assert found == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_a_paired_difference_is_surer_than_the_two_intervals_suggest() -> None:
    # Given a model and one a little worse on the same rows
    worse = (SIGNAL + 0.05 * MAKE.random(3000)).clip(0, 1)

    # When they are compared
    each, differences = intervals.compare({"candidate": SIGNAL, "champion": worse}, score, no_trials, BLOCKS, TAILS)

    # Then the difference is the difference of the values, with the candidate's sign, and its interval is narrower
    found, one, two = differences["champion"]["auc"], each["candidate"]["auc"], each["champion"]["auc"]
    assert found["value"] == pytest.approx(one["value"] - two["value"])
    assert found["value"] > 0
    assert found["low"] + found["high"] > 0
    assert found["high"] - found["low"] < 0.5 * (one["high"] - one["low"])


def test_draws_of_one_class_are_left_out_of_the_interval() -> None:
    # Given five blocks, only two of which hold positives: some draws have none
    labels, probability = np.array([True, False, True, False, False]), np.array([0.9, 0.1, 0.3, 0.5, 0.2])
    blocks = draw_resamples(np.arange(5), draws=300, seed=7)

    # When the AUC is measured
    each, _ = intervals.compare(
        {"candidate": probability},
        lambda said, drawn: scores.score(labels, said, drawn, Costs(4, 1)),
        no_trials,
        blocks,
        TAILS,
    )

    # Then it is finite
    assert np.isfinite(list(each["candidate"]["auc"].values())).all()


def test_the_long_table_has_a_row_for_each_model_and_metric() -> None:
    table = intervals.tabulate("model", {"candidate": {"auc": {"value": 0.7, "low": 0.6, "high": 0.8}}})
    assert table == [{"model": "candidate", "metric": "auc", "value": 0.7, "low": 0.6, "high": 0.8}]


def test_what_no_draw_defines_has_neither_value_nor_interval() -> None:
    # Given a score that is defined in no draw, one that is infinite in some, and one that the other model lacks
    def score(said: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        draws = len(blocks[1])
        made = {"never": np.full(draws, np.nan), "often": np.linspace(0, 1, draws)}
        made["often"][: 1 + draws // 10] = np.inf
        return made | ({"own": np.ones(draws)} if said[0] else {})

    # When two models are compared, warnings being errors
    models = {"candidate": np.array([1.0]), "baseline": np.array([0.0])}
    each, differences = intervals.compare(models, score, no_trials, draw_resamples(np.arange(5), 100, 7), TAILS)

    # Then what is not known is None, and the difference is of what both have
    assert each["candidate"]["never"] == {"value": None, "low": None, "high": None}
    assert each["candidate"]["often"]["value"] is None
    assert each["candidate"]["often"]["high"] < 1
    assert differences["baseline"].keys() == {"never", "often"}
    assert differences["baseline"]["never"] == {"value": None, "low": None, "high": None}


@pytest.mark.parametrize(("value", "expected"), [(1.0, (0.98225, 1.0)), (0.0, (0.0, 0.01775))])
def test_a_share_without_an_exception_has_the_exact_interval(value: float, expected: tuple[float, float]) -> None:
    # Given 206 rows that are all alike, so that every draw is
    drawn = np.full(500, value)

    # Then the next row may differ: by as much as Clopper and Pearson's interval of 206 trials says
    assert intervals.interval_bounds(drawn, TAILS, 206) == pytest.approx(expected, abs=1e-5)
    assert intervals.interval_bounds(drawn, TAILS) == (value, value)


def test_intervals_of_cross_validation_are_wider_within_what_a_share_can_be() -> None:
    # Given five folds, whose models share rows
    wider = widen(np.arange(10) % 5)
    models = {"candidate": SIGNAL, "baseline": np.full(3000, 0.3)}
    task = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(4, 1))

    # When models are compared over them
    trials = partial(task.count_trials, LABELS)
    plain, _ = intervals.compare(models, score, trials, BLOCKS, TAILS)
    wide, differences = intervals.compare(models, score, trials, BLOCKS, TAILS, wider)

    # Then intervals reach half as far again, but no share beyond all or none
    assert (wider, widen(None)) == (1.5, 1.0)
    for end in ("low", "high"):
        reach = [found["candidate"]["auc"][end] - found["candidate"]["auc"]["value"] for found in (plain, wide)]
        assert reach[1] == pytest.approx(1.5 * reach[0])
    assert differences["baseline"]["auc"]["low"] < plain["candidate"]["auc"]["low"] - 0.5
    assert wide["candidate"]["recall"]["high"] <= 1


def test_rows_scored_again_and_rows_of_one_block_are_no_further_evidence() -> None:
    # Given a class told apart without a mistake, in two repeats over ten blocks, three of which hold it
    labels, probability = np.array([True] * 3 + [False] * 7), np.array([0.9] * 3 + [0.1] * 7)
    blocks = draw_resamples(np.repeat(np.arange(10), 5), draws=200, seed=7)
    twice = np.tile(blocks[0], 2), blocks[1]
    task = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(1, 1))

    # When the trials of its shares are counted
    trials = task.count_trials(np.tile(np.repeat(labels, 5), 2), np.tile(np.repeat(probability, 5), 2), twice)

    # Then of the class they are the three blocks, of the ranking all ten
    assert trials == {"auc": 10, "average_precision": 10, "recall": 3, "precision": 3}


def test_a_difference_that_no_draw_changes_reaches_as_far_as_the_scores_do() -> None:
    # Given a model that ranks all rows rightly, one that is the same, and one number for all
    labels = np.arange(100) >= 95
    models = {"candidate": labels * 0.9, "champion": labels * 0.9, "constant": np.full(100, 0.05)}
    task, blocks = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(4, 1)), draw_resamples(np.arange(100), 200, 7)

    # When they are compared
    each, differences = intervals.compare(
        models, lambda said, drawn: task.score(labels, said, drawn), partial(task.count_trials, labels), blocks, TAILS
    )

    # Then neither the score nor its difference to the number is certain, and to itself it has none
    low = 0.025 ** (1 / 100)
    assert each["candidate"]["auc"] == pytest.approx({"value": 1.0, "low": low, "high": 1.0})
    assert differences["constant"]["auc"] == pytest.approx({"value": 0.5, "low": low - 0.5, "high": 0.5})
    assert differences["champion"]["auc"] == {"value": 0.0, "low": 0.0, "high": 0.0}
