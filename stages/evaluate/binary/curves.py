"""The data of the plots of two classes that show a whole curve: ROC, precision-recall, cost by threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from stages.evaluate.binary.scores import Costs, levels
from stages.evaluate.bootstrap import Blocks, Floats, Labels
from stages.evaluate.intervals import Tails, ends

POINTS = 200
"""Points of one curve: more cannot be seen."""
STEPS, BAND = 200, 41
"""Levels of the score that the band is counted at, and points of it."""
LEAST_RECALL = 0.01
"""Below it a precision is that of a handful of rows, and says nothing."""


def curves(labels: Labels, models: dict[str, Floats], costs: Costs) -> dict[str, list[dict[str, Any]]]:
    """The data of the ROC, precision-recall and cost curves of each model."""
    roc, recall, cost = [], [], []
    for name, scored in models.items():
        fpr, tpr, _ = roc_curve(labels, scored)
        roc += [{"model": name, "fpr": float(fpr[at]), "tpr": float(tpr[at])} for at in _thin(len(fpr))]
        precisions, recalls, _ = precision_recall_curve(labels, scored)
        steady = int((recalls >= LEAST_RECALL).sum())  # recall falls along the curve
        recall += [
            {"model": name, "recall": float(recalls[at]), "precision": float(precisions[at])} for at in _thin(steady)
        ]
        cost += [
            {"model": name, "threshold": float(threshold), **outcomes(labels, scored, threshold, costs)}
            for threshold in np.linspace(0, 1, 101)
        ]
    return {"roc": roc, "precision_recall": recall, "cost": cost}


def outcomes(labels: Labels, scored: Floats, threshold: float, costs: Costs) -> dict[str, float]:
    """What becomes of 1,000 rows when those from the threshold on are warned of, and what the wrong calls cost."""
    warned, per = scored >= threshold, 1000 / len(labels)
    caught, needless = float((warned & labels).sum() * per), float((warned & ~labels).sum() * per)
    missed = float(labels.sum() * per) - caught
    return {
        "cost": costs.miss * missed + costs.false_alarm * needless,
        "caught": caught,
        "missed": missed,
        "needless": needless,
        "left": 1000 - caught - missed - needless,
    }


def band(labels: Labels, scored: Floats, blocks: Blocks, tails: Tails) -> list[dict[str, Any]]:
    """The interval of the ROC curve at some shares of false alarms, over the draws that hold both classes."""
    grid = np.linspace(0, 1, BAND)
    drawn = [
        np.interp(grid, np.r_[0, alarm / alarm[-1]], np.r_[0, hit / hit[-1]])
        for hits, others in levels(labels, scored, blocks, STEPS)
        for hit, alarm in zip(np.cumsum(hits, axis=0).T, np.cumsum(others, axis=0).T, strict=True)
        if hit[-1] and alarm[-1]
    ]
    if not drawn:
        return []
    table = []
    for place, at in enumerate(grid):
        low, high = ends(np.array([draw[place] for draw in drawn]), tails)
        table.append({"fpr": float(at), "low": low, "high": high})
    return table


def _thin(size: int) -> list[int]:
    """At most POINTS positions, evenly spread, with the first and the last."""
    return sorted({int(at) for at in np.linspace(0, size - 1, min(size, POINTS)).round()})
