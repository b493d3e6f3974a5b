"""Resamples of whole blocks of rows, and sums over the rows of each resample."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.integer[Any]]
Blocks = tuple[Counts, Counts]
"""What `draw_resamples` gives: each row's block, and each draw's weight of each block."""

TOGETHER = 64
"""Draws whose weights are spelled out as float64 at the same time."""


def draw_resamples(blocks: npt.NDArray[Any], draws: int, seed: int) -> Blocks:
    """Return each row's block number (rows,), and how often each block stands in each draw (draws × blocks).

    A draw takes as many blocks as there are, with replacement (block bootstrap; Künsch, 1989): rows of one block depend
    on each other, so that resampling rows would claim a precision that is not there.
    """
    _, of_row = np.unique(blocks, return_inverse=True)
    size = int(of_row.max()) + 1
    random = np.random.default_rng(seed)
    weights = np.empty((draws, size), dtype=np.uint16)
    for draw in range(draws):
        weights[draw] = np.bincount(random.integers(size, size=size), minlength=size)
    return of_row, weights


def unit_weights(blocks: Blocks) -> Blocks:
    """Return the rows as they are: one draw that holds every block once."""
    of_row, weights = blocks
    return of_row, np.ones((1, weights.shape[1]), dtype=np.uint16)


def take_part(blocks: Blocks, mask: Labels) -> Blocks:
    """Return the blocks of some of the rows, in the same draws."""
    return blocks[0][mask], blocks[1]


def count_blocks(blocks: Blocks, among: Labels | None = None) -> int:
    """Return how many blocks have a row, among some of the rows if given: rows of one block are no further evidence."""
    of_row, _ = blocks
    return len(np.unique(of_row if among is None else of_row[among]))


def add_up(values: npt.NDArray[Any], blocks: Blocks) -> Floats:
    """Return the sum of each column of `values` (rows × columns) over the rows of each draw (draws × columns)."""
    of_row, weights = blocks
    size = weights.shape[1]
    columns = [np.bincount(of_row, weights=column, minlength=size) for column in values.T]
    return weigh(np.stack(columns, axis=1), weights)


def tally(numbers: Counts, size: int, blocks: Blocks, among: Labels | None = None) -> Floats:
    """Return how many rows of each draw have each number from 0 to `size` − 1 (draws × size), of those `among` if
    given.
    """
    of_row, weights = blocks
    if among is not None:
        of_row, numbers = of_row[among], numbers[among]
    cells = np.bincount(of_row * size + numbers, minlength=weights.shape[1] * size)
    return weigh(cells.reshape(-1, size).astype(np.float64), weights)


def weigh(per_block: Floats, weights: Counts) -> Floats:
    """Return each draw's sums (draws × columns) of what was added up for each block (blocks × columns)."""
    starts = range(0, len(weights), TOGETHER)
    drawn: Floats = np.concatenate([weights[at : at + TOGETHER].astype(np.float64) @ per_block for at in starts])
    return drawn


def share(part_of: Floats, whole: Floats) -> Floats:
    """Return the share, 0 where there is nothing to share."""
    return np.divide(part_of, whole, out=np.zeros(np.broadcast_shapes(part_of.shape, whole.shape)), where=whole > 0)


def mean(total: Floats, count: Floats) -> Floats:
    """Return the mean, NaN where there is nothing to take it of."""
    out: Floats = np.full(np.broadcast_shapes(total.shape, count.shape), np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def draw_means(values: npt.NDArray[Any], blocks: Blocks) -> Floats:
    """Return the mean of the values (rows,) in each draw, NaN for a draw without any of the rows."""
    count, total = add_up(np.stack([np.ones(len(values)), values], axis=1), blocks).T
    return mean(total, count)


def group_equal_rows(values: Floats, number: int = 10) -> Counts:
    """Return groups of rows of about equal size, by rising value (from 0); equal values stay together."""
    edges = np.quantile(values, np.linspace(0, 1, number + 1)[1:-1])
    return np.searchsorted(edges, values, side="right").astype(np.int64)
