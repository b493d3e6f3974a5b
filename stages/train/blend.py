"""The blend: the weighted mean of several estimators' predictions, its weights chosen on rows they were not fitted on.

Estimators of different kinds err on different rows, so that their mean often errs less than the best of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier, VotingRegressor

from stages.model.fitting import Floats, Labels
from stages.table.schema import Task
from stages.train.losses import losses

PARTS = 4
"""Weights are multiples of one over this: finer ones would follow chance."""
TOLERANCE = 0.001
"""By which share the loss of fewer estimators may be above the lowest: they are quicker, and easier to explain."""


def average(predictions: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Return the mean of the predictions by their weights, of the shape of each."""
    return np.asarray(np.average(np.stack(list(predictions)), axis=0, weights=list(weights)))


def choose_weights(predictions: Sequence[Floats], y_true: Labels, task: Task) -> list[float]:
    """Return each estimator's weight, from its predictions for rows it was not fitted on; they sum to 1.

    Of all weights in steps of 1/`PARTS`: the fewest estimators whose loss is the lowest or little above, and of those
    the lowest loss.
    """
    tried = [
        (np.count_nonzero(weights), float(losses(average(predictions, weights), y_true, task).mean()), weights)
        for weights in ([count / PARTS for count in counts] for counts in _compositions(len(predictions), PARTS))
    ]
    bound = min(loss for _, loss, _ in tried) * (1 + TOLERANCE)
    return min((choice for choice in tried if choice[1] <= bound), key=lambda choice: choice[:2])[2]


def build_blend(parts: Mapping[str, tuple[Any, float]], task: Task) -> VotingClassifier | VotingRegressor:
    """Return the estimator that fits each part (by name: an estimator and its weight) and predicts their mean."""
    estimators = [(name, estimator) for name, (estimator, _) in parts.items()]
    weights = [weight for _, weight in parts.values()]
    if task == "regression":
        return VotingRegressor(estimators, weights=weights)
    return VotingClassifier(estimators, voting="soft", weights=weights)


def _compositions(length: int, total: int) -> Iterator[list[int]]:
    """Yield all lists of so many counts that sum to the total, the earlier counts the largest first."""
    if length == 1:
        yield [total]
        return
    for first in range(total, -1, -1):
        for rest in _compositions(length - 1, total - first):
            yield [first, *rest]
