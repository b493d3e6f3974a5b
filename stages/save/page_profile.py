"""The part `page` of the manifest: what a page must know of the training rows to ask for one and explain its answer.

Inputs come in the order of their importance, each with eleven evenly spaced quantiles (the first and the last bound the
usual range, the middle one is typical) or with its commonest values and their shares. One input is exchanged at a time
to explain an answer, so its own distribution is all that is needed, and no row of the table is shown to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stages.table.schema import Column, Schema
from stages.transform.derivations import Step

QUANTILES = np.linspace(0.05, 0.95, 11)
COMMONEST = 12
DIGITS = 6
"""Decimals of shares. Values are kept as they were seen, however small."""
FORMS = {"date": "%Y-%m-%d", "time": "%Y-%m-%dT%H:%M:%SZ"}


def page(columns: Schema, train: pd.DataFrame, steps: Sequence[Step], worth: Mapping[str, float]) -> dict[str, Any]:
    """The part, of the clean rows the model was fitted on; `worth` is each feature's importance."""
    inputs = sorted(columns.inputs, key=lambda column: -_worth(column.name, steps, worth))
    return {
        "rows": len(train),
        "usual": usual(columns, train[columns.target.name]),
        "inputs": [_input(column, train[column.name]) for column in inputs],
    }


def usual(columns: Schema, target: pd.Series[Any]) -> dict[str, Any]:
    """What is to be expected of a row that nothing is known of: each class's share, or the target's quantiles."""
    if columns.task == "regression":
        return {"quantiles": _quantiles(target.dropna())}
    shares = target.astype("str").value_counts(normalize=True)
    return {"shares": {label: round(float(shares.get(label, 0.0)), DIGITS) for label in columns.target.classes}}


def _worth(name: str, steps: Sequence[Step], worth: Mapping[str, float]) -> float:
    """An input is worth what the best of the features made of it is."""
    made = [step["name"] for step in steps if name in step["of"]]
    return max([worth.get(name, float("-inf")), *(_worth(feature, steps, worth) for feature in made)])


def _input(column: Column, values: pd.Series[Any]) -> dict[str, Any]:
    known = values.dropna()
    entry: dict[str, Any] = {"name": column.name, "missing": round(1 - len(known) / len(values), DIGITS)}
    if not len(known) or column.type == "text":
        return entry
    if column.type in ("number", "integer"):
        return entry | {"quantiles": _quantiles(known)}
    if column.type in FORMS:
        chosen = known.sort_values().iloc[_places(len(known))]
        return entry | {"quantiles": chosen.dt.strftime(FORMS[column.type]).tolist()}
    counts = known.value_counts()
    table = sorted(zip(counts.index.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], str(pair[0])))
    return entry | {"shares": [[value, round(count / len(known), DIGITS)] for value, count in table[:COMMONEST]]}


def _quantiles(values: pd.Series[Any]) -> list[float]:
    """Values that were seen, so that a whole number stays one."""
    chosen: list[float] = np.sort(values.to_numpy(dtype=np.float64))[_places(len(values))].tolist()
    return chosen


def _places(count: int) -> Any:
    return np.rint(QUANTILES * (count - 1)).astype(np.int64)
