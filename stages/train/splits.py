"""Which rows an estimator is fitted on and which it is validated on: train and validation rows, or folds of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.compose import ColumnTransformer

from stages.core.errors import DataError
from stages.model.fitting import Labels
from stages.model.folds import deal_folds, number_classes
from stages.model.params import Train
from stages.table.schema import Task
from stages.train.boosting import Rows, Split

FEATURES = "data/features.csv"
LARGEST = 1e18
"""The square of a larger target has no place in single precision, in which boosting sums."""

Positions = npt.NDArray[np.int64]
Encoder = Callable[[pd.DataFrame], ColumnTransformer]
"""Fits what makes a matrix of a frame of features."""


def split_rows(part: npt.NDArray[Any], y_true: Labels, section: Train, task: Task) -> list[tuple[Positions, Positions]]:
    """Return the positions of the rows to fit on and to validate on: the train and validation rows, or each fold of
    both and the others.

    Raises DataError where a side has no rows, or not the classes it needs, or a value is too large to be squared.
    """
    if task == "regression" and np.abs(y_true).max(initial=0) > LARGEST:
        raise DataError(f"the target of {FEATURES} has values beyond ±{LARGEST:g}. Give it in a larger unit.")
    train, validation = np.flatnonzero(part == "train"), np.flatnonzero(part == "validation")
    both = np.sort(np.concatenate([train, validation]))
    if not section.folds:
        _check("train", y_true[train], task, need=2)
        _check("validation", y_true[validation], task, need=2 if task == "binary" else 1)
        return [(train, validation)]
    _check("train", y_true[both if section.refit else train], task, need=2)
    if len(both) < 2:
        raise DataError(f"{FEATURES} has one row outside the hold-out, too few to judge by. Give more rows.")
    fold = deal_folds(number_classes(y_true[both]), min(section.folds, len(both)), section.seed)
    positions = [(both[fold != number], both[fold == number]) for number in range(fold.max() + 1)]
    if task != "regression" and min(len(np.unique(y_true[rows])) for rows, _ in positions) < 2:
        raise DataError(
            f"{FEATURES} has too few rows of a class for train.folds: {section.folds} (params.yaml): without one fold "
            "there is one class left. Give more rows of it."
        )
    return positions


def encode_splits(
    frame: pd.DataFrame,
    y_true: Labels,
    positions: list[tuple[Positions, Positions]],
    fit_encoder: Encoder,
    task: Task,
    classes: int,
) -> list[Split]:
    """Return both sides of each split as matrices, encoded by what the rows to fit on hold."""
    splits = []
    for train, validation in positions:
        encoder = fit_encoder(frame.iloc[train])
        fit_on, check_on = (Rows(encoder.transform(frame.iloc[rows]), y_true[rows]) for rows in (train, validation))
        splits.append(Split(fit_on, check_on, task, classes))
    return splits


def _check(name: str, y_true: Labels, task: Task, need: int) -> None:
    if not len(y_true):
        raise DataError(f"{FEATURES} has no {name} rows. Move the split's borders.")
    if task != "regression" and len(np.unique(y_true)) < need:
        raise DataError(f"the {name} rows of {FEATURES} are of one class or none. Move the split's borders.")
