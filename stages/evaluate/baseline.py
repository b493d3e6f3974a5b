"""The rule without a model that every candidate must beat: what is usual among rows alike in one or two columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.integer[Any]]

FEW = 30
"""Values of a number up to which rows are alike by the value itself."""


def predict_rates(train: pd.DataFrame, labels: npt.NDArray[np.bool_], rows: pd.DataFrame, keys: list[str]) -> Floats:
    """Return for each of `rows` the positive rate of the train rows with its values of the keys (missing is a value).

    Values that no train row has together get the rate of all train rows, and without keys every row does.
    """
    known, asked = number_alike(train, rows, keys)
    size = max(known.max(), asked.max()) + 1
    count, positive = np.bincount(known, minlength=size), np.bincount(known, weights=labels, minlength=size)
    found = np.divide(positive, count, out=np.full(size, float(labels.mean())), where=count > 0)
    return np.asarray(found[asked], dtype=np.float64)


def predict_shares(train: pd.DataFrame, classes: Numbers, size: int, rows: pd.DataFrame, keys: list[str]) -> Floats:
    """Return for each of `rows` the share of each class (rows × `size`) among the train rows with its values of
    the keys.

    The train rows alike are counted with one more row, which is as all train rows together: so a class that no row
    alike has is unlikely, but not impossible.
    """
    known, asked = number_alike(train, rows, keys)
    number = max(known.max(), asked.max()) + 1
    overall = np.bincount(classes, minlength=size) / len(classes)
    counts = np.bincount(known * size + classes, minlength=number * size).reshape(number, size)
    found = (counts + overall) / (counts.sum(axis=1, keepdims=True) + 1)
    return np.asarray(found[asked], dtype=np.float64)


def predict_medians(train: pd.DataFrame, values: Floats, rows: pd.DataFrame, keys: list[str]) -> Floats:
    """Return for each of `rows` the median of the train rows with its values of the keys; of all of them
    where there are none, and without keys.
    """
    known, asked = number_alike(train, rows, keys)
    found = pd.Series(values).groupby(known).median()
    usual = found.reindex(asked).fillna(float(np.median(values)))
    return np.asarray(usual, dtype=np.float64)


def number_alike(train: pd.DataFrame, rows: pd.DataFrame, keys: list[str]) -> tuple[Numbers, Numbers]:
    """Return a number for each train row and for each of `rows`: equal where all keys are alike, and without keys."""
    if not keys:
        return np.zeros(len(train), dtype=np.int64), np.zeros(len(rows), dtype=np.int64)
    both = pd.concat([train[keys], rows[keys]], ignore_index=True)
    for key in list_tenths(both, keys):
        edges = np.unique(train[key].quantile(np.linspace(0.1, 0.9, 9)))
        places = pd.Series(np.searchsorted(edges, both[key], side="right"))
        both[key] = places.where(both[key].notna(), -1)
    both = both.set_axis(range(len(keys)), axis=1)
    numbers: npt.NDArray[Any] = both.groupby(list(both.columns), dropna=False, sort=False).ngroup().to_numpy()
    return numbers[: len(train)].astype(np.int64), numbers[len(train) :].astype(np.int64)


def list_tenths(both: pd.DataFrame, keys: list[str]) -> list[str]:
    """Return the keys by which rows are alike that lie in one tenth of the train rows: numbers that have many values in
    the train rows and those asked for.
    """
    return [key for key in keys if both[key].dtype.kind == "f" and both[key].nunique() > FEW]
