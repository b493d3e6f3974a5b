"""Several classes: what is scored, drawn and written down where a probability is predicted for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.evaluate import baseline
from stages.evaluate.bootstrap import Blocks, Counts, Floats, Labels, mean, sums
from stages.evaluate.intervals import Tails
from stages.evaluate.multiclass.curves import abstaining, by_themselves, confusion
from stages.evaluate.multiclass.scores import scores
from stages.evaluate.slices import calibration, histogram
from stages.table.schema import Target

Tables = dict[str, list[dict[str, Any]]]


class Multiclass:
    """Truth is each row's class number (rows,), an answer is the probability of each class (rows × classes).

    Where one number must tell what came, it is whether a row is of `usual`, the class most train rows have.
    """

    primary, level, scoring, digits = "accuracy", "rate", "accuracy", 6

    def __init__(self, target: Target, usual: int) -> None:
        self.target, self.usual = target, usual

    def said(self, answers: Floats, interval: Mapping[str, float] | None = None) -> Floats:
        """A model's answers (rows × classes) as they are scored."""
        return answers.round(9)

    def baseline(self, train: pd.DataFrame, truth: Counts, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """The rule without a model: the shares of the classes among the train rows alike."""
        return baseline.shares(train, truth, len(self.target.classes), rows, keys).round(9)

    def scores(self, truth: Counts, answers: Floats, blocks: Blocks) -> dict[str, Floats]:
        """Every score for every draw."""
        return scores(truth, answers, blocks)

    def primary_score(self, truth: Counts, answers: Floats, blocks: Blocks) -> Floats:
        """The accuracy in each draw."""
        right = answers.argmax(axis=1) == truth
        count, hits = sums(np.stack([np.ones(len(truth)), right], axis=1), blocks).T
        return mean(hits, count)

    def observed(self, truth: Counts) -> Floats:
        """1 for a row of the usual class, else 0."""
        return np.asarray(truth == self.usual, dtype=np.float64)

    def expected(self, answers: Floats) -> Floats:
        """The probability of it."""
        usual: Floats = answers[:, self.usual]
        return usual

    def classes(self, truth: Counts) -> Labels | None:
        """No class is asked for in a slice: accuracy says something without."""
        return None

    def parts(self, truth: Mapping[str, Counts]) -> dict[str, Any]:
        """What metrics/evaluation.json says of each part's target."""
        names = self.target.classes
        return {
            "most_frequent": names[self.usual],
            "share": {
                part: {name: float((numbers == at).mean()) for at, name in enumerate(names)}
                for part, numbers in truth.items()
            },
        }

    def summary(self, truth: Counts, answers: Floats) -> dict[str, Any]:
        """What metrics/evaluation.json says besides scores."""
        return {}

    def plots(self, truth: Counts, models: dict[str, Floats], blocks: Blocks, tails: Tails) -> Tables:
        """The data of the plots that only this task has."""
        candidate = models["candidate"]
        predicted = candidate.argmax(axis=1)
        came = (predicted == truth).astype(np.float64)
        return {
            "confusion": confusion(truth, predicted, self.target.classes),
            "classes": by_themselves(truth, candidate, blocks, tails, self.target.classes),
            "histogram": histogram(candidate.max(axis=1)),
            "calibration": calibration(came, candidate.max(axis=1), blocks, tails),
            "abstain": abstaining(truth, models),
        }

    def predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """The columns of data/predictions.csv after the target; of several likeliest classes the first is predicted."""
        names = np.array(self.target.classes, dtype=object)
        likeliest = {model: names[answers.argmax(axis=1)] for model, answers in models.items()}
        none = np.full(len(likeliest["candidate"]), None, dtype=object)
        return {
            "prediction": likeliest["candidate"],
            **{f"probability_{name}": models["candidate"][:, at] for at, name in enumerate(names)},
            "baseline": likeliest["baseline"],
            "champion": likeliest.get("champion", none),
        }
