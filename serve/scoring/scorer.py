"""Rows become answers: the same derivations as in training, the model's matrix, its numbers, warnings."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from serve.scoring.decode import Row
from serve.scoring.errors import ApiError
from serve.scoring.formatting import sayer
from serve.scoring.input_warnings import Unseen
from serve.scoring.loader import Model
from stages.model.encoding import RowEncoder

Numbers = Sequence[Sequence[float]]
"""What `Model.answers` has for each row."""
NAN = math.nan
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
FIRST_DAY = EPOCH.toordinal()
SECOND = datetime.timedelta(seconds=1)


class Scorer:
    """Answers rows with one model."""

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        names = [column.name for column in manifest.inputs]
        columns = [(column.name, column.codes) for column in manifest.features.columns]
        self._model = model
        self._converted = [
            (place, CONVERTED[column.type]) for place, column in enumerate(manifest.inputs) if column.type in CONVERTED
        ]
        self._encode = RowEncoder(names, manifest.features.steps, columns).encode
        self._say = sayer(manifest)
        self._unseen = Unseen(manifest)

    def scored(self, rows: Sequence[Row]) -> tuple[Numbers, list[dict[str, Any]]]:
        """The model's numbers and the answer for each row, in the same order: prediction, what the task has beside it,
        warnings.

        Raises ApiError for a row whose values are so large that the model has no finite number for it.
        """
        if not rows:
            return [], []
        encoded = [self.encoded(row) for row in rows]
        numbers = self._model.answer(encoded[0]) if len(rows) == 1 else self._model.answers(np.array(encoded)).tolist()
        if not math.isfinite(sum(map(sum, numbers))):
            _check_finite(numbers)
        say, unseen = self._say, self._unseen.of
        said = []
        for given, row in zip(numbers, rows, strict=True):
            answer = say(given)
            answer["warnings"] = unseen(row)
            said.append(answer)
        return numbers, said

    def predictions(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The answers alone."""
        return self.scored(rows)[1]

    def encoded(self, row: Row) -> tuple[float, ...]:
        """The row of the model's matrix."""
        values = list(row)
        for place, convert in self._converted:
            value = values[place]
            values[place] = NAN if value is None else convert(value)
        return self._encode(values)


def _day(value: datetime.date) -> float:
    return (value.toordinal() - FIRST_DAY) * 86_400.0


def _moment(value: datetime.datetime) -> float:
    return float((value - EPOCH) // SECOND)


CONVERTED: dict[str, Callable[[Any], float]] = {
    "number": float,
    "integer": float,
    "boolean": float,
    "date": _day,
    "time": _moment,
}
"""How a value becomes the number `stages.model.encoding` takes; a category stays as it is."""


def _check_finite(numbers: Numbers) -> None:
    for index, said in enumerate(numbers):
        if not all(map(math.isfinite, said)):
            raise ApiError(400, "holds values too large for the model, which has no finite answer for it", row=index)
