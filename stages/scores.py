"""Scores of predicted probabilities, for the rows as they are and for many resamples of whole blocks at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Blocks = tuple[Counts, Counts]
"""What `resamples` gives: each row's block, and each draw's weight of each block."""

GROUPS = 10
SMALLEST = np.finfo(np.float64).eps
"""The least probability in a log loss, scikit-learn's: one that is 0 would make it infinite."""


@dataclass(frozen=True)
class Costs:
    """What a miss and a false alarm cost; the threshold at which both errors cost the same in expectation."""

    miss: float
    false_alarm: float

    @property
    def threshold(self) -> float:
        """Warn from this probability on: p × miss ≥ (1 − p) × false alarm (Elkan, 2001)."""
        return self.false_alarm / (self.false_alarm + self.miss)


def resamples(blocks: npt.NDArray[Any], draws: int, seed: int) -> Blocks:
    """Each row's block number (rows,), and how often each block stands in each draw (draws × blocks).

    A draw takes as many blocks as there are, with replacement (block bootstrap; Künsch, 1989): rows of one block depend
    on each other, so that resampling rows would claim a precision that is not there.
    """
    _, of_row = np.unique(blocks, return_inverse=True)
    size = int(of_row.max()) + 1
    random = np.random.default_rng(seed)
    drawn = random.integers(size, size=(draws, size))
    return of_row, np.stack([np.bincount(draw, minlength=size) for draw in drawn])


def scores(labels: Labels, probability: Floats, of_row: Counts, weights: Counts, costs: Costs) -> dict[str, Floats]:
    """Every score for every draw: {name: (draws,)}. `weights` is draws × blocks; ones give the rows as they are."""
    auc, average_precision = ranking(labels, probability, of_row, weights)
    return {
        "auc": auc,
        "average_precision": average_precision,
        **_sums(labels, probability, of_row, weights, costs),
    }


def groups(probability: Floats) -> Counts:
    """Ten groups of rows of about equal size, by rising probability (0 to 9)."""
    edges = np.quantile(probability, np.linspace(0, 1, GROUPS + 1)[1:-1])
    return np.searchsorted(edges, probability, side="right").astype(np.int64)


def ranking(labels: Labels, probability: Floats, of_row: Counts, weights: Counts) -> tuple[Floats, Floats]:
    """Area under the ROC curve (ties count half) and average precision, by one pass over the sorted rows a draw.

    NaN for a draw that holds one class only.
    """
    order = np.argsort(-probability, kind="stable")
    sorted_scores, sorted_labels, block = probability[order], labels[order].astype(np.float64), of_row[order]
    starts = np.flatnonzero(np.r_[True, np.diff(sorted_scores) != 0])
    auc, precision = np.full(len(weights), np.nan), np.full(len(weights), np.nan)
    for draw, weight in enumerate(weights):
        row = weight[block].astype(np.float64)
        positive = np.add.reduceat(row * sorted_labels, starts)
        everyone = np.add.reduceat(row, starts)
        negative = everyone - positive
        hits, seen = np.cumsum(positive), np.cumsum(everyone)
        if hits[-1] > 0 and hits[-1] < seen[-1]:
            above = hits - positive / 2
            auc[draw] = float(negative @ above) / (hits[-1] * (seen[-1] - hits[-1]))
            share = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
            precision[draw] = float(positive @ share) / hits[-1]
    return auc, precision


def _sums(labels: Labels, probability: Floats, of_row: Counts, weights: Counts, costs: Costs) -> dict[str, Floats]:
    """The scores that are sums over rows: added up once for each block, then weighted."""

    def total(values: npt.NDArray[Any]) -> Floats:
        return np.asarray(weights @ np.bincount(of_row, weights=values, minlength=weights.shape[1]), dtype=np.float64)

    count = total(np.ones(len(labels)))
    chosen = np.where(labels, probability, 1 - probability).clip(SMALLEST, 1)
    warned = probability >= costs.threshold
    hit, miss, false_alarm = total(warned & labels), total(~warned & labels), total(warned & ~labels)
    gap = np.zeros(len(weights))
    group = groups(probability)
    for number in range(GROUPS):
        gap += np.abs(total(np.where(group == number, probability - labels, 0.0)))
    return {
        "log_loss": total(-np.log(chosen)) / count,
        "brier": total((probability - labels) ** 2) / count,
        "calibration_error": gap / count,
        "precision": _share(hit, hit + false_alarm),
        "recall": _share(hit, hit + miss),
        "cost": 1000 * (costs.miss * miss + costs.false_alarm * false_alarm) / count,
    }


def _share(part: Floats, whole: Floats) -> Floats:
    """The share, 0 where there is nothing to share."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
