"""An explanation as people read it: numbers that add up as they are written, a date's parts by their names."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from stages.contracts.explanation import Explanation, Part, Reason
from stages.wording.vocabulary import inside, sentence

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
ALL_ELSE = "All else"
RARE = 0.0095
"""A chance below it, or as near to 1, is written with a decimal."""


class Rounded(NamedTuple):
    """From the usual answer to this one in rounded numbers: `value` = `usual` + the steps + `rest`."""

    usual: float
    steps: list[tuple[Reason, float]]
    rest: float
    value: float


def round_explanation(explanation: Explanation, scale: float, digits: int) -> Rounded:
    """Return the main reasons times `scale`, rounded to `digits`; one that rounds to nothing goes to the rest."""
    usual, value = round(explanation.usual * scale, digits), round(explanation.value * scale, digits)
    rounded = [(reason, round(reason.step * scale, digits)) for reason in explanation.main_reasons]
    steps = [(reason, step) for reason, step in rounded if step]
    return Rounded(usual, steps, round(value - usual - sum(step for _, step in steps), digits), value)


def count_digits(explanation: Explanation) -> int:
    """Return how many decimals the points of a chance have: one where all steps are small, or an end is rare."""
    largest = max((abs(reason.step) for reason in explanation.reasons), default=0.0)
    return int(largest < 0.03 or any(min(end, 1 - end) < RARE for end in (explanation.value, explanation.usual)))


def label_reason(reason: Reason, label: str, explanation: Explanation) -> str:
    """Return its input's label, or the part of a date; whose part it is where there are several dates."""
    if not reason.part:
        return label
    several = len({other.input for other in explanation.reasons if other.part}) > 1
    return sentence(f"{reason.part} of {inside(label)}" if several else reason.part)


def name_part(date: str, part: Part) -> str:
    """Return the part of a date (ISO 8601)."""
    time = datetime.datetime.fromisoformat(date)
    if part == "weekday":
        return WEEKDAYS[time.weekday()]
    return MONTHS[time.month - 1] if part == "season" else f"{time:%H:%M}"
