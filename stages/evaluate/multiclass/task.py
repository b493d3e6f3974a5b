"""Several classes: what is scored, drawn and written down where a probability is predicted for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.contracts.evaluation import MulticlassEvaluation, Part
from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.evaluate import baseline
from stages.evaluate.bootstrap import Blocks, Counts, Floats, Labels, count_blocks, draw_means
from stages.evaluate.intervals import Trials
from stages.evaluate.multiclass.curves import tabulate_abstention, tabulate_classes, tabulate_confusion
from stages.evaluate.multiclass.scores import score
from stages.evaluate.params import Evaluate
from stages.evaluate.slices import tabulate_calibration, tabulate_histogram
from stages.evaluate.task import RowMeasure, Tables, Truth
from stages.model.predictions import CHANCE
from stages.table.schema import Target


class Multiclass:
    """`y_true` is each row's class number (rows,), a prediction is the probability of each class (rows × classes).

    Where one number must tell what came, it is whether a row is of `usual`, the class most train rows have.
    """

    primary: MetricKey = "accuracy"
    level, scoring, digits = "rate", "accuracy", 6

    def __init__(self, target: Target, usual: int) -> None:
        self.target, self.usual = target, usual

    def shape_predictions(self, predictions: Floats, interval: Interval | None = None) -> Floats:
        """Return the probabilities (rows × classes) as they are scored."""
        return predictions.round(9)

    def predict_baseline(self, train: pd.DataFrame, y_true: Counts, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """Return the shares of the classes among the train rows alike."""
        return baseline.predict_shares(train, y_true, len(self.target.classes), rows, keys).round(9)

    def score(self, y_true: Counts, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        """Return every metric in every draw."""
        return score(y_true, predictions, blocks)

    def score_primary(self, y_true: Counts, predictions: Floats, blocks: Blocks) -> Floats:
        """Return the accuracy in each draw."""
        return draw_means(predictions.argmax(axis=1) == y_true, blocks)

    def count_trials(self, y_true: Counts, predictions: Floats, blocks: Blocks) -> Trials:
        """Return in how many blocks of rows each metric was counted: in all."""
        metrics: list[MetricKey] = ["accuracy", "top2_accuracy", "balanced_accuracy", "macro_f1", "auc"]
        return dict.fromkeys(metrics, count_blocks(blocks))

    def observe(self, y_true: Counts) -> Floats:
        """Return 1 for a row of the usual class, else 0."""
        return np.asarray(y_true == self.usual, dtype=np.float64)

    def expect(self, predictions: Floats) -> Floats:
        """Return the probability of it."""
        usual: Floats = predictions[:, self.usual]
        return usual

    def lie_inside(self, y_true: Truth, predictions: Floats) -> None:
        """Return None: there are no intervals."""

    def measure_rows(self, y_true: Counts, predictions: Floats) -> RowMeasure:
        """Return whether a row's likeliest class is the right one."""
        right = predictions.argmax(axis=1) == y_true
        return RowMeasure("accuracy", right.astype(np.float64), np.ones(len(right), dtype=bool), None)

    def slice_classes(self, y_true: Counts) -> Labels | None:
        """Return None: accuracy says something of a slice whatever classes it has."""
        return None

    def describe_evaluation(
        self, parts: Mapping[Part, Counts], y_true: Counts, predictions: Floats, **common: Any
    ) -> MulticlassEvaluation:
        """Return the evaluation with each part's share of every class."""
        names = self.target.classes
        return MulticlassEvaluation(
            **common,
            most_frequent=names[self.usual],
            share={
                part: {name: float((numbers == at).mean()) for at, name in enumerate(names)}
                for part, numbers in parts.items()
            },
        )

    def tabulate_plots(self, y_true: Counts, models: dict[str, Floats], blocks: Blocks, section: Evaluate) -> Tables:
        """Return the data of the plots that only this task has."""
        candidate = models["candidate"]
        predicted, confidence = candidate.argmax(axis=1), candidate.max(axis=1)
        right = (predicted == y_true).astype(np.float64)
        return {
            "confusion": tabulate_confusion(y_true, predicted, self.target.classes),
            "classes": tabulate_classes(y_true, candidate, blocks, section.tails, self.target.classes),
            "histogram": tabulate_histogram(confidence),
            "calibration": tabulate_calibration(right, confidence, blocks, section.slice_tails),
            "abstain": tabulate_abstention(y_true, models),
        }

    def read_predictions(self, written: pd.DataFrame) -> Floats:
        """Return the probabilities that such columns hold (rows × classes)."""
        return written[[f"{CHANCE}{name}" for name in self.target.classes]].to_numpy(dtype=np.float64)

    def tabulate_predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of data/predictions.csv after the target; of several likeliest classes the first is
        predicted.
        """
        names = np.array(self.target.classes, dtype=object)
        likeliest = {model: names[predictions.argmax(axis=1)] for model, predictions in models.items()}
        none = np.full(len(likeliest["candidate"]), None, dtype=object)
        return {
            "prediction": likeliest["candidate"],
            **{f"{CHANCE}{name}": models["candidate"][:, at] for at, name in enumerate(names)},
            "baseline": likeliest["baseline"],
            "champion": likeliest.get("champion", none),
        }
