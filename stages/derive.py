"""Derivations of one row: the single definition of every derived feature, for the features stage and the service alike.

A derivation is data (`{"name": …, "kind": …, "of": […]}`), so that a saved model carries it in its manifest and is
scored the same way for ever. Columns are NumPy arrays: float64 with NaN for a missing number, `datetime64[D]` for a
date, `datetime64[s]` for a time in UTC with NaT where missing, object with None for a category.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Step = Mapping[str, Any]


def clock_minutes(hhmm: Array) -> Array:
    """Minutes after midnight of a clock time written as the number HHMM: 515 is 5:15, so 315."""
    return np.asarray(hhmm // 100 * 60 + hhmm % 100)


def weekday(day: Array) -> Array:
    """Day of the week, Monday 0 to Sunday 6."""
    days = day.astype("datetime64[D]")
    return _masked((days.astype(np.int64) + 3) % 7, days)  # 1970-01-01 was a Thursday


def month(day: Array) -> Array:
    """Month, 1 to 12."""
    return _masked(day.astype("datetime64[M]").astype(np.int64) % 12 + 1, day)


def day_of_year(day: Array) -> Array:
    """Day of the year, 1 to 366."""
    days = day.astype("datetime64[D]")
    return _masked((days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64) + 1, days)


def year(day: Array) -> Array:
    """Calendar year."""
    return _masked(day.astype("datetime64[Y]").astype(np.int64) + 1970, day)


def days(time: Array) -> Array:
    """Days since 1970-01-01, with the time of day as a fraction."""
    seconds = time.astype("datetime64[s]")
    return _masked(seconds.astype(np.int64) / 86_400, seconds)


def hour(time: Array) -> Array:
    """Hour of the day of a time, 0 to 23."""
    hours = time.astype("datetime64[h]")
    return _masked(hours.astype(np.int64) % 24, hours)


def difference(first: Array, second: Array) -> Array:
    """The first number less the second."""
    return np.asarray(first - second)


def ratio(first: Array, second: Array) -> Array:
    """The first number by the second; missing where the second is 0."""
    return np.asarray(np.divide(first, second, out=np.full(first.shape, np.nan), where=second != 0))


def years_since(day: Array, start: Array) -> Array:
    """Calendar years from the year `start` (a number) to the date."""
    return year(day) - start


KINDS: dict[str, tuple[Callable[..., Array], tuple[str, ...]]] = {
    "clock_minutes": (clock_minutes, ("number",)),
    "weekday": (weekday, ("date",)),
    "month": (month, ("date",)),
    "day_of_year": (day_of_year, ("date",)),
    "year": (year, ("date",)),
    "days": (days, ("date",)),
    "hour": (hour, ("time",)),
    "difference": (difference, ("number", "number")),
    "ratio": (ratio, ("number", "number")),
    "years_since": (years_since, ("date", "number")),
}
"""Each kind's function and the types of the columns it takes."""


def derive(columns: Mapping[str, Array], steps: Sequence[Step]) -> dict[str, Array]:
    """The derived columns (float64, same length as the given ones), each by name. What is beyond float64 is missing."""
    made: dict[str, Array] = {}
    for step in steps:
        function, _ = KINDS[step["kind"]]
        given = (made[name] if name in made else columns[name] for name in step["of"])
        with np.errstate(over="ignore", invalid="ignore"):
            made[step["name"]] = _finite(function(*given))
    return made


def _finite(numbers: Array) -> Array:
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _masked(numbers: Array, times: Array) -> Array:
    return np.where(np.isnat(times), np.nan, numbers.astype(np.float64))
