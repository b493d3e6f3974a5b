"""The group of rows that is predicted furthest off: searched for on half of the rows, judged on the other half.

Among thousands of groups some are far off by chance. The one found is looked at again on rows that had no part in
finding it, whose interval is therefore an honest one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.contracts.evaluation import WorstGroup
from stages.evaluate.bootstrap import Blocks, Counts, Floats, draw_means, take_part
from stages.evaluate.intervals import Tails, interval_bounds, widen_bounds
from stages.evaluate.slices import name_values

COLUMNS = 30
"""Columns that make groups, the first of them."""
BLOCKS = 1_000
"""Blocks up to which a group's sum is taken over them."""
VALUES = 50
"""Values of a column that make groups: of one with more, such as a name, none does."""


class Grouping(NamedTuple):
    """Columns, the number of each row's group by them, and the values of each group, at its number."""

    columns: tuple[str, ...]
    group: Counts
    values: list[tuple[str, ...]]


class Group(NamedTuple):
    """One group of a grouping, and how far off it is."""

    far: float
    grouping: Grouping
    place: int


def find_worst_group(
    rows: pd.DataFrame,
    columns: Sequence[str],
    off: Floats,
    blocks: Blocks,
    smallest: int,
    tails: Tails,
    seed: int,
    wider: float = 1.0,
) -> WorstGroup | None:
    """Return the group by one or two columns whose rows are predicted furthest from where all are; None where none has
    `smallest` rows on either half.

    off: predicted less observed, of each row. wider: how many times wider than resampled rows say an interval is. The
    halves are of whole blocks.
    """
    of_row, weights = blocks
    first = np.random.default_rng(seed).permutation(weights.shape[1])[of_row] % 2 == 0
    beyond = off - off[first].mean() if first.any() else off
    block = np.unique(of_row[first], return_inverse=True)[1]
    found: Group | None = None
    searched = 0
    for grouping in _list_groupings(rows, columns):
        size = len(grouping.values)
        counts, judged = (np.bincount(grouping.group[half], minlength=size) for half in (first, ~first))
        large = (counts >= smallest) & (judged >= smallest)
        searched += int(large.sum())
        far = np.where(large, _score_groups(grouping.group[first], beyond[first], block, size), 0.0)
        if found is None or far.max() > found.far:
            found = Group(float(far.max()), grouping, int(far.argmax()))
    if found is None or not found.far:
        return None
    mask = ~first & (found.grouping.group == found.place)
    drawn = draw_means(off[mask], take_part(blocks, mask))
    gap, all_gap = float(off[mask].mean()), float(off[~first].mean())
    low, high = widen_bounds(gap, *interval_bounds(drawn, tails), wider)
    beside = draw_means(off[~first], take_part(blocks, ~first))
    ends = widen_bounds(gap - all_gap, *interval_bounds(drawn - beside, tails), wider)
    there = float(beyond[first & (found.grouping.group == found.place)].mean())
    further = abs(gap) > abs(all_gap) and (gap - all_gap) * there > 0
    return WorstGroup(
        columns=list(found.grouping.columns),
        values=list(found.grouping.values[found.place]),
        searched=searched,
        rows=int(mask.sum()),
        gap=gap,
        low=low,
        high=high,
        confirmed=further and ends[0] is not None and ends[1] is not None and not ends[0] <= 0 <= ends[1],
    )


def _score_groups(group: Counts, off: Floats, block: Counts, size: int) -> Floats:
    """Return how far each group's sum lies from 0, in its own standard errors: those of sums over blocks, where there
    are few enough of them to be more than rows.
    """
    sums = np.bincount(group, weights=off, minlength=size)
    many = int(block.max()) + 1 if len(block) else 0
    if many <= BLOCKS:
        cells = np.bincount(group * many + block, weights=off, minlength=size * many).reshape(size, many)
        squares = (cells**2).sum(axis=1)
    else:
        squares = np.bincount(group, weights=off**2, minlength=size)
    far: Floats = np.divide(np.abs(sums), np.sqrt(squares), out=np.zeros(size), where=squares > 0)
    return far


def _list_groupings(rows: pd.DataFrame, columns: Sequence[str]) -> Iterator[Grouping]:
    """Yield the rows' groups by each column, then by each two."""
    single: list[tuple[str, Counts, list[str]]] = []
    for column in columns:
        names, codes = np.unique(name_values(rows[column])[0].astype(str), return_inverse=True)
        if 1 < len(names) <= VALUES and len(single) < COLUMNS:
            single.append((column, codes, [str(name) for name in names]))
            yield Grouping((column,), codes, [(str(name),) for name in names])
    for (one, first, firsts), (other, second, seconds) in combinations(single, 2):
        both: list[tuple[str, ...]] = [(value, beside) for value in firsts for beside in seconds]
        yield Grouping((one, other), first * len(seconds) + second, both)
