"""Whether predicted shares came true: in groups of rising prediction, each with its interval."""

from __future__ import annotations

from stages.report.findings.inputs import Inputs, repeats
from stages.report.findings.plots import CalibrationGroup


def gap(inputs: Inputs) -> float:
    """Mean prediction less mean outcome."""
    groups = inputs.plots.calibration
    rows = sum(group.rows for group in groups)
    return sum((group.predicted - group.observed) * group.rows for group in groups) / rows if rows else 0.0


def off(groups: list[CalibrationGroup], times: int) -> int:
    """How many groups' mean prediction lies outside the interval of what happened, rows counted so many times."""
    return sum(not low <= group.predicted <= high for group in groups for low, high in [_ends(group, times)])


def title(inputs: Inputs, literal: str, what: str) -> str:
    """The finding: `literal` where no group is off, else in how many `what` is."""
    groups = inputs.plots.calibration
    number = off(groups, repeats(inputs))
    if not number:
        return literal
    if len(groups) == 1:
        return f"The {what} is off by more than chance"
    return f"In {number} of {len(groups)} groups the {what} is off by more than chance"


def _ends(group: CalibrationGroup, times: int) -> tuple[float, float]:
    """The interval of what happened. Resampling rows that are all alike gives none: then the rule of three does."""
    low, high = group.low, group.high
    room = 3.0 * times / group.rows
    if group.observed == 0:
        return 0.0, max(high or 0.0, room)
    if group.observed == 1:
        return min(1.0 if low is None else low, 1.0 - room), 1.0
    return low or 0.0, 1.0 if high is None else high
