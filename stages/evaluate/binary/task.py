"""Two classes: what is scored, drawn and written down where the probability of the positive one is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import confusion_matrix

from stages.evaluate import baseline
from stages.evaluate.binary.curves import band, curves, outcomes
from stages.evaluate.binary.scores import Costs, drawn_auc, ranking, scores
from stages.evaluate.bootstrap import Blocks, Floats, Labels
from stages.evaluate.intervals import Tails
from stages.evaluate.slices import calibration, histogram
from stages.table.schema import Target

Tables = dict[str, list[dict[str, Any]]]


class Binary:
    """Truth is whether a row is positive (rows,), an answer is the probability that it is (rows,)."""

    primary, level, scoring, digits = "auc", "rate", "roc_auc", 6

    def __init__(self, target: Target, costs: Costs) -> None:
        self.target, self.costs = target, costs

    def said(self, answers: Floats, interval: Mapping[str, float] | None = None) -> Floats:
        """A model's answers (rows × 1) as they are scored."""
        return answers[:, 0].round(9)

    def baseline(self, train: pd.DataFrame, truth: Labels, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """The rule without a model: the positive rate of the train rows alike."""
        return baseline.rates(train, truth, rows, keys).round(9)

    def scores(self, truth: Labels, answers: Floats, blocks: Blocks) -> dict[str, Floats]:
        """Every score for every draw."""
        return scores(truth, answers, blocks, self.costs)

    def primary_score(self, truth: Labels, answers: Floats, blocks: Blocks) -> Floats:
        """The AUC in each draw; of many draws to three digits."""
        return ranking(truth, answers, blocks)[0] if len(blocks[1]) == 1 else drawn_auc(truth, answers, blocks)

    def observed(self, truth: Labels) -> Floats:
        """1 for a positive row, else 0."""
        return truth.astype(np.float64)

    def expected(self, answers: Floats) -> Floats:
        """The probability of it."""
        return answers

    def classes(self, truth: Labels) -> Labels | None:
        """The labels that a slice must have enough of."""
        return truth

    def parts(self, truth: Mapping[str, Labels]) -> dict[str, Any]:
        """What metrics/evaluation.json says of each part's target."""
        return {"rate": {name: float(labels.mean()) for name, labels in truth.items()}}

    def summary(self, truth: Labels, answers: Floats) -> dict[str, Any]:
        """What metrics/evaluation.json says besides scores: the threshold, and the calls right and wrong with it."""
        tn, fp, fn, tp = confusion_matrix(truth, self._warned(answers), labels=[False, True]).ravel().tolist()
        return {
            "threshold": self.costs.threshold,
            "costs": {"miss": self.costs.miss, "false_alarm": self.costs.false_alarm},
            "confusion": {"tp": tp, "fp": fp, "fn": fn, "tn": tn},
        }

    def plots(self, truth: Labels, models: dict[str, Floats], blocks: Blocks, tails: Tails) -> Tables:
        """The data of the plots that only this task has."""
        return {
            **curves(truth, models, self.costs),
            "outcomes": [
                {"model": name, **outcomes(truth, said, self.costs.threshold, self.costs)}
                for name, said in models.items()
            ],
            "band": band(truth, models["candidate"], blocks, tails),
            "histogram": histogram(models["candidate"]),
            "calibration": calibration(self.observed(truth), models["candidate"], blocks, tails),
        }

    def predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """The columns of data/predictions.csv after the target."""
        candidate = models["candidate"]
        return {
            "probability": candidate,
            "prediction": np.where(self._warned(candidate), str(self.target.positive), self.target.negative),
            "baseline": models["baseline"],
            "champion": models.get("champion", np.full(len(candidate), np.nan)),
        }

    def _warned(self, probability: Floats) -> Labels:
        return np.asarray(probability >= self.costs.threshold)
