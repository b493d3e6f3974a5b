"""The blend: the mean of several estimators' answers, each with its share, chosen on rows they were not fitted on.

Estimators of different kinds err on different rows, so that their mean often errs less than the best of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier, VotingRegressor

from stages.model.estimators import Floats, Labels
from stages.train.losses import losses

PARTS = 4
"""Shares are multiples of one over this: finer ones would follow chance."""
TOLERANCE = 0.001
"""By which share the loss of fewer estimators may be above the lowest: they are quicker, and easier to explain."""


def mixed(said: Sequence[Floats], shares: Sequence[float]) -> Floats:
    """The mean of the answers by their shares."""
    return np.asarray(np.average(np.stack(list(said)), axis=0, weights=list(shares)))


def shares(said: Sequence[Floats], labels: Labels, task: str) -> list[float]:
    """Each estimator's share, from what each said of rows it was not fitted on; they sum to 1.

    Of all shares in steps of 1/`PARTS`: the fewest estimators whose loss is the lowest or little above, and of those
    the lowest loss.
    """
    tried = [
        (np.count_nonzero(one), float(losses(mixed(said, one), labels, task).mean()), one)
        for one in ([count / PARTS for count in counts] for counts in _compositions(len(said), PARTS))
    ]
    bound = min(loss for _, loss, _ in tried) * (1 + TOLERANCE)
    return min((one for one in tried if one[1] <= bound), key=lambda one: one[:2])[2]


def recipe(parts: Mapping[str, tuple[Any, float]], task: str) -> VotingClassifier | VotingRegressor:
    """The estimator that fits each part (by name: its recipe and its share) and answers with their mean."""
    estimators = [(name, one) for name, (one, _) in parts.items()]
    weights = [share for _, share in parts.values()]
    if task == "regression":
        return VotingRegressor(estimators, weights=weights)
    return VotingClassifier(estimators, voting="soft", weights=weights)


def _compositions(length: int, total: int) -> Iterator[list[int]]:
    """All lists of so many counts that sum to the total, the earlier counts the largest first."""
    if length == 1:
        yield [total]
        return
    for first in range(total, -1, -1):
        for rest in _compositions(length - 1, total - first):
            yield [first, *rest]
