"""What time lies between learning and test: the two periods, and what changed from one to the other."""

from __future__ import annotations

from stages.report.findings.inputs import Inputs
from stages.report.findings.shift import reading
from stages.wording.explanation import MONTHS
from stages.wording.numbers import listed, month, plural
from stages.wording.vocabulary import inside, shorten

NAMED = 3
"""Inputs that are named."""


def describe_periods(inputs: Inputs) -> str:
    """Return when it learnt, when it is tested, and whether inputs moved with the season or otherwise; nothing where
    rows are not split by time.
    """
    train, test = ({row.period for row in inputs.plots.outcome if row.split == part} for part in ("train", "test"))
    if not train or not test or max(train) >= min(test):
        return ""
    told = f"It learnt from {_span(train)} and is tested on {_span(test)}."
    moved = [row.column for row in inputs.plots.shift if reading(row) == "strong"]
    if not moved:
        return f"{told} No input has shifted strongly since."
    names = [shorten(inside(inputs.words.label(name))) for name in moved[:NAMED]]
    rest = [f"{plural(len(moved) - NAMED, 'other input', 'other inputs')}"] if len(moved) > NAMED else []
    new = sorted({period[-2:] for period in test} - {period[-2:] for period in train})
    have = "has" if len(moved) == 1 else "have"
    season = " or ".join(MONTHS[int(number) - 1] for number in new)
    why = f"with the season: it learnt from no {season}" if new else "though it learnt from the same months"
    return f"{told} Since then {listed([*names, *rest])} {have} shifted strongly, {why}."


def _span(periods: set[str]) -> str:
    first, last = month(min(periods)), month(max(periods))
    return first if first == last else f"{first} to {last}"
