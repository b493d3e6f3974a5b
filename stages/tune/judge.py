"""How good settings of train are: the loss of rows that were not fitted on, the one by which train itself chooses."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

import msgspec
import pandas as pd

from stages.contracts.metric_key import MetricKey
from stages.core import params
from stages.core.errors import PipelineError
from stages.model.params import Train
from stages.table.schema import Schema, Task
from stages.train.fit import fit_model
from stages.transform.definition import Definition
from stages.tune.params import Value

LOSS: dict[Task, MetricKey] = {"binary": "log_loss", "multiclass": "log_loss", "regression": "rmse"}
"""The metric that is the loss by which train chooses; the rmse has the order of its square."""


class Rows(NamedTuple):
    """What trials are fitted on and judged by: features, target and split without the hold-out, and what they are."""

    frame: pd.DataFrame
    columns: Schema
    defined: Definition


class Result(msgspec.Struct, frozen=True):
    """What the validation rows say of the estimator that was chosen; nothing but the reason where the fit failed."""

    validation: dict[MetricKey, float] = {}
    estimator: str = ""
    failed: str = ""


class Trial(NamedTuple):
    """A trial, the first is 1: the values in place of those in params.yaml, and what they are worth."""

    number: int
    values: dict[str, Value]
    result: Result


def judge(section: Train, values: Mapping[str, Value], rows: Rows) -> Result:
    """Fit as train does with these values in its section, and return what the rows not fitted on say.

    Where train would fit what it chose once more on all rows, that is left out: nothing is chosen by it.
    """
    settings = {**msgspec.to_builtins(section), "refit": section.refit and section.folds > 0, **values}
    try:
        trial = params.convert(settings, Train, f"{params.PARAMS}: train")
        with _silence():
            metrics = fit_model(*rows, trial).metrics
    except PipelineError as error:
        return Result(failed=str(error))
    loss = LOSS[rows.columns.task]
    if not math.isfinite(metrics.validation[loss]):
        return Result(failed=f"the {loss} of the validation rows is no finite number.")
    return Result(metrics.validation, metrics.estimator)


@contextmanager
def _silence() -> Iterator[None]:
    """Leave out what train says of every fit, which it has said of the one in params.yaml."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)
