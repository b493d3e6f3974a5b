"""The end of a search: what is the best of it, and what that is worth."""

from __future__ import annotations

import pytest

from stages.tune.judge import Result, Trial
from stages.tune.plot import draw_trials
from stages.tune.summary import Outcome, write_advice, write_table


def build(*losses: float | None, now: float = 0.4) -> Outcome:
    """A search of one key in which the trials came to these losses, None of one that failed."""
    trials = [
        Trial(
            number,
            {"learning_rate": number / 10},
            Result(failed="no.") if loss is None else Result({"auc": 1 - loss, "log_loss": loss}, "linear"),
        )
        for number, loss in enumerate(losses, start=1)
    ]
    baseline = Result({"auc": 1 - now, "log_loss": now}, "boosting")
    return Outcome("log_loss", {"learning_rate": 0.1}, baseline, trials, "tune-abcdef")


def test_the_table_has_params_yaml_first_and_the_best_below_it() -> None:
    assert (
        write_table(build(0.5, None, 0.35, 0.39, 0.35))
        == """\
                 log_loss  difference       auc  estimator  learning_rate
params.yaml      0.400000    0.000000  0.600000   boosting            0.1
tune-abcdef-003  0.350000   −0.050000  0.650000     linear            0.3
tune-abcdef-004  0.390000   −0.010000  0.610000     linear            0.4
tune-abcdef-001  0.500000   +0.100000  0.500000     linear            0.1"""
    )


def test_it_has_ten_of_many() -> None:
    lines = write_table(build(*(0.5 - number / 1000 for number in range(25)))).splitlines()
    assert len(lines) == 12
    assert lines[2].startswith("tune-abcdef-025")


def test_the_best_is_told_with_what_it_is_worth_and_one_command() -> None:
    told = write_advice(build(0.5, None, 0.35))
    assert "Failed: 1 of three trials; trial 2: no." in told
    assert "is partly luck" in told
    assert "The hold-out, which no trial saw, judges what you take over once" in told
    assert told.endswith("make tune TAKE=tune-abcdef-003")


@pytest.mark.parametrize("losses", [(0.4,), (0.5, 0.41), (None,)])
def test_nothing_is_to_be_taken_over_where_nothing_is_better(losses: tuple[float | None, ...]) -> None:
    told = write_advice(build(*losses))
    assert "nothing is to be taken over" in told
    assert "TAKE" not in told


def test_the_picture_is_one_whatever_came() -> None:
    for losses in ((0.5, None, 0.35), (None,), (0.4,)):
        assert draw_trials(build(*losses)).startswith(b"\x89PNG")
