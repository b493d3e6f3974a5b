"""The interval around a predicted number: how far from it values lay that were not fitted on, by its size."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from stages.contracts.train_metrics import Interval

Floats = npt.NDArray[np.float64]
MOST, FEWEST = 10, 50
"""Groups of rising prediction at most, and rows that each must have."""
COMMON = 0.01
"""Share of the rows that have the least (or the most) value where it is an end of a scale, not just the farthest."""


def measure_interval(predicted: Floats, y_true: Floats, share: float, values: Floats) -> Interval:
    """Return the interval that holds `share` of the values, measured on rows (rows,) that were not fitted on.

    The rows are cut into groups of rising prediction, and each group's errors tell how far the interval reaches at the
    middle of the group (Mondrian conformal prediction; Boström and Johansson, 2020): one width for all would be too
    wide for small numbers and too narrow for large ones. values: those of all rows learnt from, whose ends it keeps.
    """
    tail, least, most = round((1 - share) / 2, 9), *find_limits(values)
    predicted = np.clip(predicted, *_ends(least, most))
    order = np.argsort(predicted, kind="stable")
    reach: list[tuple[float, float, float]] = []
    for start, stop in pairwise(_cut_groups(predicted[order], max(FEWEST, math.ceil(round(1 / tail, 6))))):
        rows = order[start:stop]
        error = np.sort(y_true[rows] - predicted[rows])
        place = max(1, math.floor(round((len(rows) + 1) * tail, 6)))  # as many values may lie beyond it on either side
        ends = max(0.0, -float(error[place - 1])), max(0.0, float(error[-place]))
        reach.append((float(np.median(predicted[rows])), *ends))
    at, below, above = zip(*reach, strict=True)
    return Interval(share, below, above, at, least, most)


def add_interval(values: Floats, interval: Interval) -> Floats:
    """Return each predicted number (rows,), not beyond the target's ends, with the ends of its interval: rows × 3."""
    least, most = _ends(interval.least, interval.most)
    at, below, above = map(np.atleast_1d, (interval.at, interval.below, interval.above))
    value = np.clip(values, least, most)
    low, high = value - np.interp(value, at, below), value + np.interp(value, at, above)
    return np.stack([value, np.maximum(low, least), np.minimum(high, most)], axis=1)


def find_limits(values: Floats) -> tuple[float | None, float | None]:
    """Return the ends that the target seems never to pass, None where there is none: 0 where no value is below it, and
    a least or largest value that many rows have, as the ends of a scale, a share or a capped amount.
    """
    least, most = float(values.min()), float(values.max())
    common = max(COMMON * len(values), 10)
    low = least if (values == least).sum() >= common else 0.0 if least >= 0 else None
    return low, most if (values == most).sum() >= common and most > least else None


def _ends(least: float | None, most: float | None) -> tuple[float, float]:
    return -np.inf if least is None else least, np.inf if most is None else most


def _cut_groups(ordered: Floats, fewest: int) -> list[int]:
    """Return where groups of rows begin, and where the last one ends; equal predictions stay together."""
    size, cuts = max(fewest, math.ceil(len(ordered) / MOST)), [0]
    while len(ordered) - cuts[-1] >= 2 * size:
        place = int(np.searchsorted(ordered, ordered[cuts[-1] + size - 1], side="right"))
        if len(ordered) - place < size:
            break
        cuts.append(place)
    return [*cuts, len(ordered)]
