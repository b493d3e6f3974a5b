"""Rows become predictions: columns, the same derivations as in training, the model's matrix, a label, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import UNSET

from serve.decode import Row
from serve.model import Features, Floats, Input, Model
from stages.derive import derive

Array = npt.NDArray[Any]
SHOWN = 60
"""Characters of an unknown category that a warning repeats."""


def predictions(model: Model, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """One answer a row, in the same order: label, probability of each class, warnings."""
    if not rows:
        return []
    manifest = model.manifest
    given = columns(manifest.inputs, rows)
    chances = model.probabilities(matrix(manifest.features, given)).tolist()
    positive = manifest.target.positive
    other = next(name for name in manifest.target.classes if name != positive)
    return [
        {
            "prediction": positive if chance >= manifest.threshold else other,
            "probabilities": {name: chance if name == positive else 1 - chance for name in manifest.target.classes},
            "warnings": notes,
        }
        for chance, notes in zip(chances, warnings(model, given), strict=True)
    ]


def columns(inputs: Sequence[Input], rows: Sequence[Row]) -> dict[str, Array]:
    """The rows as one array an input, of the types `stages.derive` takes."""
    return {
        column.name: _array(column, [None if value is UNSET else value for value in values])
        for column, values in zip(inputs, zip(*rows, strict=True), strict=True)
    }


def matrix(features: Features, given: dict[str, Array]) -> Floats:
    """The float64 matrix [rows, features] the model takes; NaN for a missing number and an unknown category."""
    with np.errstate(all="ignore"):  # a request may hold any finite number
        known = given | derive(given, features.derive)
    made = [
        known[column.name] if column.codes is None else _encoded(known[column.name], column.codes)
        for column in features.columns
    ]
    return np.column_stack(made).astype(np.float64, copy=False)


def warnings(model: Model, given: dict[str, Array]) -> list[list[str]]:
    """For each row the inputs the model has not seen the like of: unknown categories, values outside their range."""
    notes: list[list[str]] = [[] for _ in next(iter(given.values()))]
    codes = {column.name: column.codes for column in model.manifest.features.columns if column.codes is not None}
    for column in model.manifest.inputs:
        values = given[column.name]
        if column.name in codes:
            for index, value in enumerate(values):
                if value is not None and value not in codes[column.name]:
                    notes[index].append(f"{column.name}: '{value[:SHOWN]}' was not seen in training")
        elif column.low is not None and column.high is not None:
            low, high = _bounds(column, values.dtype)
            known = f"the training range, {_shown(column.low)} to {_shown(column.high)}"
            for index in np.flatnonzero((values < low) | (values > high)).tolist():
                notes[index].append(f"{column.name}: {_shown(values[index])} is outside {known}")
    return notes


def _array(column: Input, values: list[Any]) -> Array:
    if column.type in ("number", "integer", "boolean"):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    if column.type == "date":
        return np.array(values, dtype="datetime64[D]")
    if column.type == "time":
        return np.array([value and value.replace(tzinfo=None) for value in values], dtype="datetime64[s]")
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _encoded(values: Array, codes: dict[str, int]) -> Array:
    return np.array([codes.get(value, np.nan) for value in values], dtype=np.float64)


def _bounds(column: Input, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """The range's ends as the column's own type; a time is written with Z, which NumPy does not read."""
    ends = [end.removesuffix("Z") if isinstance(end, str) else end for end in (column.low, column.high)]
    low, high = np.array(ends).astype(dtype)
    return low, high


def _shown(value: Any) -> str:
    return str(value).removesuffix(".0")
