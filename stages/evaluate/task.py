"""What every task says to evaluate: see binary.py, multiclass.py and regression.py beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy.typing as npt
import pandas as pd

from stages.evaluate.bootstrap import Blocks, Floats, Labels
from stages.evaluate.intervals import Tails

Truth = npt.NDArray[Any]
Tables = dict[str, list[dict[str, Any]]]
"""The rows of each plot's table."""
DRAWN = {
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


class Task(Protocol):
    """What is scored, drawn and written down for a task.

    `primary` is the metric that decides, `level` how the mean of what came is called, `scoring` scikit-learn's name of
    the score whose drop is a feature's importance, `digits` how many decimals metrics have.
    """

    primary: str
    level: str
    scoring: str
    digits: int

    def said(self, answers: Floats, interval: Mapping[str, float] | None = None) -> Floats:
        """A model's answers as they are scored."""

    def baseline(self, train: pd.DataFrame, truth: Truth, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """The rule without a model, learnt from the train rows, for the rows."""

    def scores(self, truth: Truth, answers: Floats, blocks: Blocks) -> dict[str, Floats]:
        """Every score for every draw."""

    def primary_score(self, truth: Truth, answers: Floats, blocks: Blocks) -> Floats:
        """The primary metric in each draw; NaN where it is not defined."""

    def observed(self, truth: Truth) -> Floats:
        """What came, as a number for each row."""

    def expected(self, answers: Floats) -> Floats:
        """What was predicted, as the same number."""

    def classes(self, truth: Truth) -> Labels | None:
        """The labels that a slice must have enough of."""

    def parts(self, truth: Mapping[str, Truth]) -> dict[str, Any]:
        """What metrics/evaluation.json says of each part's target."""

    def summary(self, truth: Truth, answers: Floats) -> dict[str, Any]:
        """What metrics/evaluation.json says besides scores."""

    def plots(self, truth: Truth, models: dict[str, Floats], blocks: Blocks, tails: Tails) -> Tables:
        """The data of the plots that only this task has."""

    def predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """The columns of data/predictions.csv after the target."""
