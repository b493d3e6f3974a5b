"""Rows become answers: columns, the same derivations as in training, the model's matrix, its numbers, warnings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from serve.decode import Row
from serve.model import Input, Model
from serve.refusal import Refusal
from serve.say import sayer
from serve.unseen import Unseen
from stages.encode import matrix

Array = npt.NDArray[Any]


class Scorer:
    """Answers rows with one model."""

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        self._model = model
        self._inputs = manifest.inputs
        self._steps = manifest.features.steps
        self._columns = [(column.name, column.codes) for column in manifest.features.columns]
        self._say = sayer(manifest)
        self._unseen = Unseen(manifest)

    def predictions(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """One answer a row, in the same order: the prediction, what the task has beside it, warnings.

        Raises Refusal for a row whose values are so large that the model has no finite number for it.
        """
        if not rows:
            return []
        x = matrix(columns(self._inputs, rows), self._steps, self._columns)
        numbers = self._model.answers(x).tolist()
        if not math.isfinite(sum(map(sum, numbers))):
            _check_finite(numbers)
        say, unseen = self._say, self._unseen.of
        return [say(said) | {"warnings": unseen(row)} for said, row in zip(numbers, rows, strict=True)]


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


def _check_finite(numbers: Sequence[Sequence[float]]) -> None:
    for index, said in enumerate(numbers):
        if not all(map(math.isfinite, said)):
            raise Refusal(400, "holds values too large for the model, which has no finite answer for it", row=index)
