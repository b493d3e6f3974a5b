"""The part `page` of the manifest: what a page must know of the training rows to ask for one and explain its answer.

Inputs come in the order of their importance, each with eleven evenly spaced quantiles (the first and the last bound the
usual range, the middle one is typical) or with its commonest values and their shares. An answer is explained by rows
made of these, each input's for itself, so that no row of the table is shown to anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from stages.contracts.manifest import InputProfile, TrainingProfile, Usual
from stages.table.schema import Column, Schema
from stages.transform.derivations import Derivation

QUANTILES = np.linspace(0.05, 0.95, 11)
COMMONEST = 12
DIGITS = 6
"""Decimals of shares. Values are kept as they were seen, however small."""
FORMS = {"date": "%Y-%m-%d", "time": "%Y-%m-%dT%H:%M:%SZ"}


def profile_inputs(
    columns: Schema, train: pd.DataFrame, derive: Sequence[Derivation], importance: Mapping[str, float]
) -> TrainingProfile:
    """Return the part, of the clean rows the model was fitted on; `importance` is each feature's."""
    inputs = sorted(columns.inputs, key=lambda column: -_rate_input(column.name, derive, importance))
    return TrainingProfile(
        len(train),
        profile_target(columns, train[columns.target.name]),
        [_profile(column, train[column.name]) for column in inputs],
    )


def profile_target(columns: Schema, target: pd.Series[Any]) -> Usual:
    """Return what is to be expected of a row that nothing is known of: each class's share, or quantiles and mean."""
    if columns.task == "regression":
        known = target.dropna()
        return Usual(quantiles=_take_quantiles(known), mean=float(known.mean()))
    shares = target.astype("str").value_counts(normalize=True)
    return Usual({label: round(float(shares.get(label, 0.0)), DIGITS) for label in columns.target.classes})


def _rate_input(name: str, derive: Sequence[Derivation], importance: Mapping[str, float]) -> float:
    """An input is worth what the best of the features made of it is."""
    features = [derivation.name for derivation in derive if name in derivation.of]
    return max([importance.get(name, float("-inf")), *(_rate_input(name, derive, importance) for name in features)])


def _profile(column: Column, values: pd.Series[Any]) -> InputProfile:
    present = values.dropna()
    missing = round(1 - len(present) / len(values), DIGITS)
    if not len(present) or column.type == "text":
        return InputProfile(column.name, missing)
    if column.type in ("number", "integer"):
        return InputProfile(column.name, missing, _take_quantiles(present))
    if column.type in FORMS:
        quantiles = present.sort_values().iloc[_places(len(present))].dt.strftime(FORMS[column.type]).tolist()
        return InputProfile(column.name, missing, quantiles)
    counts = present.value_counts()
    table = sorted(zip(counts.index.tolist(), counts.tolist(), strict=True), key=lambda pair: (-pair[1], str(pair[0])))
    shares = [(value, round(count / len(present), DIGITS)) for value, count in table[:COMMONEST]]
    return InputProfile(column.name, missing, shares=shares)


def _take_quantiles(values: pd.Series[Any]) -> list[float]:
    """Return values that were seen, so that a whole number stays one."""
    quantiles: list[float] = np.sort(values.to_numpy(dtype=np.float64))[_places(len(values))].tolist()
    return quantiles


def _places(count: int) -> Any:
    return np.rint(QUANTILES * (count - 1)).astype(np.int64)
