"""What each feature is worth to the candidate: how much worse it scores when the feature's values are shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.inspection import permutation_importance

COLUMNS = ["column", "value", "low", "high"]
Fit = tuple[Any, pd.DataFrame, npt.NDArray[Any]]
"""A fitted pipeline, and rows it was not fitted on with their labels."""


def measure_importance(fits: Sequence[Fit], scoring: str, size: int, repeats: int, seed: int) -> list[dict[str, Any]]:
    """Return the drop in the score when one feature is shuffled among some rows (`size` at most for each fit): the
    mean, least and most over the repeats, the largest first. Of several fits of one recipe it is the mean drop, by
    their rows.

    Nothing where no fit's rows define the score (an AUC of one class, R² of one row).
    """
    found, rows = [], []
    for model, frame, labels in fits:
        random = np.random.default_rng(seed)
        chosen = np.sort(random.choice(len(frame), size=min(size, len(frame)), replace=False))
        if len(np.unique(labels[chosen])) < 2 and scoring != "accuracy":
            continue
        matrix = model["encode"].transform(frame.iloc[chosen])
        drops = permutation_importance(
            model["model"], matrix, labels[chosen], scoring=scoring, n_repeats=repeats, random_state=seed
        )
        found.append(drops.importances)
        rows.append(len(chosen))
    if not found:
        return []
    mean = np.average(found, axis=0, weights=rows)
    table = [
        {"column": str(name), "value": float(drops.mean()), "low": float(drops.min()), "high": float(drops.max())}
        for name, drops in zip(fits[0][0]["encode"].get_feature_names_out(), mean, strict=True)
    ]
    return sorted(table, key=lambda row: (-row["value"], row["column"]))
