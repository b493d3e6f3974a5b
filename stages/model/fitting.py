"""Fit an estimator and ask it, whatever it is: the one way for train, evaluate and save."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from stages.table.schema import Target, Task

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[Any]
"""One for each row: bool for a binary task (is it the positive class), the class's number for multiclass, float64."""


def encode_labels(column: pd.Series[Any], task: Task, target: Target) -> Labels:
    """Return the target column of data/features.csv as the estimators' labels."""
    if task == "regression":
        return column.to_numpy(dtype=np.float64)
    if task == "binary":
        return np.asarray(column == target.positive, dtype=np.bool_)
    return np.asarray(pd.Index(target.classes).get_indexer(pd.Index(column)), dtype=np.int64)


def fit_clone(estimator: Any, rows: Any, y_true: Labels, threads: int | None = None) -> Any:
    """Return a fitted copy of the estimator, the same bytes on any number of cores.

    threads: how many OpenMP may use (in small tables they wait for each other), None for all. Raises ValueError where
    scikit-learn refuses the rows.
    """
    model = clone(estimator)
    limits = {"blas": 1, **({} if threads is None else {"openmp": threads})}  # more of BLAS would sum in another order
    with threadpool_limits(limits), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # its loss on other rows is what counts
        model.fit(rows, y_true)
    for part in (model, *getattr(model, "estimators_", ())):
        if hasattr(part, "_bin_mapper"):
            part._bin_mapper.n_threads = None  # else the pickle's bytes would depend on this machine's number of cores
    return model


def fit_anew(model: Pipeline, frame: pd.DataFrame, y_true: Labels, threads: int | None = None) -> Pipeline:
    """Return a copy of the kept pipeline fitted on other rows, some of whose numbers may have no value there."""
    copy = clone(model)
    copy["encode"].transformers = [
        (name, part, list_known(frame, columns) if name == "number" else columns)
        for name, part, columns in copy["encode"].transformers
    ]
    return fit_clone(copy, frame, y_true, threads)


def list_known(frame: pd.DataFrame, numbers: list[str]) -> list[str]:
    """Return those of the columns that have a value in some row: boosting refuses one without."""
    return [name for name in numbers if frame[name].notna().any()]


def predict(model: Any, rows: Any, task: Task, classes: int = 2) -> Floats:
    """Return what a fitted model says of the rows (a frame of features, or the matrix, as the model takes).

    Rows × 1 for a binary task: the probability of the positive class. Rows × `classes` for multiclass, in the order of
    the schema's classes: a class that no row of the fit had gets 0. Rows × 1 for regression: the value.
    """
    if task == "regression":
        return np.asarray(model.predict(rows), dtype=np.float64).reshape(-1, 1)
    given = model.predict_proba(rows)
    probabilities = np.zeros((len(given), classes if task == "multiclass" else 2))
    probabilities[:, np.asarray(model.classes_, dtype=np.int64)] = given
    return probabilities[:, 1:] if task == "binary" else probabilities
