"""What the report tells of each task: which metrics, and the words that go with the one that decides."""

from __future__ import annotations

from dataclasses import dataclass

from stages.contracts.metric_key import MetricKey
from stages.table.schema import Task
from stages.wording.metrics import METRICS, Metric


@dataclass(frozen=True)
class TaskMetrics:
    """A task's measures, and the words that go with the one that decides."""

    primary: MetricKey
    measures: tuple[Metric, ...]
    key: tuple[MetricKey, MetricKey, MetricKey, MetricKey]
    compared: tuple[MetricKey, MetricKey]
    decimals: int  # of a share among the key numbers
    before: str  # what stands before a value of the primary measure in a title
    better: str  # what a candidate does whose primary measure is clearly better than the other's
    worse: str
    same: str


TASKS: dict[Task, TaskMetrics] = {
    "binary": TaskMetrics(
        primary="auc",
        measures=METRICS["binary"],
        key=("auc", "recall", "precision", "cost"),
        compared=("auc", "cost"),
        decimals=0,
        before="AUC ",
        better="ranks better than",
        worse="ranks worse than",
        same="ranks about as well as",
    ),
    "multiclass": TaskMetrics(
        primary="accuracy",
        measures=METRICS["multiclass"],
        key=("accuracy", "top2_accuracy", "macro_f1", "log_loss"),
        compared=("accuracy", "log_loss"),
        decimals=1,
        before="",
        better="is right more often than",
        worse="is right less often than",
        same="is right about as often as",
    ),
    "regression": TaskMetrics(
        primary="mae",
        measures=METRICS["regression"],
        key=("mae", "median_ae", "r2", "coverage"),
        compared=("mae", "r2"),
        decimals=1,
        before="MAE ",
        better="has smaller errors than",
        worse="has larger errors than",
        same="errs about as much as",
    ),
}
