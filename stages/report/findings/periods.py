"""What time lies between learning and test: the two periods, and what changed from one to the other."""

from __future__ import annotations

from stages.report.findings.inputs import Inputs
from stages.report.findings.shift import reading
from stages.wording.explanation import MONTHS
from stages.wording.numbers import listed, month, plural
from stages.wording.vocabulary import inside, shorten

NAMED = 3
"""Inputs, and months, that are named."""


def describe_periods(inputs: Inputs) -> str:
    """Return when it was trained, tuned and tested, and which inputs have moved since; nothing where rows are not split
    by time.
    """
    before = {row.period for row in inputs.plots.outcome if row.split != "test"}
    test = {row.period for row in inputs.plots.outcome if row.split == "test"}
    if not before or not test or max(before) > min(test):
        return ""
    told = f"It was trained and tuned on {_span(before)}, and is tested on {_span(test)}."
    moved = [row.column for row in inputs.plots.shift if reading(row) == "strong"]
    if not moved:
        return f"{told} No input has shifted strongly since."
    names = [shorten(inside(inputs.words.label(name))) for name in moved[:NAMED]]
    rest = [f"{plural(len(moved) - NAMED, 'other input', 'other inputs')}"] if len(moved) > NAMED else []
    told += f" Since then {listed([*names, *rest])} {'has' if len(moved) == 1 else 'have'} shifted strongly"
    new = sorted({period[-2:] for period in test} - {period[-2:] for period in before})
    if not new:
        return f"{told}, though it has seen these months."
    season = [MONTHS[int(number) - 1] for number in new[:NAMED]]
    more = [f"{plural(len(new) - NAMED, 'further month', 'further months')}"] if len(new) > NAMED else []
    return f"{told}; it has seen no {' or '.join([*season, *more])}."


def _span(periods: set[str]) -> str:
    first, last = month(min(periods)), month(max(periods))
    return first if first == last else f"{first} to {last}"
