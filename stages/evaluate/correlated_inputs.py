"""Inputs that move together: shuffling one of them says little, as the other still tells the model the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ["column", "other", "correlation"]
STRONG = 0.8
MOST = 30
"""Inputs compared with each other: the most important."""
ROWS = 10_000
LEAST = 30
"""Rows in which both must be known."""


def find_correlated(frame: pd.DataFrame, ranked: Sequence[str], seed: int) -> list[dict[str, Any]]:
    """Pairs of numbers whose ranks (Spearman's) correlate by 0.8 or more, up or down, the strongest first."""
    numbers = [name for name in ranked if frame[name].dtype.kind == "f" and frame[name].nunique() > 1][:MOST]
    if len(numbers) < 2:
        return []
    some = frame[numbers].sample(min(ROWS, len(frame)), random_state=seed)
    found = some.rank().corr(min_periods=LEAST).to_numpy()
    pairs = [
        {"column": one, "other": other, "correlation": float(found[first, second])}
        for (first, one), (second, other) in combinations(enumerate(numbers), 2)
        if np.isfinite(found[first, second]) and abs(found[first, second]) >= STRONG
    ]
    return sorted(pairs, key=lambda pair: (-abs(pair["correlation"]), pair["column"], pair["other"]))
