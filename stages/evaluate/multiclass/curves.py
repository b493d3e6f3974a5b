"""The data of the plots of several classes: the confusion table, each class by itself, and what abstaining brings."""

from __future__ import annotations

from typing import Any

import numpy as np

from stages.evaluate.bootstrap import Blocks, Counts, Floats, count_blocks, unit_weights
from stages.evaluate.intervals import Tails, interval_bounds
from stages.evaluate.multiclass.scores import score_classes, score_one_vs_rest

POINTS = 100
"""Points of one curve: more cannot be seen."""


def tabulate_confusion(y_true: Counts, predicted: Counts, classes: list[str]) -> list[dict[str, Any]]:
    """Return the rows of each class by the class predicted for them; the share is of the rows of the actual class."""
    size = len(classes)
    cells = np.bincount(y_true * size + predicted, minlength=size * size).reshape(size, size)
    return [
        {
            "actual": classes[actual],
            "predicted": classes[called],
            "rows": int(cells[actual, called]),
            "share": cells[actual, called] / rows if (rows := int(cells[actual].sum())) else None,
        }
        for actual in range(size)
        for called in range(size)
    ]


def tabulate_classes(
    y_true: Counts, probabilities: Floats, blocks: Blocks, tails: Tails, classes: list[str]
) -> list[dict[str, Any]]:
    """Return each class's rows, precision, recall, F1 and one-vs-rest AUC, the interval of that AUC; None if
    undefined.
    """
    found = {name: values[0] for name, values in score_classes(y_true, probabilities, unit_weights(blocks)).items()}
    table = []
    for number, label in enumerate(classes):
        mask, scored = y_true == number, probabilities[:, number]
        low, high = interval_bounds(score_one_vs_rest(mask, scored, blocks), tails, count_blocks(blocks))
        auc = score_one_vs_rest(mask, scored, unit_weights(blocks))[0]
        measured = {name: float(values[number]) for name, values in found.items()} | {"auc": float(auc)}
        known = {name: None if np.isnan(value) else value for name, value in measured.items()}
        share = float(mask.mean())
        table.append({"class": label, "rows": int(mask.sum()), "share": share, **known, "low": low, "high": high})
    return table


def tabulate_abstention(y_true: Counts, models: dict[str, Floats]) -> list[dict[str, Any]]:
    """Return for each model the share of rows that are answered when only the surest are, and how many answers are
    right.

    Rows of equal confidence are answered together. `confidence` is the least one that is answered.
    """
    table: list[dict[str, Any]] = []
    for name, probabilities in models.items():
        confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y_true
        order = np.argsort(-confidence, kind="stable")
        hits = np.cumsum(right[order])
        last = np.flatnonzero(np.r_[np.diff(confidence[order]) != 0, True])  # of each run of equal confidence
        some = np.unique(np.linspace(0, len(last) - 1, min(len(last), POINTS)).round().astype(np.int64))
        table += [
            {
                "model": name,
                "confidence": float(confidence[order][at]),
                "answered": float((at + 1) / len(y_true)),
                "accuracy": float(hits[at] / (at + 1)),
            }
            for at in last[some]
        ]
    return table
