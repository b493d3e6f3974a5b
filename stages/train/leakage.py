"""Features that alone tell the target almost perfectly: more often a leak than luck."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

GROUPS = 255
SUSPICIOUS = {"binary": 0.99, "multiclass": 0.99, "regression": 0.999}
"""An AUC (of the class a column tells worst), or a share of the variance, that no honest column has."""
LARGEST = 1e100
"""Beyond it a number has no square."""
FEWEST = 30
"""Rows to judge by without which nothing is said: a few are told apart by chance."""

Matrix = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]


def find_leaks(
    names: Sequence[str], train: tuple[Matrix, Labels], other: tuple[Matrix, Labels], task: str = "binary"
) -> dict[str, float]:
    """Each column whose groups of values, by their mean target in the train rows, tell the target of the other rows.

    Matrices are rows × names; a category is its code, a missing value NaN. What a column reaches is an AUC (for more
    than two classes the mean of each against the rest), for regression the share of the variance (R²).
    """
    truth = [
        side[1][:, None] if task != "multiclass" else side[1][:, None] == np.unique(train[1]) for side in (train, other)
    ]
    shown = [] if len(other[1]) < FEWEST else list(enumerate(names))
    found = {}
    for place, name in shown:
        values, asked = train[0][:, place], other[0][:, place]
        said = _means(values, truth[0].astype(np.float64), asked)
        if task == "regression":
            reached = max(_explained(truth[1], said), _explained(truth[1], _line(values, truth[0], asked)))
        else:
            reached = max(_ranked(truth[1], said), _in_order(other[1], asked) if task == "binary" else 0.0)
        if reached >= SUSPICIOUS[task]:
            found[name] = reached
    return found


def _means(values: Matrix, truth: Matrix, asked: Matrix) -> Matrix:
    """The mean target of the group that each asked value falls into."""
    known = values[~np.isnan(values)]
    quantiles = np.quantile(known, np.linspace(0, 1, GROUPS)) if len(known) else known
    edges = np.append(np.unique(quantiles), np.inf)
    size = len(edges) + 1  # NaN sorts behind infinity, so that missing is a group of its own
    group, wanted = np.searchsorted(edges, values), np.searchsorted(edges, asked)
    count = np.bincount(group, minlength=size)
    sums = np.stack([np.bincount(group, weights=column, minlength=size) for column in truth.T], axis=1)
    means = np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], truth.mean(axis=0))
    return np.asarray(means[wanted])


def _line(values: Matrix, truth: Matrix, asked: Matrix) -> Matrix:
    """The value of a straight line through the train rows (the mean where a column is missing or does not vary)."""
    values, asked = np.clip(values, -LARGEST, LARGEST), np.clip(asked, -LARGEST, LARGEST)
    known = ~np.isnan(values)
    shift, mean = (values[known].mean(), truth[known].mean()) if known.any() else (0.0, truth.mean())
    spread = float(np.square(values[known] - shift).sum())
    slope = float((values[known] - shift) @ (truth[known, 0] - mean)) / spread if 0 < spread < np.inf else 0.0
    return np.asarray(np.where(np.isnan(asked), mean, mean + slope * (asked - shift)))[:, None]


def _ranked(truth: Labels, said: Matrix) -> float:
    """The lowest AUC of the classes that the rows both have and lack."""
    split = [column for column in range(truth.shape[1]) if 0 < truth[:, column].mean() < 1]
    return min((float(roc_auc_score(truth[:, column], said[:, column])) for column in split), default=0.0)


def _in_order(truth: Labels, asked: Matrix) -> float:
    """The AUC of the values themselves, up or down: of few rows many fall into no group of the train rows."""
    known = ~np.isnan(asked)
    if not known.all() or not 0 < truth.mean() < 1:
        return 0.0
    reached = float(roc_auc_score(truth, asked))
    return max(reached, 1 - reached)


def _explained(truth: Labels, said: Matrix) -> float:
    """The share of the variance that the means explain."""
    with np.errstate(over="ignore", invalid="ignore"):
        spread, left = float(np.square(truth - truth.mean()).sum()), float(np.square(truth - said).sum())
    return 1 - left / spread if 0 < spread < np.inf else 0.0
