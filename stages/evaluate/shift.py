"""How much the hold-out's inputs differ from those trained on: the population stability index of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from stages.model.psi import psi

COLUMNS = ["column", "psi", "chance", "missing", "missing_test"]
BINS = 10
MOST = 12
"""Categories that are counted one by one; the others together."""
SURE = 0.99
Counts = npt.NDArray[np.float64]


def tabulate_shift(train: pd.DataFrame, test: pd.DataFrame) -> list[dict[str, Any]]:
    """One row for each column, the most shifted first: its index, what chance alone stays below in 99 of 100 cases, and
    the share of missing values in either part.
    """
    table = [_row(name, train[name], test[name]) for name in train.columns] if len(train) and len(test) else []
    return sorted(table, key=lambda row: (-row["psi"], row["column"]))


def explain_by_chance(before: Counts, after: Counts) -> float:
    """Return the index's 99th percentile were both of one population (Yurdakul and Naranjo, 2020)."""
    return float(chi2.ppf(SURE, max(1, len(before) - 1)) * (1 / before.sum() + 1 / after.sum()))


def _row(name: str, before: pd.Series[Any], after: pd.Series[Any]) -> dict[str, Any]:
    count = _numbers if before.dtype.kind == "f" else _categories
    counts = count(before, after)
    missing = {"missing": float(before.isna().mean()), "missing_test": float(after.isna().mean())}
    return {"column": name, "psi": psi(*counts), "chance": explain_by_chance(*counts), **missing}


def _numbers(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Counts, Counts]:
    """Rows in ten bins of about as many rows of `before`, and those without a value."""
    known = before.dropna().to_numpy()
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.array([])

    def counted(column: pd.Series[Any]) -> Counts:
        place = np.searchsorted(edges, column.dropna().to_numpy(), side="right")
        counts = np.bincount(place, minlength=len(edges) + 1).tolist()
        return np.array([*counts, column.isna().sum()], dtype=np.float64)

    return _without_empty(counted(before), counted(after))


def _categories(before: pd.Series[Any], after: pd.Series[Any]) -> tuple[Counts, Counts]:
    """Rows of each frequent category of `before`, of all others, and without a value."""
    names = sorted(before.value_counts().head(MOST).index)

    def counted(column: pd.Series[Any]) -> Counts:
        each = [float((column == name).sum()) for name in names]
        missing = float(column.isna().sum())
        return np.array([*each, len(column) - sum(each) - missing, missing])

    return _without_empty(counted(before), counted(after))


def _without_empty(before: Counts, after: Counts) -> tuple[Counts, Counts]:
    some = (before + after) > 0
    return before[some], after[some]
