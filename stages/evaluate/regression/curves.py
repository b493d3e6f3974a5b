"""The data of the plots of a predicted number: errors by the size of the prediction, actual by predicted."""

from __future__ import annotations

from typing import Any

import numpy as np

from stages.contracts.evaluation import UnitCosts
from stages.evaluate.bootstrap import Floats, group_equal_rows
from stages.evaluate.regression.scores import cost_errors

BINS = 24
"""Bins along each side of the table of actual by predicted."""
FARTHEST = 0.005
"""Share of the values at each end that is counted into the outermost bins: one stray value would squeeze the rest."""
POINTS = 60
"""Steps of a curve, an even number: more cannot be seen."""
LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Shares of the candidate's predictions for which it is told how far off they are at most: half first."""
NEARLY_ALL = 0.98
"""Share of the candidate's errors that a curve reaches out to: a few far ones would squeeze the rest."""


def tabulate_errors(y_true: Floats, predicted: Floats) -> list[dict[str, Any]]:
    """Return ten groups of rising prediction: the quantiles of predicted less actual, and the mean absolute error."""
    group, off = group_equal_rows(predicted), predicted - y_true
    table = []
    for number in np.unique(group):
        mask = group == number
        low, middle, high = np.quantile(off[mask], [0.1, 0.5, 0.9])
        table.append(
            {
                "group": int(number) + 1,
                "predicted": float(predicted[mask].mean()),
                "actual": float(y_true[mask].mean()),
                "p10": float(low),
                "p50": float(middle),
                "p90": float(high),
                "mae": float(np.abs(off[mask]).mean()),
                "rows": int(mask.sum()),
            }
        )
    return table


def tabulate_bins(y_true: Floats, predicted: Floats) -> list[dict[str, Any]]:
    """Return how many rows fall into each square of predicted by actual (named by its middle); empty ones are left
    out.
    """
    both = np.concatenate([y_true, predicted])
    low, high = np.quantile(both, [FARTHEST, 1 - FARTHEST])
    edges = np.linspace(low, high, BINS + 1)
    across, up = (np.searchsorted(edges[1:-1], values, side="right") for values in (predicted, y_true))
    cells = np.bincount(across * BINS + up, minlength=BINS * BINS)
    middle = (edges[1:] + edges[:-1]) / 2
    return [
        {"predicted": float(middle[cell // BINS]), "actual": float(middle[cell % BINS]), "rows": int(cells[cell])}
        for cell in np.flatnonzero(cells)
    ]


def tabulate_tolerance(y_true: Floats, models: dict[str, Floats]) -> list[dict[str, Any]]:
    """Return for each model the share of rows whose error is at most so much, up to the candidate's largest but a
    few.
    """
    most = np.quantile(np.abs(models["candidate"] - y_true), NEARLY_ALL)
    table = []
    for name, predicted in models.items():
        off = np.sort(np.abs(predicted - y_true))
        for bound in np.linspace(0, most, POINTS + 1):
            within = np.searchsorted(off, bound, side="right") / len(off)
            table.append({"model": name, "tolerance": float(bound), "share": float(within)})
    return table


def tabulate_levels(y_true: Floats, models: dict[str, Floats]) -> list[dict[str, Any]]:
    """Return for round shares the error that so many of the candidate's do not exceed, and each model's share of rows
    whose error is no larger.
    """
    errors = {name: np.abs(predicted - y_true) for name, predicted in models.items()}
    own = errors["candidate"]
    bounds = [np.median(own), *np.quantile(own, LEVELS[1:], method="inverted_cdf")]
    return [
        {"share": share, "error": float(error), "model": name, "within": float((off <= error).mean())}
        for share, error in zip(LEVELS, bounds, strict=True)
        for name, off in errors.items()
    ]


def tabulate_correction(y_true: Floats, models: dict[str, Floats], costs: UnitCosts) -> list[dict[str, Any]]:
    """Return for each model what an error costs on average when so much is added to every prediction: nothing, up to
    nearly the candidate's largest error to either side, and the very amount that would have cost least.
    """
    least = np.quantile(y_true - models["candidate"], costs.under / (costs.under + costs.over), method="inverted_cdf")
    most = max(np.quantile(np.abs(models["candidate"] - y_true), NEARLY_ALL), abs(least))
    steps = np.unique(np.r_[np.linspace(-most, most, POINTS + 1), least])
    return [
        {
            "model": name,
            "correction": float(added),
            "cost": float(cost_errors(predicted + added - y_true, costs).mean()),
        }
        for name, predicted in models.items()
        for added in steps
    ]


def tabulate_sides(y_true: Floats, models: dict[str, Floats]) -> list[dict[str, Any]]:
    """Return for each model how often and by how much on average it predicts too high, and too low."""
    table: list[dict[str, Any]] = []
    for name, predicted in models.items():
        off = predicted - y_true
        for side, rows in (("high", off[off > 0]), ("low", -off[off < 0])):
            mean = float(rows.mean()) if len(rows) else None
            table.append({"model": name, "side": side, "share": float(len(rows) / len(off)), "mean": mean})
    return table
