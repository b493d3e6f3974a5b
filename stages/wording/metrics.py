"""The metrics of each task, in the order in which they are shown: their names, and how their values are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from stages.contracts.metric_key import MetricKey
from stages.table.schema import Task

PER = 1000
"""Costs and counts are told for so many rows."""


@dataclass(frozen=True)
class Metric:
    """Its name in a sentence and in a table, the decimals of its values, what they are, and when they are better.

    A share is shown in per cent; an error is in the target's own unit, its decimals found by its size, as those of a
    number's cost are.
    """

    key: MetricKey
    name: str
    label: str
    digits: int = 3
    kind: Literal["score", "share", "error", "cost"] = "score"
    better: Literal["more", "less", "near"] = "more"


METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": (
        Metric("auc", "AUC", "AUC"),
        Metric("average_precision", "average precision", "Average precision"),
        Metric("log_loss", "log loss", "Log loss", better="less"),
        Metric("brier", "Brier score", "Brier score", 4, better="less"),
        Metric("calibration_error", "calibration error", "Calibration error", 1, "share", "less"),
        Metric("recall", "recall", "Recall", 1, "share"),
        Metric("precision", "precision", "Precision", 1, "share"),
        Metric("cost", "cost per 1,000 rows", f"Cost per {PER:,}", 0, "cost", "less"),
    ),
    "multiclass": (
        Metric("accuracy", "accuracy", "Accuracy", 1, "share"),
        Metric("top2_accuracy", "accuracy of the two likeliest classes", "Right in two guesses", 1, "share"),
        Metric("balanced_accuracy", "balanced accuracy", "Balanced accuracy", 1, "share"),
        Metric("macro_f1", "macro F1", "Macro F1"),
        Metric("log_loss", "log loss", "Log loss", better="less"),
        Metric("auc", "AUC (mean of one class against the rest)", "AUC, mean of classes"),
    ),
    "regression": (
        Metric("mae", "mean absolute error", "Mean error (MAE)", kind="error", better="less"),
        Metric("median_ae", "median absolute error", "Median error", kind="error", better="less"),
        Metric("rmse", "root mean squared error", "Root mean square error", kind="error", better="less"),
        Metric("r2", "R²", "Explained, R²"),
        Metric("bias", "bias", "Bias (mean signed error)", kind="error", better="near"),
        Metric("coverage", "share of rows inside the interval", "Inside the interval", 1, "share", "near"),
        Metric(
            "worst_coverage",
            "share inside the interval where it holds least",
            "Inside, where least",
            1,
            "share",
            "near",
        ),
        Metric("within", "share of rows within the tolerance", "Within the tolerance", 1, "share"),
        Metric("cost", "mean cost of an error", "Cost of an error", kind="cost", better="less"),
    ),
}
