"""Scores of predicted numbers, for many resamples of whole blocks at once.

Predictions are rows × 3: the value, and the ends of the interval it should lie in, NaN where a model gives none.
"""

from __future__ import annotations

import numpy as np

from stages.contracts.evaluation import UnitCosts
from stages.contracts.metric_key import MetricKey
from stages.evaluate.bootstrap import Blocks, Floats, add_up, draw_means, group_equal_rows, mean, take_part

ROUNDING = 1e-12
"""A variance smaller than this share of the mean square is what floating point leaves of none."""


def cost_errors(error: Floats, costs: UnitCosts) -> Floats:
    """Return the cost of each error, predicted less actual: the check loss of a quantile (Koenker and Bassett, 1978),
    whose mean is least where under ÷ (under + over) of the rows lie below the prediction.
    """
    return np.maximum(costs.over * error, -costs.under * error)


@np.errstate(over="ignore", invalid="ignore")  # what is too large to be squared has no such score
def score(
    y_true: Floats,
    predictions: Floats,
    blocks: Blocks,
    tolerance: float | None,
    costs: UnitCosts | None = None,
    groups: int = 10,
) -> dict[MetricKey, Floats]:
    """Return every metric in every draw: {key: (draws,)}. Errors are predicted less actual, so that bias says how much
    too high the predictions are; R² is NaN for a draw whose rows all have one value.

    `coverage` is there only where the predictions have intervals, as is `worst_coverage`: that of the one of so many
    `groups` of rising prediction whose intervals hold least. `within` (share of rows whose error is at most the
    tolerance) only with a tolerance, `cost` (of one row's error, on average) only with costs.
    """
    error = predictions[:, 0] - y_true
    centred = y_true - y_true.mean()  # else a large mean would eat up the digits of the variance
    rows = np.stack([np.ones(len(y_true)), np.abs(error), error, error**2, centred, centred**2], axis=1)
    count, absolute, signed, squared, total, squares = add_up(rows, blocks).T
    spread = squares - mean(total**2, count)
    varied = spread > ROUNDING * squares
    metrics: dict[MetricKey, Floats] = {
        "mae": mean(absolute, count),
        "median_ae": draw_medians(np.abs(error), blocks),
        "rmse": np.sqrt(mean(squared, count)),
        "r2": 1 - np.divide(squared, spread, out=np.full(len(count), np.nan), where=varied),
        "bias": mean(signed, count),
    }
    if not np.isnan(predictions[:, 1:]).any():
        metrics["coverage"] = mean(add_up(lie_inside(y_true, predictions)[:, None], blocks)[:, 0], count)
        metrics["worst_coverage"] = draw_worst_coverage(y_true, predictions, groups, blocks)
    if tolerance is not None:
        metrics["within"] = mean(add_up((np.abs(error) <= tolerance)[:, None], blocks)[:, 0], count)
    if costs is not None:
        metrics["cost"] = mean(add_up(cost_errors(error, costs)[:, None], blocks)[:, 0], count)
    return metrics


def round_to_nine(values: Floats) -> Floats:
    """Return the values rounded to nine decimals; one too large to have any stays as it is."""
    with np.errstate(over="ignore", invalid="ignore"):
        short = values.round(9)
    return np.where(np.isfinite(short), short, values)


def lie_inside(y_true: Floats, predictions: Floats) -> np.typing.NDArray[np.bool_]:
    """Return whether each row's value, rounded as predictions are, lies in its interval, ends included."""
    value = round_to_nine(y_true)
    return (predictions[:, 1] <= value) & (value <= predictions[:, 2])


def draw_worst_coverage(y_true: Floats, predictions: Floats, groups: int, blocks: Blocks) -> Floats:
    """Return each draw's share of rows inside their interval, in the group of rising prediction whose share is least on
    the rows as they are; NaN for a draw without rows of it.
    """
    group, inside = group_equal_rows(predictions[:, 0], groups), lie_inside(y_true, predictions)
    rows = np.bincount(group)
    held = np.divide(np.bincount(group, weights=inside), rows, out=np.ones(len(rows)), where=rows > 0)
    mask = group == held.argmin()
    return draw_means(inside[mask], take_part(blocks, mask))


def draw_medians(values: Floats, blocks: Blocks) -> Floats:
    """Return the median of the values of each draw's rows, each as often as it was drawn; NaN for a draw without
    rows.
    """
    of_row, weights = blocks
    order = np.argsort(values, kind="stable")
    ordered, block = values[order], of_row[order]
    medians = np.full(len(weights), np.nan)
    for draw, weight in enumerate(weights):
        seen = np.cumsum(weight[block], dtype=np.int64)
        if len(seen) and seen[-1]:
            middle = [(seen[-1] - 1) // 2, seen[-1] // 2]
            medians[draw] = ordered[np.searchsorted(seen, middle, side="right")].mean()
    return medians
