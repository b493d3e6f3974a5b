"""The order in which a category's values are offered: days and months as they follow each other, numbers by size."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence

CYCLES: Sequence[Sequence[str]] = [
    [name.casefold() for name in names]
    for names in (calendar.day_name, calendar.day_abbr, list(calendar.month_name)[1:], list(calendar.month_abbr)[1:])
]


def ordered(values: Iterable[str]) -> list[str]:
    """Return the values in the order a person looks for them in."""
    options = list(values)
    for cycle in CYCLES:
        if len(options) > 1 and {value.strip().casefold() for value in options} <= set(cycle):
            return sorted(options, key=lambda value: cycle.index(value.strip().casefold()))
    try:
        return sorted(options, key=float)
    except ValueError:
        return sorted(options, key=lambda value: (value.casefold(), value))
