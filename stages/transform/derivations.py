"""Derivations of one row: the single definition of every derived feature, for the features stage and the service alike.

A derivation is data (`Derivation`), so that a saved model carries it in its manifest and is scored the same way for
ever. Each is plain arithmetic on float64, the same for the number of one row (`derive_value`) as for an array of many
(`derive`). A missing number is NaN; a date or a time is its seconds since 1970 in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Number = Any
"""One row's number (float), or a column of them (Array)."""


class Derivation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A derived feature: its name, its kind (one of KINDS), and the columns it is made of."""

    name: str
    kind: str
    of: list[str]


DAY = 86_400
EPOCH = 719_162
"""Days from 0001-01-01 to 1970-01-01."""


def clock_minutes(hhmm: Number) -> Number:
    """Minutes after midnight of a clock time written as the number HHMM: 515 is 5:15, so 315."""
    return hhmm // 100 * 60 + hhmm % 100


def weekday(time: Number) -> Number:
    """Day of the week, Monday 0 to Sunday 6."""
    return (time // DAY + 3) % 7  # 1970-01-01 was a Thursday


def month(time: Number) -> Number:
    """Month, 1 to 12."""
    return (_march_year(time)[1] + 2) % 12 + 1


def day_of_year(time: Number) -> Number:
    """Day of the year, 1 to 366."""
    before = year(time) - 1
    return time // DAY + EPOCH + 1 - (365 * before + before // 4 - before // 100 + before // 400)


def year(time: Number) -> Number:
    """Calendar year."""
    start, month_of_it = _march_year(time)
    return start + (month_of_it + 2) // 12


def days(time: Number) -> Number:
    """Days since 1970-01-01, with the time of day as a fraction."""
    return time / DAY


def hour(time: Number) -> Number:
    """Hour of the day of a time, 0 to 23."""
    return time // 3600 % 24


def difference(first: Number, second: Number) -> Number:
    """The first number less the second."""
    return first - second


def ratio(first: Number, second: Number) -> Number:
    """The first number by the second; missing where the second is 0."""
    return first / second


def years_since(time: Number, start: Number) -> Number:
    """Calendar years from the year `start` (a number) to the date."""
    return year(time) - start


KINDS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
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


def derive(columns: Mapping[str, Array], steps: Sequence[Derivation]) -> dict[str, Array]:
    """The derived columns (float64, same length as the given ones), each by name. What is beyond float64 is missing.

    A given column is float64, or `datetime64` of a date or a time in UTC, with NaN or NaT where it is missing.
    """
    made: dict[str, Array] = {}
    for step in steps:
        function, _ = KINDS[step.kind]
        given = (made[name] if name in made else _numbers(columns[name]) for name in step.of)
        with np.errstate(all="ignore"):
            numbers = function(*given)
        made[step.name] = np.where(np.isfinite(numbers), numbers, np.nan)
    return made


def derive_value(function: Callable[..., float], given: Sequence[float]) -> float:
    """What `derive` makes of a row: one of the functions of KINDS on the numbers of that row."""
    try:
        number = function(*given)
    except ZeroDivisionError:  # of arrays it is infinite, so missing as well
        return math.nan
    return number if math.isfinite(number) else math.nan


def _numbers(column: Array) -> Array:
    if column.dtype.kind != "M":
        return column
    seconds = column.astype("datetime64[s]")
    return np.where(np.isnat(seconds), np.nan, seconds.astype(np.int64).astype(np.float64))


def _march_year(time: Number) -> tuple[Number, Number]:
    """The year a date lies in when years begin in March, and its month there, 0 to 11.

    The leap day then ends a year, so that the months before it always start on the same days (Hinnant 2013,
    "chrono-compatible low-level date algorithms").
    """
    since = time // DAY + EPOCH + 306  # 0000-03-01
    era = since // 146_097
    day = since - era * 146_097
    years = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day_of_it = day - (365 * years + years // 4 - years // 100)
    return years + era * 400, (5 * day_of_it + 2) // 153
