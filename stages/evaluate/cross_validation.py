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
from sklearn.pipeline import Pipeline

from stages.core.errors import DataError, ParamsError, TrainError
from stages.evaluate.bootstrap import Counts, Floats
from stages.model import fitting
from stages.model.fitting import Labels

PARTS = ("train", "validation", "test")
Mask = npt.NDArray[np.bool_]


def number_equal_rows(frame: pd.DataFrame, part: npt.NDArray[Any]) -> Counts | None:
    """Return a number for each row, equal for equal rows, where the split keeps equal rows in one part; None where it
    does not, or where no two are equal.
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
    """Return the column of dates by which the parts follow each other, if there is one."""
    dates = [name for name in clean.columns if clean[name].dtype.kind == "M"]
    return next((name for name in dates if _follow(clean[name], part)), None)


def fit_folds(model: Pipeline, frame: pd.DataFrame, y_true: Labels, fold: Counts) -> list[tuple[Pipeline, Mask]]:
    """Return copies of the model, each fitted on the rows of all folds but one, and which rows that one has."""
    return [(fit_anew(model, frame[rest], y_true[rest], threads=1), rows) for rest, rows in split_folds(fold)]


def put_in_order(parts: Sequence[tuple[Mask, Floats]]) -> Floats:
    """Return predictions for some of the rows each, together and in the order of the rows."""
    predictions = np.empty((len(parts[0][0]), *parts[0][1].shape[1:]))
    for rows, values in parts:
        predictions[rows] = values
    return predictions


def split_folds(fold: Counts) -> Iterator[tuple[Mask, Mask]]:
    """Yield for each fold the rows to fit on (all others) and its own."""
    for number in range(int(fold.max()) + 1):
        yield fold != number, fold == number


def fit_anew(model: Pipeline, frame: pd.DataFrame, y_true: Labels, threads: int | None = None) -> Pipeline:
    """Return a copy of the model with the same settings, fitted on these rows. Raises DataError or TrainError where
    they cannot be fitted on.
    """
    if y_true.dtype.kind != "f" and len(np.unique(y_true)) < 2:
        raise DataError(
            "without one fold, the rows left are of one class. Give more rows of the rarer class, or set "
            "evaluate.folds in params.yaml to 0."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what training said of all rows it would say of each fold again
            return fitting.fit_anew(model, frame, y_true, threads)
    except ValueError as error:
        raise TrainError(
            f"scikit-learn refused to fit anew for evaluate.folds: {str(error).splitlines()[0]} Set evaluate.folds in "
            "params.yaml to 0 to score the hold-out alone."
        ) from None


def _follow(dates: pd.Series[Any], part: npt.NDArray[Any]) -> bool:
    ends = [(dates[part == name].min(), dates[part == name].max()) for name in PARTS if (part == name).any()]
    return len(ends) > 1 and all(before[1] < after[0] for before, after in pairwise(ends))
