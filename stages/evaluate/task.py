"""What every task says to evaluate: see binary/, multiclass/ and regression/ beside this module.

`y_true` is what came, `predictions` what a model says, in the shape in which the task scores it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy.typing as npt
import pandas as pd

from stages.contracts.evaluation import AnyEvaluation, Part
from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.evaluate.bootstrap import Blocks, Floats, Labels
from stages.evaluate.intervals import Trials
from stages.evaluate.params import Evaluate

Truth = npt.NDArray[Any]
Tables = dict[str, list[dict[str, Any]]]
"""The rows of each plot's table."""
PLOT_COLUMNS = {
    "roc": ["model", "fpr", "tpr"],
    "precision_recall": ["model", "recall", "precision"],
    "cost": ["model", "threshold", "cost", "caught", "missed", "needless", "left"],
    "abstain": ["model", "confidence", "answered", "accuracy"],
    "classes": ["class", "rows", "share", "precision", "recall", "f1", "auc", "low", "high"],
    "tolerance": ["model", "tolerance", "share"],
    "correction": ["model", "correction", "cost"],
    "weekly": ["week", "rows", "observed", "predicted"],
    "errors": ["group", "predicted", "actual", "p10", "p50", "p90", "mae", "rows"],
}
"""Tables that dvc.yaml draws but only some task fills: for others they are empty, as `dvc plots` misses one that is not
there.
"""


class RowMeasure(NamedTuple):
    """A metric that is the mean of a number over the rows `among`: of two classes the recall, over positive rows.

    `acted` is whether a row is called positive, None where there is no such call.
    """

    metric: MetricKey
    values: Floats
    among: Labels
    acted: Labels | None


class Task(Protocol):
    """What is scored, drawn and written down for a task.

    `primary` is the metric that decides, `level` how the mean of what came is called, `scoring` scikit-learn's name of
    the score whose drop is a feature's importance, `digits` how many decimals metrics have.
    """

    primary: MetricKey
    level: str
    scoring: str
    digits: int

    def shape_predictions(self, predictions: Floats, interval: Interval | None = None) -> Floats:
        """Return a model's predictions (as `stages.model.fitting.predict`) as they are scored."""

    def predict_baseline(self, train: pd.DataFrame, y_true: Truth, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """Return the predictions of the rule without a model, learnt from the train rows, for the rows."""

    def score(self, y_true: Truth, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        """Return every metric in every draw."""

    def score_primary(self, y_true: Truth, predictions: Floats, blocks: Blocks) -> Floats:
        """Return the primary metric in each draw; NaN where it is not defined."""

    def count_trials(self, y_true: Truth, predictions: Floats, blocks: Blocks) -> Trials:
        """Return in how many blocks of rows each metric that is a share was counted."""

    def observe(self, y_true: Truth) -> Floats:
        """Return what came, as a number for each row."""

    def expect(self, predictions: Floats) -> Floats:
        """Return what was predicted, as the same number."""

    def lie_inside(self, y_true: Truth, predictions: Floats) -> Labels | None:
        """Return whether each row's value lies in its interval; None where the task has none."""

    def measure_rows(self, y_true: Truth, predictions: Floats) -> RowMeasure:
        """Return what a group of rows is compared with others by: a number for each row."""

    def slice_classes(self, y_true: Truth) -> Labels | None:
        """Return the labels that a slice must have enough of."""

    def describe_evaluation(
        self, parts: Mapping[Part, Truth], y_true: Truth, predictions: Floats, **common: Any
    ) -> AnyEvaluation:
        """Return the evaluation, with what this task says of each part's target and of the candidate's predictions."""

    def tabulate_plots(self, y_true: Truth, models: dict[str, Floats], blocks: Blocks, section: Evaluate) -> Tables:
        """Return the data of the plots that only this task has."""

    def tabulate_predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of data/predictions.csv after the target."""

    def read_predictions(self, written: pd.DataFrame) -> Floats:
        """Return the candidate's predictions, as they are scored, of such a file."""
