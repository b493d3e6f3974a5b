"""Gates: what an interval says of a bound, and gates that are no gates."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.core.errors import ParamsError
from stages.evaluate import gates
from stages.evaluate.gates import Gate
from stages.table.schema import Task

FLOOR = Gate(level="must", metric="auc", low_above=0.6)
CEILING = Gate(level="must", metric="cost", against="baseline", high_below=0.0)


@pytest.mark.parametrize(
    ("gate", "low", "high", "result"),
    [
        (FLOOR, 0.61, 0.7, "met"),
        (FLOOR, 0.6, 0.7, "undecided"),  # the end lies on the bound, not above it
        (FLOOR, 0.5, 0.7, "undecided"),
        (FLOOR, 0.5, 0.6, "not met"),
        (FLOOR, 0.4, 0.5, "not met"),
        (CEILING, -30.0, -1.0, "met"),
        (CEILING, -30.0, 0.0, "undecided"),
        (CEILING, -30.0, 5.0, "undecided"),
        (CEILING, 0.0, 5.0, "not met"),
        (CEILING, 1.0, 5.0, "not met"),
    ],
)
def test_a_gate_is_met_when_the_whole_interval_keeps_the_bound(
    gate: Gate, low: float, high: float, result: str
) -> None:
    judged = gates.judge(gate, {"value": (low + high) / 2, "low": low, "high": high}, "binary")
    assert judged.result == result
    assert gates.all_pass({"gate": judged}) == (result == "met")


def test_without_a_measurement_a_gate_does_not_apply_and_passes() -> None:
    judged = gates.judge(Gate(level="must", metric="auc", against="champion", low_above=0.0), None, "binary")
    assert judged.result == "not applicable"
    assert gates.all_pass({"gate": judged})


@pytest.mark.parametrize("unknown", [("value",), ("low", "high")])
def test_nobody_passes_by_what_could_not_be_measured(unknown: tuple[str, ...]) -> None:
    for gate, value in ((FLOOR, 0.7), (CEILING, -20.0)):
        measured = {"value": value, "low": value - 0.05, "high": value + 0.05} | dict.fromkeys(unknown)
        judged = gates.judge(gate, measured, "binary")
        assert judged.result == "undecided"
        assert not gates.all_pass({"gate": judged})


def test_a_should_gate_stops_nobody() -> None:
    judged = gates.judge(
        Gate(level="should", metric="auc", low_above=0.9), {"value": 0.5, "low": 0.4, "high": 0.6}, "binary"
    )
    assert judged.result == "not met"
    assert gates.all_pass({"gate": judged})


def test_one_failed_gate_among_met_ones_does_not_pass() -> None:
    good = gates.judge(FLOOR, {"value": 0.7, "low": 0.65, "high": 0.75}, "binary")
    bad = gates.judge(FLOOR, {"value": 0.6, "low": 0.55, "high": 0.65}, "binary")
    assert not gates.all_pass({"one": good, "two": bad, "three": good})


def test_the_rule_is_a_sentence_with_the_bound_in_it() -> None:
    assert gates.write_rule(FLOOR, "binary") == "AUC, lower end of the interval above 0.6"
    assert (
        gates.write_rule(CEILING, "binary")
        == "cost per 1,000 rows difference to the baseline, upper end of the interval below 0"
    )


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        (
            Gate(level="must", metric="acu", low_above=0.6),
            r"evaluate.gates.floor: no metric 'acu' for a binary target. It can be .* Did you mean 'auc'",
        ),
        (Gate(level="must", metric="auc"), "evaluate.gates.floor: give either low_above or high_below"),
        (Gate(level="must", metric="auc", low_above=0.1, high_below=0.2), "give either low_above or high_below"),
    ],
)
def test_a_gate_that_cannot_be_judged_is_refused_by_name(gate: Gate, said: str) -> None:
    with pytest.raises(ParamsError, match=said):
        gates.check({"floor": gate}, "binary")


def test_every_metric_that_is_measured_can_be_a_gate(ran: Path) -> None:
    evaluation = json.loads((ran / "metrics/evaluation.json").read_text())
    assert evaluation["candidate"].keys() == gates.NAMES["binary"].keys()


@pytest.mark.parametrize(
    ("gate", "task", "said"),
    [
        (FLOOR, "regression", r"no metric 'auc' for a regression target. It can be mae, median_ae, rmse, r2"),
        (Gate(level="must", metric="mea", high_below=1), "regression", "Did you mean 'mae'"),
        (Gate(level="must", metric="acuracy", low_above=0.5), "multiclass", "Did you mean 'accuracy'"),
        (CEILING, "multiclass", "no metric 'cost' for a multiclass target"),
        (Gate(level="must", metric="within", low_above=0.5), "regression", "'within' needs a tolerance"),
        (
            Gate(level="must", metric="coverage", against="baseline", low_above=0),
            "regression",
            "the baseline has no 'coverage'",
        ),
    ],
)
def test_a_metric_of_another_task_is_refused_with_the_nearest_of_this_one(gate: Gate, task: Task, said: str) -> None:
    with pytest.raises(ParamsError, match=f"evaluate.gates.floor: .*{said}"):
        gates.check({"floor": gate}, task, needs={"within": "a tolerance"})


def test_with_a_tolerance_the_share_within_it_can_be_a_gate() -> None:
    gates.check({"floor": Gate(level="must", metric="within", low_above=0.5)}, "regression", needs={})


def test_what_the_rows_do_not_define_is_undecided_and_does_not_pass() -> None:
    judged = gates.judge(
        Gate(level="must", metric="r2", low_above=0.0), {"value": None, "low": None, "high": None}, "regression"
    )
    assert judged.result == "undecided"
    assert not gates.all_pass({"gate": judged})
