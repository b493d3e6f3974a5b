"""What each feature is worth to the candidate: how much worse it scores when the feature's values are shuffled."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.inspection import permutation_importance

COLUMNS = ["column", "value", "low", "high"]


def importance(
    model: Any, rows: pd.DataFrame, labels: npt.NDArray[Any], scoring: str, size: int, repeats: int, seed: int
) -> list[dict[str, Any]]:
    """Drop in the score when one feature is shuffled among some rows (`size` at most): the mean, least and most over
    the repeats, the largest first. Nothing where the rows do not define the score (an AUC of one class).
    """
    random = np.random.default_rng(seed)
    chosen = np.sort(random.choice(len(rows), size=min(size, len(rows)), replace=False))
    if scoring == "roc_auc" and len(np.unique(labels[chosen])) < 2:
        return []
    encode, fitted = model["encode"], model["model"]
    found = permutation_importance(
        fitted,
        encode.transform(rows.iloc[chosen]),
        labels[chosen],
        scoring=scoring,
        n_repeats=repeats,
        random_state=seed,
    )
    table = [
        {"column": str(name), "value": float(drops.mean()), "low": float(drops.min()), "high": float(drops.max())}
        for name, drops in zip(encode.get_feature_names_out(), found.importances, strict=True)
    ]
    return sorted(table, key=lambda row: (-row["value"], row["column"]))
