"""Which rows an estimator is fitted on and which it is judged by: train and validation rows, or folds of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer

from stages.core.errors import DataError
from stages.model.estimators import Labels, Train
from stages.train.boosting import Pair, Rows

FEATURES = "data/features.csv"
LARGEST = 1e18
"""The square of a larger target has no place in single precision, in which boosting sums."""

Where = npt.NDArray[np.int64]
Encoder = Callable[[pd.DataFrame], ColumnTransformer]
"""Fits what makes a matrix of a frame of features."""


def folds(labels: Labels, count: int, seed: int, task: str) -> Where:
    """Each row's fold: as many rows in each, and as many of each class, as can be."""
    order = np.random.default_rng(seed).permutation(len(labels))
    if task != "regression":
        order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), dtype=np.int64)
    fold[order] = np.arange(len(labels)) % count
    return fold


def splits(part: npt.NDArray[Any], labels: Labels, section: Train, task: str) -> list[tuple[Where, Where]]:
    """The rows to fit on and those to judge by: the train and validation rows, or each fold of both and the others.

    Raises DataError where a side has no rows, or not the classes it needs, or a value is too large to be squared.
    """
    if task == "regression" and np.abs(labels).max(initial=0) > LARGEST:
        raise DataError(f"the target of {FEATURES} has values beyond ±{LARGEST:g}. Give it in a larger unit.")
    train, validation = np.flatnonzero(part == "train"), np.flatnonzero(part == "validation")
    both = np.sort(np.concatenate([train, validation]))
    if not section.folds:
        _check("train", labels[train], task, need=2)
        _check("validation", labels[validation], task, need=2 if task == "binary" else 1)
        return [(train, validation)]
    _check("train", labels[both if section.refit else train], task, need=2)
    if len(both) < 2:
        raise DataError(f"{FEATURES} has one row outside the hold-out, too few to judge by. Give more rows.")
    fold = folds(labels[both], min(section.folds, len(both)), section.seed, task)
    found = [(both[fold != one], both[fold == one]) for one in range(fold.max() + 1)]
    if task != "regression" and min(len(np.unique(labels[fit])) for fit, _ in found) < 2:
        raise DataError(
            f"{FEATURES} has too few rows of a class for train.folds: {section.folds} (params.yaml): without one fold "
            "there is one class left. Give more rows of it."
        )
    return found


def pairs(
    frame: pd.DataFrame,
    labels: Labels,
    where: list[tuple[Where, Where]],
    encode: Encoder,
    asked: tuple[str, int],
) -> list[Pair]:
    """Both sides of each split as matrices, encoded by what the rows to fit on hold; `asked`: task, known classes."""
    made = []
    for fit, judge in where:
        fresh = encode(frame.iloc[fit])
        sides = [Rows(fresh.transform(frame.iloc[rows]), labels[rows]) for rows in (fit, judge)]
        made.append(Pair(sides[0], sides[1], *asked))
    return made


def _check(name: str, labels: Labels, task: str, need: int) -> None:
    if not len(labels):
        raise DataError(f"{FEATURES} has no {name} rows. Move the split's borders.")
    if task != "regression" and len(np.unique(labels)) < need:
        raise DataError(f"the {name} rows of {FEATURES} are of one class or none. Move the split's borders.")
