"""A number: what is scored, drawn and written down where a value is predicted, with the interval it should lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.evaluate import baseline
from stages.evaluate.bootstrap import Blocks, Floats, Labels, mean, sums
from stages.evaluate.intervals import Tails
from stages.evaluate.regression.curves import bins, correction, coverage, errors, sides, tolerance
from stages.evaluate.regression.scores import UnitCosts, scores

Tables = dict[str, list[dict[str, Any]]]
NOMINAL = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of rows for which an interval is tried on the scored rows."""


class Regression:
    """Truth is each row's value (rows,), an answer is the value and the interval's ends (rows × 3), NaN without one.

    `interval` is the candidate's: its share, and how far it reaches below and above the value. `residuals` are actual
    less predicted of the validation rows: the interval of another share reaches as much farther as they say.
    """

    primary, level, scoring = "mae", "mean", "r2"

    def __init__(
        self,
        values: Floats,
        interval: Mapping[str, float] | None,
        residuals: Floats,
        tolerance: float | None,
        costs: UnitCosts | None = None,
    ) -> None:
        self.digits = digits(values)
        self.interval, self.residuals, self.tolerance, self.costs = interval, residuals, tolerance, costs

    def said(self, answers: Floats, interval: Mapping[str, float] | None = None) -> Floats:
        """A model's answers (rows × 1) with its interval, as they are scored."""
        value = answers[:, 0]
        below, above = (interval["below"], interval["above"]) if interval else (np.nan, np.nan)
        return nine(np.stack([value, value - below, value + above], axis=1))

    def baseline(self, train: pd.DataFrame, truth: Floats, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """The rule without a model: the median of the train rows alike. It gives no interval."""
        return self.said(baseline.medians(train, truth, rows, keys)[:, None])

    def scores(self, truth: Floats, answers: Floats, blocks: Blocks) -> dict[str, Floats]:
        """Every score for every draw."""
        return scores(truth, answers, blocks, self.tolerance, self.costs)

    def primary_score(self, truth: Floats, answers: Floats, blocks: Blocks) -> Floats:
        """The mean absolute error in each draw."""
        off = np.abs(answers[:, 0] - truth)
        count, total = sums(np.stack([np.ones(len(truth)), off], axis=1), blocks).T
        return mean(total, count)

    def observed(self, truth: Floats) -> Floats:
        """The value."""
        return truth

    def expected(self, answers: Floats) -> Floats:
        """The predicted one."""
        return answers[:, 0]

    def classes(self, truth: Floats) -> Labels | None:
        """There are none."""
        return None

    def parts(self, truth: Mapping[str, Floats]) -> dict[str, Any]:
        """What metrics/evaluation.json says of each part's target: its middle, and its 10th and 90th percentile."""
        found = {}
        for part, values in truth.items():
            low, median, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
            found[part] = {"mean": float(values.mean()), "median": median, "low": low, "high": high}
        return {"target": found}

    def summary(self, truth: Floats, answers: Floats) -> dict[str, Any]:
        """What metrics/evaluation.json says besides scores: the share of rows the interval is made to hold, the error
        that counts as right, and what a unit too much and too little costs.
        """
        return {
            "interval_share": self.interval["share"] if self.interval else None,
            "tolerance": self.tolerance,
            "unit_costs": asdict(self.costs) if self.costs else None,
        }

    def plots(self, truth: Floats, models: dict[str, Floats], blocks: Blocks, tails: Tails) -> Tables:
        """The data of the plots that only this task has."""
        values = {name: answers[:, 0] for name, answers in models.items()}
        found = {
            "errors": errors(truth, values["candidate"]),
            "actual_predicted": bins(truth, values["candidate"]),
            "tolerance": tolerance(truth, values),
            "sides": sides(truth, values),
        }
        if self.costs:
            found["correction"] = correction(truth, values, self.costs)
        if self.interval:
            offsets = offsets_of(self.interval, self.residuals)
            found["calibration"] = coverage(truth, values["candidate"], offsets, blocks, tails)
        return found

    def predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """The columns of data/predictions.csv after the target."""
        value, low, high = models["candidate"].T
        return {
            "prediction": value,
            "low": low,
            "high": high,
            "baseline": models["baseline"][:, 0],
            "champion": models["champion"][:, 0] if "champion" in models else np.full(len(value), np.nan),
        }


def offsets_of(interval: Mapping[str, float], residuals: Floats) -> dict[float, tuple[float, float]]:
    """How far below and above the value the interval of each share reaches: the given one, for other shares stretched
    as the residuals' quantiles of those shares are to the ones of its own.
    """

    def reach(share: float) -> tuple[float, float]:
        low, high = np.quantile(residuals, [(1 - share) / 2, (1 + share) / 2], method="inverted_cdf")
        return max(0.0, -float(low)), max(0.0, float(high))

    own = reach(interval["share"])
    found = {}
    for share in NOMINAL:
        below, above = (there / here if here else 1.0 for there, here in zip(reach(share), own, strict=True))
        found[share] = (interval["below"] * below, interval["above"] * above)
    return found


def digits(values: Floats) -> int:
    """Decimals of metrics: six, and more where the values differ by less than one."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 - math.floor(math.log10(spread))


def nine(values: Floats) -> Floats:
    """The values rounded to nine decimals; one too large to have any stays as it is."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = values.round(9)
    return np.where(np.isfinite(short), short, values)
