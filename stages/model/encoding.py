"""From typed columns to the matrix a saved model scores, by the feature definition its manifest carries.

`encode_matrix` for many rows at once (the champion in `evaluate`, the proof of parity in `save`, files), `RowEncoder`
for the few of a request: both by the same derivations and codes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.contracts.manifest import Features
from stages.transform.derivations import KINDS, Array, derive, derive_value


def encode_matrix(inputs: Mapping[str, Array], features: Features) -> npt.NDArray[np.float64]:
    """A float64 matrix, rows × columns, of the inputs (arrays as stages/transform/derivations.py describes them).

    A number is itself; a category is its code, and NaN where it is missing or was not seen in training.
    """
    with np.errstate(all="ignore"):  # a request may hold any finite number
        values_of = {**inputs, **derive(inputs, features.derive)}
    x = np.empty((len(next(iter(inputs.values()))), len(features.columns)))
    for place, column in enumerate(features.columns):
        values, codes = values_of[column.name], column.codes
        x[:, place] = values if codes is None else [codes.get(value, np.nan) for value in values.tolist()]
    return x


class RowEncoder:
    """One row of that matrix at a time: for the one row of most requests arrays cost ten times as much."""

    def __init__(self, inputs: Sequence[str], features: Features) -> None:
        places = {name: place for place, name in enumerate([*inputs, *(step.name for step in features.derive)])}
        self._steps = [(KINDS[step.kind][0], [places[name] for name in step.of]) for step in features.derive]
        self._codes = [(places[name], codes) for name, codes in features.codes.items()]
        chosen = [places[column.name] for column in features.columns]
        self._chosen = itemgetter(*chosen) if len(chosen) > 1 else lambda values: (values[chosen[0]],)

    def encode(self, values: list[Any]) -> tuple[float, ...]:
        """The row of the matrix. `values`, one an input, are used up: floats with NaN for a missing one and seconds
        since 1970 for a date or a time; a category as it is, None where it is missing.
        """
        for function, of in self._steps:
            values.append(derive_value(function, [values[place] for place in of]))
        for place, codes in self._codes:
            values[place] = codes.get(values[place], math.nan)
        row: tuple[float, ...] = self._chosen(values)
        return row
