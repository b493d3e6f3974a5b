"""What is measured for each task, in which order, and how its values are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stages.core.errors import DataError, did_you_mean

PER = 1000
"""Costs and counts are told for so many rows."""


@dataclass(frozen=True)
class Measure:
    """A measure: its label, the decimals of its values, what they are, and when they are better.

    A share is shown in per cent; an error is in the target's own unit, its decimals found by its size, as those of a
    number's cost are.
    """

    key: str
    label: str
    digits: int = 3
    kind: Literal["score", "share", "error", "cost"] = "score"
    better: Literal["more", "less", "near"] = "more"


@dataclass(frozen=True)
class Task:
    """A task's measures, and the words that go with the one that decides."""

    primary: str
    measures: tuple[Measure, ...]
    key: tuple[str, str, str, str]
    compared: tuple[str, str]
    decimals: int  # of a share among the key numbers
    better: str  # what a candidate does whose primary measure is clearly better than the other's
    worse: str
    same: str


TASKS = {
    "binary": Task(
        primary="auc",
        measures=(
            Measure("auc", "AUC"),
            Measure("average_precision", "Average precision"),
            Measure("log_loss", "Log loss", better="less"),
            Measure("brier", "Brier score", 4, better="less"),
            Measure("calibration_error", "Calibration error", 1, "share", "less"),
            Measure("recall", "Caught", 1, "share"),
            Measure("precision", "Right alarms", 1, "share"),
            Measure("cost", f"Cost per {PER:,}", 0, "cost", "less"),
        ),
        key=("auc", "recall", "precision", "cost"),
        compared=("auc", "cost"),
        decimals=0,
        better="ranks better than",
        worse="ranks worse than",
        same="ranks about as well as",
    ),
    "multiclass": Task(
        primary="accuracy",
        measures=(
            Measure("accuracy", "Accuracy", 1, "share"),
            Measure("top2_accuracy", "Right in two guesses", 1, "share"),
            Measure("balanced_accuracy", "Balanced accuracy", 1, "share"),
            Measure("macro_f1", "Macro F1"),
            Measure("log_loss", "Log loss", better="less"),
            Measure("auc", "AUC, mean of classes"),
        ),
        key=("accuracy", "top2_accuracy", "macro_f1", "log_loss"),
        compared=("accuracy", "log_loss"),
        decimals=1,
        better="is right more often than",
        worse="is right less often than",
        same="is right about as often as",
    ),
    "regression": Task(
        primary="mae",
        measures=(
            Measure("mae", "Mean error (MAE)", kind="error", better="less"),
            Measure("median_ae", "Median error", kind="error", better="less"),
            Measure("rmse", "Root mean square error", kind="error", better="less"),
            Measure("r2", "Explained, R²"),
            Measure("bias", "Bias (mean signed error)", kind="error", better="near"),
            Measure("coverage", "Inside the interval", 1, "share", "near"),
            Measure("within", "Within the tolerance", 1, "share"),
            Measure("cost", "Cost of an error", kind="cost", better="less"),
        ),
        key=("mae", "median_ae", "r2", "coverage"),
        compared=("mae", "r2"),
        decimals=1,
        better="has smaller errors than",
        worse="has larger errors than",
        same="errs about as much as",
    ),
}


def task_of(name: str) -> Task:
    """The task of that name. Raises DataError for one that no report is known for."""
    if name not in TASKS:
        raise DataError(
            f"metrics/evaluation.json: no report is known for the task '{name}'.{did_you_mean(name, TASKS)}"
        )
    return TASKS[name]
