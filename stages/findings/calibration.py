"""Whether predicted shares came true: in groups of rising prediction, each with its interval."""

from __future__ import annotations

from stages.findings.inputs import Inputs, Row


def gap(inputs: Inputs) -> float:
    """Mean prediction less mean outcome."""
    groups = inputs.plots["calibration"]
    rows = sum(group["rows"] for group in groups)
    if not rows:
        return 0.0
    return float(sum((group["predicted"] - group["observed"]) * group["rows"] for group in groups) / rows)


def off(groups: list[Row]) -> int:
    """How many groups' mean prediction lies outside the interval of what happened."""
    return sum(not (group["low"] or 0.0) <= group["predicted"] <= _end(group["high"]) for group in groups)


def title(groups: list[Row], literal: str, what: str) -> str:
    """The finding: `literal` where no group is off, else in how many `what` is."""
    number = off(groups)
    if not number:
        return literal
    return f"In {number} of {len(groups)} groups the {what} is off by more than chance"


def _end(high: float | None) -> float:
    return 1.0 if high is None else high
