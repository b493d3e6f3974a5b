"""From typed columns to the matrix a saved model scores, by the feature definition its manifest carries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.derive import derive

Array = npt.NDArray[Any]


def matrix(inputs: Mapping[str, Array], features: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """A float64 matrix, rows × `features["columns"]`, of the inputs (arrays as stages/derive.py describes them).

    A number is itself; a category is its code, and NaN where it is missing or was not seen in training.
    """
    columns = {**inputs, **derive(inputs, features["derive"])}
    made = [_encoded(columns[feature["name"]], feature) for feature in features["columns"]]
    return np.column_stack(made).astype(np.float64, copy=False)


def _encoded(column: Array, feature: Mapping[str, Any]) -> Array:
    if feature["type"] != "category":
        return column
    code = feature["codes"].get
    return np.fromiter((code(value, np.nan) for value in column), dtype=np.float64, count=len(column))
