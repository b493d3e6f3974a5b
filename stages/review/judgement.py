"""What a difference with its interval means: better, worse, or neither; and whether that is of a size that matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from stages.contracts.metric_key import MetricKey
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Measured
from stages.wording.metrics import Metric
from stages.wording.numbers import DASH, Form, decimals, plain, shown, signed, span

Way = Literal["better", "worse", "changed", "no clear difference", "the same", "not compared"]


def find_sizes(gates: Mapping[str, Gate]) -> dict[MetricKey, float]:
    """Return by how much each metric may fall behind the champion's: a smaller difference does not matter."""
    found: dict[MetricKey, float] = {}
    for gate in gates.values():
        bound = gate.low_above if gate.low_above is not None else gate.high_below
        if gate.against == "champion" and bound:
            found[gate.key] = abs(bound)
    return found


def judge(metric: Metric, found: Mapping[str, float | None]) -> Way:
    """Return what the interval of a difference says, by which way the metric is better."""
    value, low, high = found["value"], found["low"], found["high"]
    if value is None or low is None or high is None:
        return "not compared"
    if value == low == high == 0:
        return "the same"
    if low <= 0 <= high:
        return "no clear difference"
    if metric.better == "near":
        return "changed"
    return "better" if (low > 0) == (metric.better == "more") else "worse"


def describe_size(metric: Metric, way: Way, found: Mapping[str, float | None], size: float | None) -> str:
    """Return what is to be said of the size that matters, if one is set; empty where nothing is."""
    low, high = found["low"], found["high"]
    if size is None or low is None or high is None or way in ("not compared", "the same"):
        return ""
    written = f"{plain(100 * size)} points" if metric.kind == "share" else plain(size)
    if max(abs(low), abs(high)) < size:
        return f"less than the {written} that matters"
    return f"but one of {written} is not ruled out" if way == "no clear difference" else ""


def choose_form(metric: Metric, value: float | None) -> Form:
    """Return how values of the metric are written: a digit more than in the report, as differences are small."""
    if metric.kind == "share":
        return Form(metric.digits + 1, 100, "%")
    if metric.kind == "score":
        return Form(4)
    return Form(decimals(abs(value or 0.0), 4))


def write_value(metric: Metric, values: Measured | Mapping[MetricKey, Mapping[str, float | None]]) -> str:
    """Return a model's value of the metric."""
    value = values[metric.key]["value"] if metric.key in values else None
    return shown(value, choose_form(metric, value))


def write_difference(metric: Metric, found: Mapping[str, float | None], form: Form) -> str:
    """Return a difference with its interval: +0.0064 (0.0034 to 0.0091), of shares in points."""
    value, low, high = found["value"], found["low"], found["high"]
    if value is None:
        return DASH
    unit = " points" if metric.kind == "share" else ""
    said = f"{signed(value * form.scale, form.digits)}{unit}"
    if low is None or high is None:
        return said
    return f"{said} ({span(low * form.scale, high * form.scale, form.digits).replace(chr(0x2013), ' to ')})"
