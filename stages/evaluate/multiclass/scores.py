"""Scores of predicted probabilities of several classes, for many resamples of whole blocks at once.

`y_true` is a class number for each row, probabilities are rows × classes.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from stages.contracts.metric_key import MetricKey
from stages.evaluate.bootstrap import TOGETHER, Blocks, Counts, Floats, add_up, mean, tally

SMALLEST = np.finfo(np.float64).eps
"""The least probability in a log loss, scikit-learn's: one that is 0 would make it infinite."""


def score(y_true: Counts, probabilities: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
    """Return every metric in every draw: {key: (draws,)}.

    Balanced accuracy is the mean recall of the classes a draw has rows of; macro F1 is over the classes that occur or
    are predicted; AUC is one-vs-rest, over the classes that some rows have and some have not. As in scikit-learn.
    """
    size = probabilities.shape[1]
    place = rank_classes(y_true, probabilities)
    chosen = probabilities[np.arange(len(y_true)), y_true].clip(SMALLEST, 1)
    rows = np.stack([np.ones(len(y_true)), place < 1, place < 2, -np.log(chosen)], axis=1)
    count, first, second, loss = add_up(rows, blocks).T
    found = score_classes(y_true, probabilities, blocks)
    auc = np.stack([score_one_vs_rest(y_true == number, probabilities[:, number], blocks) for number in range(size)])
    return {
        "accuracy": mean(first, count),
        "balanced_accuracy": _over_classes(found["recall"]),
        "macro_f1": _over_classes(found["f1"]),
        "top2_accuracy": mean(second, count),
        "log_loss": mean(loss, count),
        "auc": _over_classes(auc.T),
    }


def rank_classes(y_true: Counts, probabilities: Floats) -> Counts:
    """Return how many classes come before the true one: by falling probability, equal ones in their order."""
    own = probabilities[np.arange(len(y_true)), y_true][:, None]
    earlier = np.arange(probabilities.shape[1]) < y_true[:, None]
    before: Counts = ((probabilities > own) | ((probabilities == own) & earlier)).sum(axis=1)
    return before


def score_classes(y_true: Counts, probabilities: Floats, blocks: Blocks) -> dict[str, Floats]:
    """Return each class's precision, recall and F1 in each draw (draws × classes); NaN where there is nothing to divide
    by.
    """
    size = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1)
    actual, called = tally(y_true, size, blocks), tally(predicted, size, blocks)
    right = tally(y_true, size, blocks, among=y_true == predicted)
    return {"precision": mean(right, called), "recall": mean(right, actual), "f1": mean(2 * right, actual + called)}


def score_one_vs_rest(labels: np.typing.NDArray[np.bool_], scored: Floats, blocks: Blocks) -> Floats:
    """Return the area under the ROC curve of one class against the others in each draw; NaN for a draw with one of them
    only.

    Sorted by score, all rows between two scores that a row of the class has count as one: with few rows of the class
    there is little to add up for each draw, and each class has few.
    """
    of_row, weights = blocks
    if labels.all() or not labels.any():
        return np.full(len(weights), np.nan)
    levels = np.unique(scored[labels])
    left, right = np.searchsorted(levels, scored, side="left"), np.searchsorted(levels, scored, side="right")
    slot = left + right  # odd: at a level; even: between two
    shape = (2 * len(levels) + 1, weights.shape[1])
    ones = np.ones(len(labels))
    positive = csr_array((ones[labels], (slot[labels], of_row[labels])), shape=shape)
    negative = csr_array((ones[~labels], (slot[~labels], of_row[~labels])), shape=shape)
    found = []
    for at in range(0, len(weights), TOGETHER):
        some = np.ascontiguousarray(weights[at : at + TOGETHER].T, dtype=np.float64)
        hits, others = positive @ some, negative @ some
        below = np.cumsum(others, axis=0) - others / 2
        found.append(mean((hits * below).sum(axis=0), hits.sum(axis=0) * others.sum(axis=0)))
    return np.concatenate(found)


def _over_classes(values: Floats) -> Floats:
    """Return the mean over the classes (draws × classes) for which there is a value; NaN where there is none."""
    known = ~np.isnan(values)
    return mean(np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))
