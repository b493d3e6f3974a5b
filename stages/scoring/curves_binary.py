"""The data of the plots of two classes that show a whole curve: ROC, precision-recall, cost by threshold."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import precision_recall_curve, roc_curve

from stages.scoring.blocks import Floats, Labels
from stages.scoring.scores_binary import Costs

POINTS = 200
"""Points of one curve: more cannot be seen."""
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
        for threshold in np.linspace(0, 1, 101):
            warned = scored >= threshold
            spent = costs.miss * (~warned & labels).sum() + costs.false_alarm * (warned & ~labels).sum()
            cost.append({"model": name, "threshold": float(threshold), "cost": float(1000 * spent / len(labels))})
    return {"roc": roc, "precision_recall": recall, "cost": cost}


def _thin(size: int) -> list[int]:
    """At most POINTS positions, evenly spread, with the first and the last."""
    return sorted({int(at) for at in np.linspace(0, size - 1, min(size, POINTS)).round()})
