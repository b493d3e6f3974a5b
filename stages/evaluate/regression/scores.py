"""Scores of predicted numbers, for many resamples of whole blocks at once.

Answers are rows × 3: the value, and the ends of the interval it should lie in, NaN where a model gives none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stages.evaluate.bootstrap import Blocks, Floats, mean, sums

ROUNDING = 1e-12
"""A variance smaller than this share of the mean square is what floating point leaves of none."""


@dataclass(frozen=True)
class UnitCosts:
    """What one unit of the target costs that is predicted too much, and too little."""

    over: float
    under: float

    def of(self, error: Floats) -> Floats:
        """The cost of each error, predicted less actual: the check loss of a quantile (Koenker and Bassett, 1978),
        whose mean is least where under ÷ (under + over) of the rows lie below the prediction.
        """
        return np.maximum(self.over * error, -self.under * error)


@np.errstate(over="ignore", invalid="ignore")  # what is too large to be squared has no such score
def scores(
    truth: Floats, answers: Floats, blocks: Blocks, tolerance: float | None, costs: UnitCosts | None = None
) -> dict[str, Floats]:
    """Every score for every draw: {name: (draws,)}. Errors are predicted less actual, so that bias says how much too
    high the predictions are; R² is NaN for a draw whose rows all have one value.

    `coverage` is there only where the answers have intervals, `within` (share of rows whose error is at most the
    tolerance) only with a tolerance, `cost` (of one row's error, on average) only with costs.
    """
    error = answers[:, 0] - truth
    centred = truth - truth.mean()  # else a large mean would eat up the digits of the variance
    rows = np.stack([np.ones(len(truth)), np.abs(error), error, error**2, centred, centred**2], axis=1)
    count, absolute, signed, squared, total, squares = sums(rows, blocks).T
    spread = squares - mean(total**2, count)
    varied = spread > ROUNDING * squares
    found = {
        "mae": mean(absolute, count),
        "median_ae": medians(np.abs(error), blocks),
        "rmse": np.sqrt(mean(squared, count)),
        "r2": 1 - np.divide(squared, spread, out=np.full(len(count), np.nan), where=varied),
        "bias": mean(signed, count),
    }
    if not np.isnan(answers[:, 1:]).any():
        found["coverage"] = mean(sums(inside(truth, answers)[:, None], blocks)[:, 0], count)
    if tolerance is not None:
        found["within"] = mean(sums((np.abs(error) <= tolerance)[:, None], blocks)[:, 0], count)
    if costs is not None:
        found["cost"] = mean(sums(costs.of(error)[:, None], blocks)[:, 0], count)
    return found


def inside(truth: Floats, answers: Floats) -> np.typing.NDArray[np.bool_]:
    """Whether each row's value lies in its interval, ends included."""
    return (answers[:, 1] <= truth) & (truth <= answers[:, 2])


def medians(values: Floats, blocks: Blocks) -> Floats:
    """The median of the values of each draw's rows, each as often as it was drawn; NaN for a draw without rows."""
    of_row, weights = blocks
    order = np.argsort(values, kind="stable")
    ordered, block = values[order], of_row[order]
    found = np.full(len(weights), np.nan)
    for draw, weight in enumerate(weights):
        seen = np.cumsum(weight[block], dtype=np.int64)
        if len(seen) and seen[-1]:
            middle = [(seen[-1] - 1) // 2, seen[-1] // 2]
            found[draw] = ordered[np.searchsorted(seen, middle, side="right")].mean()
    return found
