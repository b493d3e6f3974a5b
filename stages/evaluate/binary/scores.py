"""Scores of predicted probabilities of two classes, for many resamples of whole blocks at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array

from stages.contracts.evaluation import Costs
from stages.contracts.metric_key import MetricKey
from stages.evaluate.bootstrap import TOGETHER, Blocks, Floats, Labels, add_up, group_equal_rows, mean, share

GROUPS = 10
LEVELS = 1000
"""Levels of the score at which rows are counted where the whole curve of every draw is wanted quickly."""
SMALLEST = np.finfo(np.float64).eps
"""The least probability in a log loss, scikit-learn's: one that is 0 would make it infinite."""


def score(y_true: Labels, probability: Floats, blocks: Blocks, costs: Costs) -> dict[MetricKey, Floats]:
    """Return every metric in every draw: {key: (draws,)}."""
    auc, average_precision = score_ranking(y_true, probability, blocks)
    return {
        "auc": auc,
        "average_precision": average_precision,
        **_score_sums(y_true, probability, blocks, costs),
    }


def score_ranking(y_true: Labels, probability: Floats, blocks: Blocks) -> tuple[Floats, Floats]:
    """Return the area under the ROC curve (ties count half) and average precision in each draw, by one pass over the
    sorted rows.

    NaN for a draw that holds one class only.
    """
    of_row, weights = blocks
    order = np.argsort(-probability, kind="stable")
    sorted_scores, sorted_labels, block = probability[order], y_true[order].astype(np.float64), of_row[order]
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
            precise = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
            precision[draw] = float(positive @ precise) / hits[-1]
    return auc, precision


def draw_auc(y_true: Labels, probability: Floats, blocks: Blocks) -> Floats:
    """Return the AUC in each draw, rows of one level of the score taken for tied: to three digits, much faster."""
    found = [
        mean((others * (np.cumsum(hits, axis=0) - hits / 2)).sum(axis=0), hits.sum(axis=0) * others.sum(axis=0))
        for hits, others in count_levels(y_true, probability, blocks)
    ]
    return np.concatenate(found)


def count_levels(
    y_true: Labels, probability: Floats, blocks: Blocks, number: int = LEVELS
) -> Iterator[tuple[Floats, Floats]]:
    """Yield the positive and negative rows at each level of the score, the highest first, for some draws at a time
    (levels × draws each).
    """
    of_row, weights = blocks
    edges = np.unique(np.quantile(probability, np.linspace(0, 1, number + 1)[1:-1]))
    level = len(edges) - np.searchsorted(edges, probability, side="right")
    shape = (len(edges) + 1, weights.shape[1])
    ones = np.ones(len(y_true))
    hits, others = (csr_array((ones[of], (level[of], of_row[of])), shape=shape) for of in (y_true, ~y_true))
    for at in range(0, len(weights), TOGETHER):
        some = np.ascontiguousarray(weights[at : at + TOGETHER].T, dtype=np.float64)
        yield hits @ some, others @ some


def _score_sums(y_true: Labels, probability: Floats, blocks: Blocks, costs: Costs) -> dict[MetricKey, Floats]:
    """Return the metrics that are sums over rows: added up once for each block, then weighted."""
    chosen = np.where(y_true, probability, 1 - probability).clip(SMALLEST, 1)
    warned = probability >= costs.threshold
    group, off = group_equal_rows(probability, GROUPS), probability - y_true
    rows = [
        np.ones(len(y_true)),
        warned & y_true,
        ~warned & y_true,
        warned & ~y_true,
        -np.log(chosen),
        off**2,
        *(np.where(group == number, off, 0.0) for number in range(GROUPS)),
    ]
    count, hit, miss, false_alarm, loss, squares, *gaps = add_up(np.stack(rows, axis=1), blocks).T
    return {
        "log_loss": loss / count,
        "brier": squares / count,
        "calibration_error": np.abs(gaps).sum(axis=0) / count,
        "precision": share(hit, hit + false_alarm),
        "recall": share(hit, hit + miss),
        "cost": 1000 * (costs.miss * miss + costs.false_alarm * false_alarm) / count,
    }
