"""Trials are drawn alike from the same seed and the same losses, whatever stopped in between."""

from __future__ import annotations

from itertools import islice
from typing import Any

import pytest

from stages.tune.judge import Result, Trial
from stages.tune.params import Range, Tune, Value
from stages.tune.study import run_trials

SEARCH: dict[str, Any] = {
    "learning_rate": Range(0.0123456, 0.5, log=True),
    "max_leaf_nodes": Range(2, 100),
    "estimator": ["boosting", "linear", "forest"],
}


def judge(values: dict[str, Value]) -> Result:
    """A loss with one valley, and a kind of estimator that always fails."""
    if values["estimator"] == "forest":
        return Result(failed="no forest here.")
    distance = abs(float(values["learning_rate"]) - 0.1) + abs(int(values["max_leaf_nodes"]) - 40) / 100
    return Result({"log_loss": distance}, str(values["estimator"]))


def draw(count: int, seed: int = 7, search: dict[str, Any] = SEARCH) -> list[Trial]:
    return list(islice(run_trials(Tune(seed=seed, search=search), "log_loss", judge), count))


def test_the_same_seed_draws_the_same_trials_and_more_go_on_from_fewer() -> None:
    trials = draw(40)
    assert draw(40) == trials
    assert draw(15) == trials[:15]
    assert draw(15, search=dict(reversed(SEARCH.items()))) == trials[:15]
    assert draw(15, seed=8) != trials[:15]


def test_values_are_within_the_search_and_short() -> None:
    for trial in draw(60):
        rate, leaves, kind = (trial.values[name] for name in SEARCH)
        assert isinstance(rate, float)
        assert 0.0123456 <= rate <= 0.5
        assert rate in (float(f"{rate:.4g}"), 0.0123456)
        assert isinstance(leaves, int)
        assert 2 <= leaves <= 100
        assert kind in SEARCH["estimator"]


def test_a_trial_that_failed_ends_nothing_and_is_avoided() -> None:
    trials = draw(60)
    failed = [trial.number for trial in trials if trial.result.failed]
    assert [trial.number for trial in trials] == list(range(1, 61))
    assert failed
    assert len([number for number in failed if number > 30]) < len([number for number in failed if number <= 30])


def test_what_was_learnt_is_used() -> None:
    early, late = (
        [one.result.validation for one in part if not one.result.failed] for part in (draw(10), draw(60)[40:])
    )
    mean = [sum(scores["log_loss"] for scores in part) / len(part) for part in (early, late)]
    assert mean[1] < mean[0] / 2


@pytest.mark.parametrize("values", [{"learning_rate": [0.1]}, {"trees": [5, 7.0]}])
def test_one_value_of_a_list_is_drawn(values: dict[str, list[Value]]) -> None:
    trials = run_trials(Tune(search=values), "rmse", lambda drawn: Result({"rmse": 1.0}))
    ((name, known),) = values.items()
    assert next(trials).values[name] in known
