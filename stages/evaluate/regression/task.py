"""A number: what is scored, drawn and written down where a value is predicted, with the interval it should lie in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.contracts.evaluation import Part, RegressionEvaluation, RelativeError, Spread, UnitCosts
from stages.contracts.metric_key import MetricKey
from stages.contracts.train_metrics import Interval
from stages.evaluate import baseline
from stages.evaluate.bootstrap import Blocks, Floats, Labels, count_blocks, draw_means
from stages.evaluate.intervals import Trials
from stages.evaluate.params import Evaluate
from stages.evaluate.regression.curves import (
    tabulate_bins,
    tabulate_correction,
    tabulate_errors,
    tabulate_levels,
    tabulate_sides,
    tabulate_tolerance,
)
from stages.evaluate.regression.scores import lie_inside, round_to_nine, score
from stages.evaluate.slices import tabulate_calibration
from stages.evaluate.task import RowMeasure, Tables
from stages.model.interval import add_interval

NEAR = 0.1
"""Share of a value within which a prediction is near it."""
FEWEST = 100
"""Rows that a part of rising prediction has: fewer would tell the share inside an interval too roughly."""


class Regression:
    """`y_true` is each row's value (rows,), a prediction is the value and the interval's ends (rows × 3), NaN without
    one.

    `interval` is the candidate's. `groups` are the parts of rising prediction in each of which it must hold: tenths,
    or fewer of few rows.
    """

    primary: MetricKey = "mae"
    level, scoring = "mean", "r2"

    def __init__(
        self,
        values: Floats,
        interval: Interval | None,
        groups: int,
        tolerance: float | None,
        costs: UnitCosts | None = None,
    ) -> None:
        self.digits = digits_of(values)
        self.interval, self.groups, self.tolerance, self.costs = interval, groups, tolerance, costs

    def shape_predictions(self, predictions: Floats, interval: Interval | None = None) -> Floats:
        """Return the values (rows × 1) with the model's interval, as they are scored (rows × 3)."""
        if interval is None:
            return round_to_nine(np.pad(predictions, ((0, 0), (0, 2)), constant_values=np.nan))
        return round_to_nine(add_interval(predictions[:, 0], interval))

    def predict_baseline(self, train: pd.DataFrame, y_true: Floats, rows: pd.DataFrame, keys: list[str]) -> Floats:
        """Return the median of the train rows alike, without an interval."""
        return self.shape_predictions(baseline.predict_medians(train, y_true, rows, keys)[:, None])

    def score(self, y_true: Floats, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
        """Return every metric in every draw."""
        return score(y_true, predictions, blocks, self.tolerance, self.costs, self.groups)

    def score_primary(self, y_true: Floats, predictions: Floats, blocks: Blocks) -> Floats:
        """Return the mean absolute error in each draw."""
        return draw_means(np.abs(predictions[:, 0] - y_true), blocks)

    def count_trials(self, y_true: Floats, predictions: Floats, blocks: Blocks) -> Trials:
        """Return in how many blocks of rows each metric that is a share was counted."""
        every = count_blocks(blocks)
        return {"coverage": every, "within": every, "worst_coverage": max(1, every // self.groups)}

    def observe(self, y_true: Floats) -> Floats:
        """Return the value."""
        return y_true

    def expect(self, predictions: Floats) -> Floats:
        """Return the predicted one."""
        return predictions[:, 0]

    def lie_inside(self, y_true: Floats, predictions: Floats) -> Labels | None:
        """Return whether each row's value lies in its interval; None where the model gives none."""
        return None if np.isnan(predictions[:, 1:]).any() else lie_inside(y_true, predictions)

    def measure_rows(self, y_true: Floats, predictions: Floats) -> RowMeasure:
        """Return how far a row's prediction is off."""
        return RowMeasure("mae", np.abs(predictions[:, 0] - y_true), np.ones(len(y_true), dtype=bool), None)

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
            relative=_relative_error(y_true, predictions[:, 0]),
            interval_share=self.interval.share if self.interval else None,
            tolerance=self.tolerance,
            unit_costs=self.costs,
        )

    def tabulate_plots(self, y_true: Floats, models: dict[str, Floats], blocks: Blocks, section: Evaluate) -> Tables:
        """Return the data of the plots that only this task has."""
        values = {name: predictions[:, 0] for name, predictions in models.items()}
        plots = {
            "errors": tabulate_errors(y_true, values["candidate"]),
            "actual_predicted": tabulate_bins(y_true, values["candidate"]),
            "tolerance": tabulate_tolerance(y_true, values),
            "levels": tabulate_levels(y_true, values),
            "sides": tabulate_sides(y_true, values),
        }
        if self.costs:
            plots["correction"] = tabulate_correction(y_true, values, self.costs)
        inside = self.lie_inside(y_true, models["candidate"])
        if inside is not None:
            plots["calibration"] = tabulate_calibration(
                inside.astype(np.float64), values["candidate"], blocks, section.slice_tails, self.groups
            )
        return plots

    def read_predictions(self, written: pd.DataFrame) -> Floats:
        """Return the values and ends of intervals that such columns hold (rows × 3)."""
        return written[["prediction", "low", "high"]].to_numpy(dtype=np.float64)

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


def count_groups(rows: int) -> int:
    """Return into how many parts of rising prediction so many scored rows are cut: ten, or fewer that say something."""
    return max(1, min(10, rows // FEWEST))


def digits_of(values: Floats) -> int:
    """Return the decimals of metrics: six, and more where the values differ by less than one."""
    spread = float(values.std())
    return 6 if not 0 < spread < 1 else 6 - math.floor(math.log10(spread))


def _spread(values: Floats) -> Spread:
    low, median, high = np.quantile(values, [0.1, 0.5, 0.9]).tolist()
    return Spread(float(values.mean()), median, low, high)


def _relative_error(y_true: Floats, value: Floats) -> RelativeError | None:
    if not (y_true > 0).all():
        return None
    share = np.abs(value - y_true) / y_true
    return RelativeError(float(np.median(share)), float((share <= NEAR).mean()), NEAR)
