"""What a row holds that the model has not seen the like of in training: unknown categories, values out of range.

Such a category, and a text that is none of an ordinal column's levels, is missing to the model. A request holds labels
as data/clean.csv does: another spelling of one is none, and the warning names the one it may be.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from serve.scoring.decode import Row
from serve.scoring.late_dates import Exceeds, find_limits, parse_bound
from stages.clean.columns.labels import strip_spelling
from stages.contracts.manifest import Input, Manifest
from stages.transform.derivations import Array

MAX_SHOWN = 60
"""Characters of an unknown category that a warning repeats."""
Range = tuple[int, Any, Any, str, str]
"""An input's place, its lowest and highest value, its name and the words for a value outside."""


class InputChecker:
    """Checks rows value by value: for the one row of most requests that costs two microseconds."""

    def __init__(self, manifest: Manifest) -> None:
        codes = manifest.features.codes
        self._categories: list[tuple[int, dict[str, int], dict[str, str], str, str]] = []
        self._ranges: list[Range] = []
        for place, column in enumerate(manifest.inputs):
            if column.name in codes:
                known = codes[column.name]
                by_spelling = {strip_spelling(label): label for label in known}
                text = _describe_unknown(column, known)
                self._categories.append((place, known, by_spelling, column.name, text))
            elif column.low is not None and column.high is not None:
                self._ranges.append(_make_range(place, column))
        self._date_limits: list[tuple[int, Any, str, Exceeds, Input]] = []
        for place, derived_column, exceeds in find_limits(manifest):
            date = manifest.inputs[place]
            self._date_limits.append((place, parse_bound(date, date.high), derived_column, exceeds, date))
        self._inputs = manifest.inputs

    def find_warnings(self, row: Row) -> list[str]:
        """Return a warning for each such value of a row, in the order of the inputs."""
        placed = []
        for place, codes, by_spelling, name, text in self._categories:
            value = row[place]
            if value is not None and value not in codes:
                shown = value[:MAX_SHOWN]
                similar = by_spelling.get(strip_spelling(shown))
                hint = f"; is it '{similar}'?" if similar else ""
                placed.append((place, f"{name}: '{shown}' {text}{hint}"))
        for place, low, high, name, text in self._ranges:
            value = row[place]
            if value is not None and not low <= value <= high:
                placed.append((place, f"{name}: {_format_value(value)} {text}"))
        for place, last, derived_column, exceeds, date in self._date_limits:
            value = row[place]
            if value is not None and value > last and exceeds(row):
                lateness = f"is so long after the last day of training, {_format_value(date.high)}"
                text = f"{lateness}, that the model has seen no such {derived_column}"
                placed.append((place, f"{date.name}: {_format_value(value)} {text}"))
        return [text for _, text in sorted(placed)] if placed else []

    def find_column_warnings(self, columns: Mapping[str, Array]) -> list[list[str]]:
        """Return the same for each row of a file's inputs, arrays of shape (n_rows,) as `derivations` takes them."""
        doubtful = self._find_doubtful_rows(columns)
        rows = zip(*(_to_python(columns[column.name][doubtful], column.type) for column in self._inputs), strict=True)
        warnings: list[list[str]] = [[] for _ in doubtful]
        for place, row in zip(np.flatnonzero(doubtful), rows, strict=True):
            warnings[place] = self.find_warnings(row)
        return warnings

    def _find_doubtful_rows(self, columns: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        """Return which rows may have a warning, column by column: most have none, and a look at each takes long."""
        values = [columns[column.name] for column in self._inputs]
        doubtful = np.zeros(len(values[0]), dtype=bool)
        for place, codes, *_ in self._categories:
            doubtful |= np.array([value is not None and value not in codes for value in values[place]], dtype=bool)
        for place, low, high, *_ in self._ranges:
            doubtful |= (values[place] < _as_numpy(low)) | (values[place] > _as_numpy(high))
        for place, last, *_ in self._date_limits:
            doubtful |= values[place] > _as_numpy(last)
        return doubtful


def _describe_unknown(column: Input, codes: dict[str, int]) -> str:
    if column.type != "ordinal":
        return "was not seen in training"
    return f"is none of the levels {' < '.join(sorted(codes, key=lambda level: codes[level]))}"


def _make_range(place: int, column: Input) -> Range:
    """Return an input's range. Times have no upper end: what is served is later than training (see late_dates)."""
    text = f"is outside the training range, {_format_value(column.low)} to {_format_value(column.high)}"
    low, high = parse_bound(column, column.low), parse_bound(column, column.high)
    if column.type == "date":
        high = datetime.date.max
    if column.type == "time":
        high = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return place, low, high, column.name, text


def _as_numpy(bound: Any) -> Any:
    if isinstance(bound, datetime.datetime):
        return np.datetime64(bound.replace(tzinfo=None))
    return np.datetime64(bound) if isinstance(bound, datetime.date) else bound


def _to_python(array: Array, value_type: str) -> list[Any]:
    """Return the values as a request's rows have them, None where missing."""
    if value_type == "date":
        return list(array.astype("datetime64[D]").tolist())
    if value_type == "time":
        times = array.astype("datetime64[s]").tolist()
        return [None if time is None else time.replace(tzinfo=datetime.UTC) for time in times]
    if array.dtype == object:
        return list(array)
    integer = value_type == "integer"
    return [None if np.isnan(value) else int(value) if integer and value.is_integer() else value
            for value in array.tolist()]  # fmt: skip


def _format_value(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).removesuffix(".0")
