"""Two classes: what is scored, drawn and written down where the probability of the positive one is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import confusion_matrix

from stages.contracts.evaluation import BinaryEvaluation, Confusion, Costs, Part
from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.evaluate import baseline
from stages.evaluate.binary.curves import count_outcomes, tabulate_band, tabulate_curves
from stages.evaluate.binary.scores import draw_auc, score, score_ranking
from stages.evaluate.bootstrap import Blocks, Floats, Labels, count_blocks
from stages.evaluate.intervals import Trials
from stages.evaluate.params import Evaluate
from stages.evaluate.slices import tabulate_calibration, tabulate_histogram
from stages.evaluate.task import RowMeasure, Tables, Truth
from stages.table.schema import Target


class Binary:
    """`y_true` is whether a row is positive (rows,), a prediction is the probability that it is (rows,)."""

    primary: MetricKey = "auc"
    level, scoring, digits = "rate", "roc_auc", 6

    def __init__(self, target: Target, costs: Costs) -> None:
        self.target, self.costs = target, costs

    def shape_predictions(self, predictions: Floats, interval: Interval | None = None) -> Floats:
        """Return the probabilities (rows × 1) as they are scored (rows,)."""
        return predictions[:, 0].round(9)

    def predict_baseline(self, train: pd.DataFrame, y_true: Labels, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """Return the positive rate of the train rows alike."""
        return baseline.predict_rates(train, y_true, rows, keys).round(9)

    def score(self, y_true: Labels, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        """Return every metric in every draw."""
        return score(y_true, predictions, blocks, self.costs)

    def score_primary(self, y_true: Labels, predictions: Floats, blocks: Blocks) -> Floats:
        """Return the AUC in each draw; of many draws to three digits."""
        return (
            score_ranking(y_true, predictions, blocks)[0]
            if len(blocks[1]) == 1
            else draw_auc(y_true, predictions, blocks)
        )

    def count_trials(self, y_true: Labels, predictions: Floats, blocks: Blocks) -> Trials:
        """Return in how many blocks of rows each metric was counted: of a ranking in all, as each kept its place."""
        every = count_blocks(blocks)
        positive, warned = count_blocks(blocks, y_true), count_blocks(blocks, self._warn(predictions))
        return {"auc": every, "average_precision": every, "recall": positive, "precision": warned}

    def observe(self, y_true: Labels) -> Floats:
        """Return 1 for a positive row, else 0."""
        return y_true.astype(np.float64)

    def expect(self, predictions: Floats) -> Floats:
        """Return the probability of it."""
        return predictions

    def lie_inside(self, y_true: Truth, predictions: Floats) -> None:
        """Return None: there are no intervals."""

    def measure_rows(self, y_true: Labels, predictions: Floats) -> RowMeasure:
        """Return whether a row is called positive: among positive rows that is the recall."""
        warned = self._warn(predictions)
        return RowMeasure("recall", warned.astype(np.float64), y_true, warned)

    def slice_classes(self, y_true: Labels) -> Labels | None:
        """Return the labels that a slice must have enough of."""
        return y_true

    def describe_evaluation(
        self, parts: Mapping[Part, Labels], y_true: Labels, predictions: Floats, **common: Any
    ) -> BinaryEvaluation:
        """Return the evaluation with each part's rate, the threshold, and the calls right and wrong with it."""
        return BinaryEvaluation(
            **common,
            rate={name: float(labels.mean()) for name, labels in parts.items()},
            threshold=self.costs.threshold,
            costs=self.costs,
            confusion=self.count_calls(y_true, predictions),
        )

    def count_calls(self, y_true: Labels, predictions: Floats) -> Confusion:
        """Return how many rows are called positive rightly and wrongly, and negative likewise, at the threshold."""
        tn, fp, fn, tp = confusion_matrix(y_true, self._warn(predictions), labels=[False, True]).ravel().tolist()
        return Confusion(tp, fp, fn, tn)

    def tabulate_plots(self, y_true: Labels, models: dict[str, Floats], blocks: Blocks, section: Evaluate) -> Tables:
        """Return the data of the plots that only this task has."""
        return {
            **tabulate_curves(y_true, models, self.costs),
            "outcomes": [
                {"model": name, **count_outcomes(y_true, probabilities, self.costs.threshold, self.costs)}
                for name, probabilities in models.items()
            ],
            "band": tabulate_band(y_true, models["candidate"], blocks, section.tails),
            "histogram": tabulate_histogram(models["candidate"]),
            "calibration": tabulate_calibration(self.observe(y_true), models["candidate"], blocks, section.slice_tails),
        }

    def read_predictions(self, written: pd.DataFrame) -> Floats:
        """Return the probabilities that such columns hold (rows,)."""
        return written["probability"].to_numpy(dtype=np.float64)

    def tabulate_predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of data/predictions.csv after the target."""
        candidate = models["candidate"]
        return {
            "probability": candidate,
            "prediction": np.where(self._warn(candidate), str(self.target.positive), self.target.negative),
            "baseline": models["baseline"],
            "champion": models.get("champion", np.full(len(candidate), np.nan)),
        }

    def _warn(self, probability: Floats) -> Labels:
        return np.asarray(probability >= self.costs.threshold)
