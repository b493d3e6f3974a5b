"""A number: what is scored, drawn and written down where a value is predicted, with the interval it should lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.contracts.evaluation import Part, RegressionEvaluation, Spread, UnitCosts
from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.evaluate import baseline
from stages.evaluate.bootstrap import Blocks, Floats, Labels, add_up, mean
from stages.evaluate.intervals import Tails
from stages.evaluate.regression.curves import (
    tabulate_bins,
    tabulate_correction,
    tabulate_coverage,
    tabulate_errors,
    tabulate_sides,
    tabulate_tolerance,
)
from stages.evaluate.regression.scores import score
from stages.evaluate.task import Tables

NOMINAL = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of rows for which an interval is tried on the scored rows."""


class Regression:
    """`y_true` is each row's value (rows,), a prediction is the value and the interval's ends (rows × 3), NaN without
    one.

    `interval` is the candidate's: its share, and how far it reaches below and above the value. `residuals` are actual
    less predicted of the validation rows: the interval of another share reaches as much farther as they say.
    """

    primary: MetricKey = "mae"
    level, scoring = "mean", "r2"

    def __init__(
        self,
        values: Floats,
        interval: Interval | None,
        residuals: Floats,
        tolerance: float | None,
        costs: UnitCosts | None = None,
    ) -> None:
        self.digits = digits_of(values)
        self.interval, self.residuals, self.tolerance, self.costs = interval, residuals, tolerance, costs

    def shape_predictions(self, predictions: Floats, interval: Interval | None = None) -> Floats:
        """Return the values (rows × 1) with the model's interval, as they are scored (rows × 3)."""
        value = predictions[:, 0]
        below, above = (interval.below, interval.above) if interval else (np.nan, np.nan)
        return round_to_nine(np.stack([value, value - below, value + above], axis=1))

    def predict_baseline(self, train: pd.DataFrame, y_true: Floats, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """Return the median of the train rows alike, without an interval."""
        return self.shape_predictions(baseline.predict_medians(train, y_true, rows, keys)[:, None])

    def score(self, y_true: Floats, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        """Return every metric in every draw."""
        return score(y_true, predictions, blocks, self.tolerance, self.costs)

    def score_primary(self, y_true: Floats, predictions: Floats, blocks: Blocks) -> Floats:
        """Return the mean absolute error in each draw."""
        off = np.abs(predictions[:, 0] - y_true)
        count, total = add_up(np.stack([np.ones(len(y_true)), off], axis=1), blocks).T
        return mean(total, count)

    def observe(self, y_true: Floats) -> Floats:
        """Return the value."""
        return y_true

    def expect(self, predictions: Floats) -> Floats:
        """Return the predicted one."""
        return predictions[:, 0]

    def slice_classes(self, y_true: Floats) -> Labels | None:
        """Return None: there are no classes."""
        return None

    def describe_evaluation(
        self, parts: Mapping[Part, Floats], y_true: Floats, predictions: Floats, **common: Any
    ) -> RegressionEvaluation:
        """Return the evaluation with each part's target, the share that intervals promise, the error that counts as
        right, and what a unit too much and too little costs.
        """
        return RegressionEvaluation(
            **common,
            target={part: _spread(values) for part, values in parts.items()},
            interval_share=self.interval.share if self.interval else None,
            tolerance=self.tolerance,
            unit_costs=self.costs,
        )

    def tabulate_plots(self, y_true: Floats, models: dict[str, Floats], blocks: Blocks, tails: Tails) -> Tables:
        """Return the data of the plots that only this task has."""
        values = {name: predictions[:, 0] for name, predictions in models.items()}
        plots = {
            "errors": tabulate_errors(y_true, values["candidate"]),
            "actual_predicted": tabulate_bins(y_true, values["candidate"]),
            "tolerance": tabulate_tolerance(y_true, values),
            "sides": tabulate_sides(y_true, values),
        }
        if self.costs:
            plots["correction"] = tabulate_correction(y_true, values, self.costs)
        if self.interval:
            offsets = offsets_of(self.interval, self.residuals)
            plots["calibration"] = tabulate_coverage(y_true, values["candidate"], offsets, blocks, tails)
        return plots

    def tabulate_predictions(self, models: Mapping[str, Floats]) -> dict[str, npt.NDArray[Any]]:
        """Return the columns of data/predictions.csv after the target."""
        value, low, high = models["candidate"].T
        return {
            "prediction": value,
            "low": low,
            "high": high,
            "baseline": models["baseline"][:, 0],
            "champion": models["champion"][:, 0] if "champion" in models else np.full(len(value), np.nan),
        }


def offsets_of(interval: Interval, residuals: Floats) -> dict[float, tuple[float, float]]:
    """Return how far below and above the value the interval of each share reaches: the given one, for other shares
    stretched as the residuals' quantiles of those shares are to the ones of its own.
    """

    def reach(share: float) -> tuple[float, float]:
        low, high = np.quantile(residuals, [(1 - share) / 2, (1 + share) / 2], method="inverted_cdf")
        return max(0.0, -float(low)), max(0.0, float(high))

    own = reach(interval.share)
    offsets = {}
    for share in NOMINAL:
        below, above = (there / here if here else 1.0 for there, here in zip(reach(share), own, strict=True))
        offsets[share] = (interval.below * below, interval.above * above)
    return offsets


def digits_of(values: Floats) -> int:
    """Return the decimals of metrics: six, and more where the values differ by less than one."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 - math.floor(math.log10(spread))


def _spread(values: Floats) -> Spread:
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return Spread(float(values.mean()), median, low, high)


def round_to_nine(values: Floats) -> Floats:
    """Return the values rounded to nine decimals; one too large to have any stays as it is."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = values.round(9)
    return np.where(np.isfinite(short), short, values)
