"""Features that alone tell the target almost perfectly: more often a leak than luck."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

GROUPS = 255
SUSPICIOUS = 0.99
"""An AUC that no honest single column of a hard question reaches."""

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]


def suspects(names: Sequence[str], train: tuple[Matrix, Labels], other: tuple[Matrix, Labels]) -> dict[str, float]:
    """Each column whose groups of values, by their positive rate in the train rows, rank the other rows with an AUC of
    at least `SUSPICIOUS`. Matrices are rows × names; a category is its code, a missing value NaN.
    """
    found = {}
    for place, name in enumerate(names):
        known = train[0][~np.isnan(train[0][:, place]), place]
        quantiles = np.quantile(known, np.linspace(0, 1, GROUPS)) if len(known) else known
        edges = np.append(np.unique(quantiles), np.inf)
        group, asked = (np.searchsorted(edges, matrix[:, place]) for matrix, _ in (train, other))
        size = len(edges) + 1  # NaN sorts behind infinity, so that missing is a group of its own
        count = np.bincount(group, minlength=size)
        rate = np.bincount(group, weights=train[1], minlength=size) / np.maximum(count, 1)
        reached = float(roc_auc_score(other[1], np.where(count > 0, rate, train[1].mean())[asked]))
        if reached >= SUSPICIOUS:
            found[name] = reached
    return found
