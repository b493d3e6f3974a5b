"""The order in which a category's values are offered: days and months as they follow each other, numbers by size."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence

CYCLES: Sequence[Sequence[str]] = [
    [name.casefold() for name in names]
    for names in (calendar.day_name, calendar.day_abbr, list(calendar.month_name)[1:], list(calendar.month_abbr)[1:])
]


def ordered(values: Iterable[str]) -> list[str]:
    """The values in the order a person looks for them in."""
    known = list(values)
    for cycle in CYCLES:
        if len(known) > 1 and {value.strip().casefold() for value in known} <= set(cycle):
            return sorted(known, key=lambda value: cycle.index(value.strip().casefold()))
    try:
        return sorted(known, key=float)
    except ValueError:
        return sorted(known, key=lambda value: (value.casefold(), value))
