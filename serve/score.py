"""Rows become predictions: columns, the same derivations as in training, the model's matrix, a label, warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from serve.decode import Row
from serve.model import Input, Model
from serve.unseen import Unseen
from stages.encode import matrix

Array = npt.NDArray[Any]


class Scorer:
    """Answers rows with one model."""

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        self._model = model
        self._manifest = manifest
        self._positive = manifest.target.positive
        self._negative = next(name for name in manifest.target.classes if name != self._positive)
        self._columns = [(column.name, column.codes) for column in manifest.features.columns]
        self._unseen = Unseen(manifest)

    def predictions(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """One answer a row, in the same order: label, probability of each class, warnings."""
        if not rows:
            return []
        given = columns(self._manifest.inputs, rows)
        x = matrix(given, self._manifest.features.steps, self._columns)
        chances = self._model.probabilities(x).tolist()
        return [self._answer(chance, row) for chance, row in zip(chances, rows, strict=True)]

    def _answer(self, chance: float, row: Row) -> dict[str, Any]:
        classes = self._manifest.target.classes
        return {
            "prediction": self._positive if chance >= self._manifest.threshold else self._negative,
            "probabilities": {name: chance if name == self._positive else 1 - chance for name in classes},
            "warnings": self._unseen.of(row),
        }


def columns(inputs: Sequence[Input], rows: Sequence[Row]) -> dict[str, Array]:
    """The rows as one array an input, of the types `stages.derive` takes."""
    return {column.name: _array(column, values) for column, values in zip(inputs, zip(*rows, strict=True), strict=True)}


def _array(column: Input, values: Sequence[Any]) -> Array:
    if column.type in ("number", "integer", "boolean"):
        return np.array(values, dtype=np.float64)  # None becomes NaN
    if column.type == "date":
        return np.array(values, dtype="datetime64[D]")
    if column.type == "time":
        return np.array([value and value.replace(tzinfo=None) for value in values], dtype="datetime64[s]")
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made
