"""The rows that scores are computed on: the hold-out, or, where folds are asked for, all rows several times over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.evaluate import cross_validation
from stages.evaluate.bootstrap import Blocks, Counts, Floats, resamples
from stages.evaluate.permutation_importance import Fit
from stages.evaluate.task import Task, Truth

Answered = Callable[[Any, pd.DataFrame], Floats]
"""What a fitted pipeline says of rows, as the task scores it."""


@dataclass(frozen=True)
class Table:
    """All rows: as clean wrote them, as the model sees them, their truth and part, and their block where there is one
    (rows that depend on each other).
    """

    clean: pd.DataFrame
    frame: pd.DataFrame
    truth: Truth
    part: npt.NDArray[Any]
    block: npt.NDArray[Any] | None = None

    def of(self, name: str) -> npt.NDArray[np.int64]:
        """The positions of a part's rows."""
        return np.flatnonzero(self.part == name)

    def resamples(self, positions: npt.NDArray[np.int64], draws: int, seed: int) -> Blocks:
        """Resamples of the blocks of these rows, or of the rows where they stand alone."""
        return resamples(positions if self.block is None else self.block[positions], draws, seed)


@dataclass(frozen=True)
class Scored:
    """Rows, and what came and what each model said of each of them, `repeats` times, one repeat after the other.

    `fits` are the candidate, or its copies of the first repeat, each with the rows it was not fitted on.
    """

    rows: pd.DataFrame
    truth: Truth
    models: dict[str, Floats]
    blocks: Blocks
    fits: Sequence[Fit]
    answered: Answered
    repeats: int = 1


@dataclass(frozen=True)
class Shape:
    """What to score with: the baseline's keys, the draws, the folds and their repeats, the seed of both."""

    keys: list[str]
    draws: int
    folds: int
    repeats: int
    seed: int


def held_out(
    table: Table, task: Task, model: Any, models: dict[str, Floats], shape: Shape, answered: Answered
) -> Scored:
    """The test rows with the models' answers to them, and the baseline that the train rows make."""
    test, train = table.of("test"), table.of("train")
    rows = table.clean.iloc[test].reset_index(drop=True)
    usual = task.baseline(table.clean.iloc[train], table.truth[train], rows, shape.keys)
    blocks = table.resamples(test, shape.draws, shape.seed)
    fit = (model, table.frame.iloc[test], table.truth[test])
    return Scored(rows, table.truth[test], {**models, "baseline": usual}, blocks, [fit], answered)


def crossed(table: Table, task: Task, model: Any, shape: Shape, answered: Answered) -> Scored:
    """All rows with the answers (`answered` by a fitted copy for rows) of models that were not fitted on them.

    The candidate's recipe is fitted anew without each fold, and so is a baseline that has keys. One without is the same
    number for all rows: fitted anew it would be off in just the direction of what the fold holds.
    """
    cross_validation.check(table.clean, table.part, shape.folds)
    together = cross_validation.together(table.frame, table.part) if table.block is None else _codes(table.block)
    candidate, usual = [], []
    kept: list[Fit] = []
    for repeat in range(shape.repeats):
        fold = cross_validation.folds(_classes(table.truth), together, shape.folds, (shape.seed, repeat))
        copies = cross_validation.fits(model, table.frame, table.truth, fold)
        candidate.append(
            cross_validation.in_order([(judge, answered(copy, table.frame[judge])) for copy, judge in copies])
        )
        usual.append(_baseline(table, task, shape.keys, fold))
        kept = kept or [(copy, table.frame[judge], table.truth[judge]) for copy, judge in copies]
    models = {"candidate": np.concatenate(candidate), "baseline": np.concatenate(usual)}
    of_row, weights = table.resamples(np.arange(len(table.truth)), shape.draws, shape.seed)
    blocks = np.tile(of_row, shape.repeats), weights
    return Scored(table.clean, np.tile(table.truth, shape.repeats), models, blocks, kept, answered, shape.repeats)


def _baseline(table: Table, task: Task, keys: list[str], fold: Counts) -> Floats:
    if not keys:
        return task.baseline(table.clean, table.truth, table.clean, keys)
    made = [
        (judge, task.baseline(table.clean[fit], table.truth[fit], table.clean[judge], keys))
        for fit, judge in cross_validation.sides(fold)
    ]
    return cross_validation.in_order(made)


def _classes(truth: Truth) -> npt.NDArray[np.int64]:
    """Each row's class, for dealing them out; the same for all where the target is a number."""
    return np.zeros(len(truth), dtype=np.int64) if truth.dtype.kind == "f" else truth.astype(np.int64)


def _codes(block: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.unique(block, return_inverse=True)[1].astype(np.int64)
