"""What a row holds that the model has not seen the like of in training: unknown categories, values out of range.

Such a category, and a text that is none of an ordinal column's levels, is missing to the model.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from serve.decode import Row
from serve.model import Input, Manifest

SHOWN = 60
"""Characters of an unknown category that a warning repeats."""
Test = Callable[[Any], str | None]


class Unseen:
    """Looks at rows value by value: for the one row of most requests that costs a few microseconds."""

    def __init__(self, manifest: Manifest) -> None:
        codes = manifest.features.codes
        self._tests: list[tuple[int, str, Test]] = []
        for place, column in enumerate(manifest.inputs):
            if column.name in codes and column.type == "ordinal":
                self._tests.append((place, column.name, _no_level(codes[column.name])))
            elif column.name in codes:
                self._tests.append((place, column.name, _unknown(codes[column.name])))
            elif column.low is not None and column.high is not None:
                self._tests.append((place, column.name, _out_of_range(column)))

    def of(self, row: Row) -> list[str]:
        """One warning for each such value."""
        found = []
        for place, name, test in self._tests:
            value = row[place]
            if value is not None and (reason := test(value)):
                found.append(f"{name}: {reason}")
        return found


def _unknown(codes: dict[str, int]) -> Test:
    return lambda value: None if value in codes else f"'{value[:SHOWN]}' was not seen in training"


def _no_level(codes: dict[str, int]) -> Test:
    text = f"is none of the levels {' < '.join(sorted(codes, key=lambda level: codes[level]))}"
    return lambda value: None if value in codes else f"'{value[:SHOWN]}' {text}"


def _out_of_range(column: Input) -> Test:
    """Times have no upper end: a row to be served is always later than those of training."""
    low, high = _end(column, column.low), _end(column, column.high)
    text = f"is outside the training range, {_shown(column.low)} to {_shown(column.high)}"
    if column.type in ("date", "time"):
        return lambda value: f"{_shown(value)} {text}" if value < low else None
    return lambda value: None if low <= value <= high else f"{_shown(value)} {text}"


def _end(column: Input, end: Any) -> Any:
    """A range's end as the value of a row it is compared with."""
    if column.type == "date":
        return datetime.date.fromisoformat(end)
    return datetime.datetime.fromisoformat(end) if column.type == "time" else end


def _shown(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).removesuffix(".0")
