"""Whether predicted shares came true: in groups of rising prediction, each with its interval."""

from __future__ import annotations

from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import CalibrationGroup


def gap(inputs: Inputs) -> float:
    """Mean prediction less mean outcome."""
    groups = inputs.plots.calibration
    rows = sum(group.rows for group in groups)
    return sum((group.predicted - group.observed) * group.rows for group in groups) / rows if rows else 0.0


def off(groups: list[CalibrationGroup]) -> int:
    """How many groups' mean prediction lies outside the interval of what happened."""
    return sum(
        not (group.low or 0.0) <= group.predicted <= (1.0 if group.high is None else group.high) for group in groups
    )


def title(inputs: Inputs, literal: str, what: str) -> str:
    """The finding: `literal` where no group is off, else in how many `what` is."""
    groups = inputs.plots.calibration
    number = off(groups)
    if not number:
        return literal
    if len(groups) == 1:
        return f"The {what} is off by more than chance"
    return f"In {number} of {len(groups)} groups the {what} is off by more than chance"
