"""From typed columns to the matrix a saved model scores, by the feature definition its manifest carries.

The same function for the champion in `evaluate`, for the proof of parity in `save`, and for a request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.derive import Array, Step, derive

Codes = Mapping[str, int] | None
"""A category's code for each of its values; None for a number."""


def matrix(
    inputs: Mapping[str, Array], steps: Sequence[Step], columns: Sequence[tuple[str, Codes]]
) -> npt.NDArray[np.float64]:
    """A float64 matrix, rows × columns, of the inputs (arrays as stages/derive.py describes them).

    A number is itself; a category is its code, and NaN where it is missing or was not seen in training.
    """
    with np.errstate(all="ignore"):  # a request may hold any finite number
        known = {**inputs, **derive(inputs, steps)}
    made = np.empty((len(next(iter(inputs.values()))), len(columns)))
    for place, (name, codes) in enumerate(columns):
        values = known[name]
        made[:, place] = values if codes is None else [codes.get(value, np.nan) for value in values.tolist()]
    return made


def columns_of(features: Mapping[str, Any]) -> list[tuple[str, Codes]]:
    """The columns as a manifest's `features` lists them."""
    return [(column["name"], column.get("codes")) for column in features["columns"]]
