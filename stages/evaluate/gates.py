"""Gates: rules, fixed before training, that a candidate is held against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from stages.contracts.evaluation import Against, GateResult
from stages.contracts.metric_key import MetricKey
from stages.core.errors import ParamsError, list_choices
from stages.core.params import Params
from stages.table.schema import Task
from stages.wording.metrics import METRICS

Interval = Mapping[str, float | None]

NAMES: dict[Task, dict[str, str]] = {
    task: {metric.key: metric.name for metric in metrics} for task, metrics in METRICS.items()
}
"""Each task's metrics, and what they are called in a sentence."""
ALONE = {"coverage", "worst_coverage"}
"""Metrics that neither the baseline nor a constant answer has."""
AGAINST: dict[Against, str] = {
    "baseline": "the baseline",
    "constant": "one answer for all",
    "champion": "the champion",
}


class Gate(Params, frozen=True):
    """A bound for one end of a score's interval, or of its difference to another's: the baseline's, the champion's or
    that of one answer for all rows, learnt in training.
    """

    level: Literal["must", "should"]
    metric: str
    against: Against | Literal[""] = ""
    low_above: float | None = None
    high_below: float | None = None

    @property
    def key(self) -> MetricKey:
        """The metric's key: what `check` has seen is one."""
        return cast("MetricKey", self.metric)


def check(gates: Mapping[str, Gate], task: Task, needs: Mapping[str, str] | None = None) -> None:
    """Raise ParamsError for a gate on a metric that the task does not have, or with no bound or two.

    `needs` are metrics that there would be, with what must be set for it.
    """
    for name, gate in gates.items():
        where = f"params.yaml: evaluate.gates.{name}"
        if gate.metric not in NAMES[task]:
            choices = list_choices(gate.metric, NAMES[task])
            raise ParamsError(f"{where}: no metric '{gate.metric}' for a {task} target.{choices}")
        if needs and gate.metric in needs:
            raise ParamsError(f"{where}: '{gate.metric}' needs {needs[gate.metric]}.")
        if gate.metric in ALONE and gate.against in ("baseline", "constant"):
            raise ParamsError(f"{where}: {AGAINST[gate.against]} has no '{gate.metric}'. Leave `against` out.")
        if (gate.low_above is None) == (gate.high_below is None):
            raise ParamsError(f"{where}: give either low_above or high_below.")


def judge(gate: Gate, measured: Interval | None, task: Task) -> GateResult:
    """Return the gate's result as metrics/evaluation.json holds it; without a measurement it does not apply.

    `met` when the whole interval keeps the bound, `not met` when none of it does, else `undecided`: also where the
    rows do not define the metric, so that nobody passes by what could not be measured.
    """
    asked = (gate.level, write_rule(gate, task), gate.key, gate.against)
    if measured is None:
        return GateResult(*asked, "not applicable")
    return GateResult(*asked, _result(gate, measured), measured["value"], measured["low"], measured["high"])


def write_rule(gate: Gate, task: Task) -> str:
    """Return the gate as a sentence, its last word the bound."""
    what = NAMES[task][gate.metric] + (f" difference to {AGAINST[gate.against]}" if gate.against else "")
    if gate.low_above is not None:
        return f"{what}, lower end of the interval above {gate.low_above:.12g}"
    return f"{what}, upper end of the interval below {gate.high_below:.12g}"


def all_pass(results: Mapping[str, GateResult]) -> bool:
    """Return whether every `must` gate is met or does not apply: one that is undecided does not pass."""
    return all(gate.result in ("met", "not applicable") for gate in results.values() if gate.level == "must")


def _result(gate: Gate, measured: Interval) -> Literal["met", "not met", "undecided"]:
    low, high = measured["low"], measured["high"]
    if low is None or high is None or measured["value"] is None:
        return "undecided"
    if gate.low_above is not None:
        return "met" if low > gate.low_above else "not met" if high <= gate.low_above else "undecided"
    assert gate.high_below is not None
    return "met" if high < gate.high_below else "not met" if low >= gate.high_below else "undecided"
