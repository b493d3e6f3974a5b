"""Gates: rules, fixed before training, that a candidate is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from stages.errors import ParamsError, did_you_mean
from stages.params import Params

Interval = Mapping[str, float]

NAMES = {
    "auc": "AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
    "calibration_error": "calibration error",
    "precision": "precision",
    "recall": "recall",
    "cost": "cost per 1,000 rows",
}


class Gate(Params, frozen=True):
    """A bound for one end of a score's interval, or of its difference to the baseline's or champion's score."""

    level: Literal["must", "should"]
    metric: str
    against: Literal["baseline", "champion", ""] = ""
    low_above: float | None = None
    high_below: float | None = None


def check(gates: Mapping[str, Gate]) -> None:
    """Raise ParamsError for a gate on an unknown metric, or with no bound or two."""
    for name, gate in gates.items():
        where = f"params.yaml: evaluate.gates.{name}"
        if gate.metric not in NAMES:
            raise ParamsError(f"{where}: no metric '{gate.metric}'.{did_you_mean(gate.metric, NAMES)}")
        if (gate.low_above is None) == (gate.high_below is None):
            raise ParamsError(f"{where}: give either low_above or high_below.")


def judge(gate: Gate, measured: Interval | None) -> dict[str, Any]:
    """The gate's result as metrics/evaluation.json holds it; without a measurement it does not apply.

    `met` when the whole interval keeps the bound, `not met` when none of it does, else `undecided`.
    """
    said = {"level": gate.level, "rule": rule(gate)}
    if measured is None:
        return {**said, "result": "not applicable"}
    value, low, high = measured["value"], measured["low"], measured["high"]
    if gate.low_above is not None:
        result = "met" if low > gate.low_above else "not met" if high <= gate.low_above else "undecided"
    else:
        assert gate.high_below is not None
        result = "met" if high < gate.high_below else "not met" if low >= gate.high_below else "undecided"
    return {**said, "value": value, "low": low, "high": high, "result": result}


def rule(gate: Gate) -> str:
    """The gate as a sentence."""
    what = NAMES[gate.metric] + (f" difference to the {gate.against}" if gate.against else "")
    if gate.low_above is not None:
        return f"{what}, lower end of the interval above {gate.low_above:g}"
    return f"{what}, upper end of the interval below {gate.high_below:g}"


def passed(results: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether every `must` gate is met or does not apply: one that is undecided does not pass."""
    return all(gate["result"] in ("met", "not applicable") for gate in results.values() if gate["level"] == "must")
