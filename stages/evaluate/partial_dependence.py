"""How the prediction moves with one input while all others stay as they are (partial dependence; Friedman, 2001)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.evaluate.bootstrap import Floats
from stages.evaluate.permutation_importance import Fit

COLUMNS = ["column", "value", "share", "predicted"]
"""The columns of dependence.csv: `share` of the rows have the value or a smaller one."""
ADJUSTED = ["column", "value", "rows", "observed", "predicted"]
"""Those of adjusted.csv: what came among the rows with the value, and what is predicted were all rows like that."""
NUMBERS = 4
"""Inputs that are looked at: the most important that have an order."""
ROWS = 1000
"""Rows of each fit that an input is changed in."""
FEW = 12
"""Values that are all tried; of more, quantiles."""
QUANTILES = np.r_[0.01, np.linspace(0.05, 0.95, 19), 0.99]
LEAST = 30
"""Rows a category must have."""
Expect = Callable[[Any, pd.DataFrame], Floats]
"""What a fitted pipeline expects of each row, as one number."""
Row = dict[str, Any]


def tabulate_dependence(fits: Sequence[Fit], ranked: Sequence[str], expect: Expect, seed: int) -> list[Row]:
    """Return the mean prediction over some rows with one input at each of its usual values; `ranked` names the most
    important inputs first. Of several fits of one recipe it is the mean, by their rows.
    """
    frame = pd.concat([rows for _, rows, _ in fits])
    numbers = [name for name in ranked if frame[name].dtype.kind == "f" and frame[name].nunique() > 1]
    table = []
    for name in numbers[:NUMBERS]:
        values = _grid(frame[name].dropna().to_numpy())
        ordered = np.sort(frame[name].dropna().to_numpy())
        shares = np.searchsorted(ordered, values, side="right") / len(ordered)
        means = _means(fits, name, values, expect, seed)
        table += [
            {"column": name, "value": float(value), "share": float(share), "predicted": float(mean)}
            for value, share, mean in zip(values, shares, means, strict=True)
        ]
    return table


def tabulate_adjusted(
    fits: Sequence[Fit], ranked: Sequence[str], observed: Floats, expect: Expect, seed: int
) -> list[Row]:
    """Return the most important category's most frequent values: what came with each, and what would be predicted if
    every row had it, all else equal. `observed` is a number for each row of the fits, one fit after the other.
    """
    frame = pd.concat([rows for _, rows, _ in fits])
    for name in ranked:
        if frame[name].dtype.kind == "f":
            continue
        counts = frame[name].value_counts()
        counts = counts[counts >= LEAST].head(FEW)
        if len(counts) < 2:
            continue
        values = sorted(counts.index, key=lambda value: (-counts[value], value))
        means = _means(fits, name, np.array(values, dtype=object), expect, seed)
        column = frame[name].to_numpy(dtype=object)
        return [
            {
                "column": name,
                "value": value,
                "rows": int(counts[value]),
                "observed": float(observed[column == value].mean()),
                "predicted": float(mean),
            }
            for value, mean in zip(values, means, strict=True)
        ]
    return []


def _grid(values: Floats) -> Floats:
    """Every value of few, else those at QUANTILES."""
    own = np.unique(values)
    return own if len(own) <= FEW else np.unique(np.quantile(values, QUANTILES, method="inverted_cdf"))


def _means(fits: Sequence[Fit], name: str, values: npt.NDArray[Any], expect: Expect, seed: int) -> Floats:
    """The mean prediction with the column at each of the values."""
    found, weights = [], []
    for model, frame, _ in fits:
        chosen = np.random.default_rng(seed).choice(len(frame), size=min(ROWS, len(frame)), replace=False)
        some = frame.iloc[np.sort(chosen)]
        repeated = some.iloc[np.tile(np.arange(len(some)), len(values))].copy()
        repeated[name] = pd.Series(np.repeat(values, len(some)), index=repeated.index).astype(frame[name].dtype)
        found.append(expect(model, repeated).reshape(len(values), len(some)).mean(axis=1))
        weights.append(len(some))
    mean: Floats = np.average(found, axis=0, weights=weights)
    return mean
