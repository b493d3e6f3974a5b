"""Rows become answers: the same derivations as in training, the model's matrix, its numbers, warnings."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from serve.scoring.decode import Row
from serve.scoring.errors import ApiError
from serve.scoring.formatting import make_formatter
from serve.scoring.input_warnings import InputChecker
from serve.scoring.loader import Model
from stages.model.encoding import RowEncoder

Outputs = Sequence[Sequence[float]]
"""The model's outputs, of shape (n_rows, n_outputs)."""
NAN = math.nan
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
FIRST_DAY = EPOCH.toordinal()
SECOND = datetime.timedelta(seconds=1)


class Scorer:
    """Answers rows with one model."""

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        names = [column.name for column in manifest.inputs]
        self._model = model
        self._converters = [
            (place, CONVERTERS[column.type])
            for place, column in enumerate(manifest.inputs)
            if column.type in CONVERTERS
        ]
        self._encode = RowEncoder(names, manifest.features).encode
        self._format = make_formatter(manifest)
        self._checker = InputChecker(manifest)

    def score_rows(self, rows: Sequence[Row]) -> tuple[Outputs, list[dict[str, Any]]]:
        """Return the outputs [n_rows, n_outputs], and for each row prediction, what the task has beside it, warnings.

        Raises ApiError 400 for a row whose values are so large that the model has no finite number for it.
        """
        if not rows:
            return [], []
        encoded = [self.encoded(row) for row in rows]
        outputs = self._model.answer(encoded[0]) if len(rows) == 1 else self._model.answers(np.array(encoded)).tolist()
        if not math.isfinite(sum(map(sum, outputs))):
            _check_finite(outputs)
        format_outputs, find_warnings = self._format, self._checker.find_warnings
        answers = []
        for output, row in zip(outputs, rows, strict=True):
            answer = format_outputs(output)
            answer["warnings"] = find_warnings(row)
            answers.append(answer)
        return outputs, answers

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return the answers alone."""
        return self.score_rows(rows)[1]

    def encoded(self, row: Row) -> tuple[float, ...]:
        """Return the row of the model's matrix, of shape (n_features,)."""
        values = list(row)
        for place, convert in self._converters:
            value = values[place]
            values[place] = NAN if value is None else convert(value)
        return self._encode(values)


def _to_day_seconds(value: datetime.date) -> float:
    return (value.toordinal() - FIRST_DAY) * 86_400.0


def _to_seconds(value: datetime.datetime) -> float:
    return float((value - EPOCH) // SECOND)


CONVERTERS: dict[str, Callable[[Any], float]] = {
    "number": float,
    "integer": float,
    "boolean": float,
    "date": _to_day_seconds,
    "time": _to_seconds,
}
"""How a value becomes the number `stages.model.encoding` takes; a category stays as it is."""


def _check_finite(outputs: Outputs) -> None:
    for index, output in enumerate(outputs):
        if not all(map(math.isfinite, output)):
            raise ApiError(400, "holds values too large for the model, which has no finite answer for it", row=index)
