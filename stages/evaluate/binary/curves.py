"""The data of the plots of two classes that show a whole curve: ROC, precision-recall, cost by threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from stages.contracts.evaluation import Costs
from stages.evaluate.binary.scores import count_levels
from stages.evaluate.bootstrap import Blocks, Floats, Labels
from stages.evaluate.intervals import Tails, interval_bounds

POINTS = 200
"""Points of one curve: more cannot be seen."""
STEPS, BAND = 200, 41
"""Levels of the score that the band is counted at, and points of it."""
LEAST_RECALL = 0.01
"""Below it a precision is that of a handful of rows, and says nothing."""


def tabulate_curves(y_true: Labels, models: dict[str, Floats], costs: Costs) -> dict[str, list[dict[str, Any]]]:
    """Return the data of the ROC, precision-recall and cost curves of each model."""
    roc, recall, cost = [], [], []
    for name, probability in models.items():
        fpr, tpr, _ = roc_curve(y_true, probability)
        roc += [{"model": name, "fpr": float(fpr[at]), "tpr": float(tpr[at])} for at in _thin(len(fpr))]
        precisions, recalls, _ = precision_recall_curve(y_true, probability)
        steady = int((recalls >= LEAST_RECALL).sum())  # recall falls along the curve
        recall += [
            {"model": name, "recall": float(recalls[at]), "precision": float(precisions[at])} for at in _thin(steady)
        ]
        cost += [
            {"model": name, "threshold": float(threshold), **count_outcomes(y_true, probability, threshold, costs)}
            for threshold in np.linspace(0, 1, 101)
        ]
    return {"roc": roc, "precision_recall": recall, "cost": cost}


def count_outcomes(y_true: Labels, probability: Floats, threshold: float, costs: Costs) -> dict[str, float]:
    """Return what becomes of 1,000 rows when those from the threshold on are warned of, and what wrong calls cost."""
    warned, per = probability >= threshold, 1000 / len(y_true)
    caught, needless = float((warned & y_true).sum() * per), float((warned & ~y_true).sum() * per)
    missed = float(y_true.sum() * per) - caught
    return {
        "cost": costs.miss * missed + costs.false_alarm * needless,
        "caught": caught,
        "missed": missed,
        "needless": needless,
        "left": 1000 - caught - missed - needless,
    }


def tabulate_band(y_true: Labels, probability: Floats, blocks: Blocks, tails: Tails) -> list[dict[str, Any]]:
    """Return the interval of the ROC curve at some shares of false alarms, over the draws that hold both classes."""
    grid = np.linspace(0, 1, BAND)
    drawn = [
        np.interp(grid, np.r_[0, alarm / alarm[-1]], np.r_[0, hit / hit[-1]])
        for hits, others in count_levels(y_true, probability, blocks, STEPS)
        for hit, alarm in zip(np.cumsum(hits, axis=0).T, np.cumsum(others, axis=0).T, strict=True)
        if hit[-1] and alarm[-1]
    ]
    if not drawn:
        return []
    table = []
    for place, at in enumerate(grid):
        low, high = interval_bounds(np.array([draw[place] for draw in drawn]), tails)
        table.append({"fpr": float(at), "low": low, "high": high})
    return table


def _thin(size: int) -> list[int]:
    """Return at most POINTS positions, evenly spread, with the first and the last."""
    return sorted({int(at) for at in np.linspace(0, size - 1, min(size, POINTS)).round()})
