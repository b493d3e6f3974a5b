"""Contributions that add up: the Shapley values of a row against other rows, by walks from each of these to it.

On a walk the players (inputs, or parts of one) take the row's values one after the other in a random order; a player's
contribution is how far the answer moves at its turn, on average over the walks. Whatever the model is, they add up to
the answer less the mean answer to the rows that the walks begin at. Each order is walked backwards as well, which
halves the noise (Castro, Gómez and Tejada 2009; Mitchell et al. 2022, "Sampling permutations for Shapley values").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

SEED = 7
Values = tuple[Any, ...]
"""One value for each player."""


class Walks:
    """Two walks from each of the `starts`, the same ones for every row."""

    def __init__(self, starts: Sequence[Values]) -> None:
        draw = np.random.default_rng(SEED)
        self._starts = [start for start in starts for _ in range(2)]
        forward = [draw.permutation(len(start)) for start in starts]
        self._orders = [order for one in forward for order in (one, one[::-1])]

    def steps(self, goal: Values) -> list[Values]:
        """Return what stands at each step of every walk, its start and the goal included."""
        passed = []
        for start, order in zip(self._starts, self._orders, strict=True):
            values = list(start)
            passed.append(start)
            for player in order:
                values[player] = goal[player]
                passed.append(tuple(values))
        return passed

    def contributions(self, answers: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        """Return the mean answer at the starts and each player's contribution, of the answers to `steps`."""
        by_walk = answers.reshape(len(self._orders), -1)
        moved = np.zeros((len(self._orders), by_walk.shape[1] - 1))
        np.put_along_axis(moved, np.array(self._orders), np.diff(by_walk, axis=1), axis=1)
        return float(by_walk[:, 0].mean()), moved.mean(axis=0)
