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
from serve.scoring.late_dates import find_limits, read_day
from stages.clean.columns.labels import bare
from stages.contracts.manifest import Input, Manifest
from stages.transform.derivations import Array

SHOWN = 60
"""Characters of an unknown category that a warning repeats."""
Range = tuple[int, Any, Any, str, str]
"""An input's place, its lowest and highest value, its name and the words for a value outside."""


class Unseen:
    """Looks at rows value by value: for the one row of most requests that costs two microseconds."""

    def __init__(self, manifest: Manifest) -> None:
        codes = manifest.features.codes
        self._known: list[tuple[int, dict[str, int], dict[str, str], str, str]] = []
        self._ranges: list[Range] = []
        for place, column in enumerate(manifest.inputs):
            if column.name in codes:
                known = codes[column.name]
                by_spelling = {bare(label): label for label in known}
                self._known.append((place, known, by_spelling, column.name, _unknown(column, known)))
            elif column.low is not None and column.high is not None:
                self._ranges.append(_range(place, column))
        self._limits = [(place, _last(manifest.inputs[place]), name, beyond, manifest.inputs[place])
                        for place, name, beyond in find_limits(manifest)]  # fmt: skip
        self._inputs = manifest.inputs

    def of(self, row: Row) -> list[str]:
        """One warning for each such value, in the order of the inputs."""
        found = []
        for place, codes, by_spelling, name, text in self._known:
            value = row[place]
            if value is not None and value not in codes:
                meant = by_spelling.get(bare(value[:SHOWN]))
                found.append((place, f"{name}: '{value[:SHOWN]}' {text}" + (f"; is it '{meant}'?" if meant else "")))
        for place, low, high, name, text in self._ranges:
            value = row[place]
            if value is not None and not low <= value <= high:
                found.append((place, f"{name}: {_shown(value)} {text}"))
        for place, last, made, beyond, column in self._limits:
            value = row[place]
            if value is not None and value > last and beyond(row):
                found.append((place, f"{column.name}: {_shown(value)} is so long after the last day of training, "
                              f"{_shown(column.high)}, that the model has seen no such {made}"))  # fmt: skip
        return [text for _, text in sorted(found)] if found else []

    def of_columns(self, columns: Mapping[str, Array]) -> list[list[str]]:
        """The same for each row of a file's inputs, arrays as `stages.transform.derivations` takes them."""
        doubtful = self._find_doubtful(columns)
        rows = zip(*(_values(columns[one.name][doubtful], one.type) for one in self._inputs), strict=True)
        found: list[list[str]] = [[] for _ in doubtful]
        for place, row in zip(np.flatnonzero(doubtful), rows, strict=True):
            found[place] = self.of(row)
        return found

    def _find_doubtful(self, columns: Mapping[str, Array]) -> npt.NDArray[np.bool_]:
        """Return which rows may have a warning, column by column: most have none, and a look at each takes long."""
        values = [columns[one.name] for one in self._inputs]
        doubtful = np.zeros(len(values[0]), dtype=bool)
        for place, codes, *_ in self._known:
            doubtful |= np.array([value is not None and value not in codes for value in values[place]], dtype=bool)
        for place, low, high, *_ in self._ranges:
            doubtful |= (values[place] < _as_numpy(low)) | (values[place] > _as_numpy(high))
        for place, last, *_ in self._limits:
            doubtful |= values[place] > _as_numpy(last)
        return doubtful


def _unknown(column: Input, codes: dict[str, int]) -> str:
    if column.type != "ordinal":
        return "was not seen in training"
    return f"is none of the levels {' < '.join(sorted(codes, key=lambda level: codes[level]))}"


def _range(place: int, column: Input) -> Range:
    """Times have no upper end here: a row to be served is always later than those of training (see late_dates)."""
    text = f"is outside the training range, {_shown(column.low)} to {_shown(column.high)}"
    low, high = read_day(column, column.low), read_day(column, column.high)
    if column.type == "date":
        high = datetime.date.max
    if column.type == "time":
        high = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return place, low, high, column.name, text


def _as_numpy(end: Any) -> Any:
    if isinstance(end, datetime.datetime):
        return np.datetime64(end.replace(tzinfo=None))
    return np.datetime64(end) if isinstance(end, datetime.date) else end


def _last(column: Input) -> Any:
    return read_day(column, column.high)


def _values(column: Array, kind: str) -> list[Any]:
    """Values as a request's rows have them, None where missing."""
    if kind == "date":
        return list(column.astype("datetime64[D]").tolist())
    if kind == "time":
        moments = column.astype("datetime64[s]").tolist()
        return [None if moment is None else moment.replace(tzinfo=datetime.UTC) for moment in moments]
    if column.dtype == object:
        return list(column)
    integer = kind == "integer"
    return [None if np.isnan(value) else int(value) if integer and value.is_integer() else value
            for value in column.tolist()]  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value).removesuffix(".0")
