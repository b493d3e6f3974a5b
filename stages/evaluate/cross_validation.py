"""Repeated k-fold cross-validation: where a table is too small for a hold-out to say much, each row is scored by models
that were not fitted on it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from stages.core.errors import DataError, ParamsError, TrainError
from stages.evaluate.bootstrap import Counts, Floats, Labels
from stages.model.estimators import unfitted

PARTS = ("train", "validation", "test")


def folds(classes: Counts, together: Counts | None, number: int, seed: tuple[int, int]) -> Counts:
    """Each row's fold (0 to `number` − 1): about equal in size, each class's rows dealt out evenly, and rows of one
    number of `together` in one fold. The seed decides: the same rows in the same order have the same folds.

    Raises DataError where there are fewer rows, or fewer such numbers, than folds.
    """
    random = np.random.default_rng(seed)
    size = len(classes) if together is None else int(together.max()) + 1
    if size < number:
        what = "rows" if together is None else "groups of rows that belong together"
        raise DataError(
            f"{size} {what} cannot make {number} folds. Set evaluate.folds in params.yaml to {size} or less."
        )
    if together is not None:
        return _whole(classes, together, number, random)
    order = random.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    fold = np.empty(len(classes), dtype=np.int64)
    fold[order] = np.arange(len(classes)) % number
    return fold


def together(frame: pd.DataFrame, part: npt.NDArray[Any]) -> Counts | None:
    """A number for each row, equal for equal rows, where the split keeps equal rows in one part; None where it does
    not, or where no two are equal.
    """
    codes = frame.groupby(list(frame.columns), dropna=False, sort=False).ngroup().to_numpy()
    parts = pd.Series(part).groupby(codes).nunique()
    return codes if len(parts) < len(codes) and parts.max() == 1 else None


def check(clean: pd.DataFrame, part: npt.NDArray[Any], number: int) -> None:
    """Raise ParamsError where the parts follow each other in time: folds would let a model learn from later rows."""
    name = by_time(clean, part)
    if name is not None:
        raise ParamsError(
            f"params.yaml: evaluate.folds: {number}, but the split is by time: the hold-out lies after all other "
            f"rows by '{name}', and in folds a model would learn from later rows. Set evaluate.folds to 0."
        )


def by_time(clean: pd.DataFrame, part: npt.NDArray[Any]) -> str | None:
    """The column of dates by which the parts follow each other, if there is one."""
    dates = [name for name in clean.columns if clean[name].dtype.kind == "M"]
    return next((name for name in dates if _follow(clean[name], part)), None)


def fits(model: Any, frame: pd.DataFrame, labels: npt.NDArray[Any], fold: Counts) -> list[tuple[Any, Labels]]:
    """Fresh copies of the model, each fitted on the rows of all folds but one, and the rows of that one."""
    return [(fitted(model, frame[rest], labels[rest]), judge) for rest, judge in sides(fold)]


def in_order(made: Sequence[tuple[Labels, Floats]]) -> Floats:
    """Answers to some of the rows each, together and in the order of the rows."""
    said = np.empty((len(made[0][0]), *made[0][1].shape[1:]))
    for rows, values in made:
        said[rows] = values
    return said


def sides(fold: Counts) -> Iterator[tuple[Labels, Labels]]:
    """For each fold, the rows to fit on (all others) and the rows to judge by."""
    for number in range(int(fold.max()) + 1):
        yield fold != number, fold == number


def fitted(model: Any, frame: pd.DataFrame, labels: npt.NDArray[Any], threads: int | None = 1) -> Any:
    """A fresh copy of the model with the same settings, fitted on these rows by so many threads (None: all cores)."""
    if labels.dtype.kind != "f" and len(np.unique(labels)) < 2:
        raise DataError(
            "without one fold, the rows left are of one class. Give more rows of the rarer class, or set "
            "evaluate.folds in params.yaml to 0."
        )
    try:
        with threadpool_limits(threads), warnings.catch_warnings():  # in small tables threads wait for each other
            warnings.simplefilter("ignore")  # what training said of all rows it would say of each fold again
            return unfitted(model, frame).fit(frame, labels)
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused to fit anew for evaluate.folds: {str(error).splitlines()[0]} Set evaluate.folds in "
            "params.yaml to 0 to score the hold-out alone."
        ) from None


def _whole(classes: Counts, together: Counts, number: int, random: np.random.Generator) -> Counts:
    """Whole groups of rows, the largest first, each into the fold that has least of what the group holds.

    What a group holds is its share of each class's rows, so that a rare class weighs as much as a frequent one, and its
    share of all rows.
    """
    held = np.zeros((int(together.max()) + 1, int(classes.max()) + 2))
    np.add.at(held, (together, classes), 1)
    held[:, -1] = held.sum(axis=1)
    order = random.permutation(len(held))
    order = order[np.argsort(-held[order, -1], kind="stable")]
    share = held / np.maximum(held.sum(axis=0), 1)
    has, into = np.zeros((number, held.shape[1])), np.empty(len(held), dtype=np.int64)
    for group in order:
        into[group] = np.argmin(has @ share[group])
        has[into[group]] += share[group]
    return into[together]


def _follow(dates: pd.Series[Any], part: npt.NDArray[Any]) -> bool:
    ends = [(dates[part == name].min(), dates[part == name].max()) for name in PARTS if (part == name).any()]
    return len(ends) > 1 and all(before[1] < after[0] for before, after in pairwise(ends))
