"""Folds of rows, dealt out evenly: for choosing an estimator, and for scoring one where a hold-out is too small."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from stages.core.errors import DataError

Counts = npt.NDArray[np.integer[Any]]


def deal_folds(classes: Counts, number: int, seed: int | tuple[int, int], groups: Counts | None = None) -> Counts:
    """Return each row's fold (0 to `number` − 1): about equal in size, each class's rows dealt out evenly, and rows of
    one number of `groups` (from 0) in one fold. The seed decides: the same rows in the same order have the same folds.

    classes: each row's class number, the same for all where there are none. Raises DataError where there are fewer
    rows, or fewer groups, than folds.
    """
    random = np.random.default_rng(seed)
    size = len(classes) if groups is None else int(groups.max()) + 1
    if size < number:
        what = "rows" if groups is None else "groups of rows that belong together"
        raise DataError(
            f"{size} {what} cannot make {number} folds. Set evaluate.folds in params.yaml to {size} or less."
        )
    if groups is not None:
        return _deal_groups(classes, groups, number, random)
    order = random.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    fold = np.empty(len(classes), dtype=np.int64)
    fold[order] = np.arange(len(classes)) % number
    return fold


def number_classes(y_true: npt.NDArray[Any]) -> Counts:
    """Return each label's class number; the same for all where the target is a number."""
    return np.zeros(len(y_true), dtype=np.int64) if y_true.dtype.kind == "f" else y_true.astype(np.int64)


def _deal_groups(classes: Counts, groups: Counts, number: int, random: np.random.Generator) -> Counts:
    """Deal whole groups of rows, the largest first, each into the fold that has least of what the group holds.

    What a group holds is its share of each class's rows, so that a rare class weighs as much as a frequent one, and its
    share of all rows.
    """
    held = np.zeros((int(groups.max()) + 1, int(classes.max()) + 2))
    np.add.at(held, (groups, classes), 1)
    held[:, -1] = held.sum(axis=1)
    order = random.permutation(len(held))
    order = order[np.argsort(-held[order, -1], kind="stable")]
    share = held / np.maximum(held.sum(axis=0), 1)
    sums, fold = np.zeros((number, held.shape[1])), np.empty(len(held), dtype=np.int64)
    for group in order:
        fold[group] = np.argmin(sums @ share[group])
        sums[fold[group]] += share[group]
    return fold[groups]
