"""The rows that scores are computed on: the hold-out, or, where folds are asked for, all rows several times over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.evaluate import cross_validation
from stages.evaluate.bootstrap import Blocks, Counts, Floats, draw_resamples
from stages.evaluate.params import Evaluate
from stages.evaluate.permutation_importance import Fit
from stages.evaluate.task import Task, Truth
from stages.model.folds import deal_folds, number_classes

Predict = Callable[[Any, pd.DataFrame], Floats]
"""Gives a fitted pipeline's predictions for rows, as the task scores them."""


@dataclass(frozen=True)
class Table:
    """All rows: as clean wrote them, as the model sees them, their label and part, and their block where there is one
    (rows that depend on each other).
    """

    clean: pd.DataFrame
    frame: pd.DataFrame
    y_true: Truth
    part: npt.NDArray[Any]
    block: npt.NDArray[Any] | None = None

    def positions(self, part: str) -> npt.NDArray[np.int64]:
        """Return the positions of a part's rows."""
        return np.flatnonzero(self.part == part)

    def count_blocks(self, positions: npt.NDArray[np.int64]) -> int:
        """Return how many blocks these rows lie in, or how many rows they are where they stand alone."""
        return len(positions) if self.block is None else len(np.unique(self.block[positions]))

    def draw_resamples(self, positions: npt.NDArray[np.int64], draws: int, seed: int) -> Blocks:
        """Return resamples of the blocks of these rows, or of the rows where they stand alone."""
        return draw_resamples(positions if self.block is None else self.block[positions], draws, seed)


@dataclass(frozen=True)
class ScoredRows:
    """Rows, what came and what each model predicted for each of them, `repeats` times, one repeat after the other.

    `constant` is the usual answer of the train rows, given to all: what acting always, or never, comes to. `fits` are
    the candidate, or its copies of the first repeat, each with the rows it was not fitted on. `folds` says for each
    which copy scored it, None on the hold-out.
    """

    rows: pd.DataFrame
    y_true: Truth
    models: dict[str, Floats]
    constant: Floats
    blocks: Blocks
    fits: Sequence[Fit]
    predict: Predict
    repeats: int = 1
    folds: Counts | None = None


def score_rows(
    table: Table,
    positions: npt.NDArray[np.int64],
    task: Task,
    model: Pipeline,
    models: dict[str, Floats],
    section: Evaluate,
    predict: Predict,
) -> ScoredRows:
    """Return rows of the hold-out with the models' predictions for them, and the baseline that the train rows make."""
    train = table.positions("train")
    rows = table.clean.iloc[positions].reset_index(drop=True)
    learnt = table.clean.iloc[train], table.y_true[train], rows
    models = {**models, "baseline": task.predict_baseline(*learnt, section.baseline)}
    blocks = table.draw_resamples(positions, section.draws, section.seed)
    y_true = table.y_true[positions]
    fit = (model, table.frame.iloc[positions], y_true)
    return ScoredRows(rows, y_true, models, task.predict_baseline(*learnt, []), blocks, [fit], predict)


def cross_validate(table: Table, task: Task, model: Pipeline, section: Evaluate, predict: Predict) -> ScoredRows:
    """Return all rows with the predictions of copies that were not fitted on them.

    The candidate's estimator is fitted anew without each fold, and so is a baseline that has keys. One without is the
    same number for all rows: fitted anew it would be off in just the direction of what the fold holds.
    """
    cross_validation.check(table.clean, table.part, section.folds)
    groups = cross_validation.number_equal_rows(table.frame, table.part) if table.block is None else _codes(table.block)
    candidate, baseline, folds = [], [], []
    kept: list[Fit] = []
    for repeat in range(section.repeats):
        fold = deal_folds(number_classes(table.y_true), section.folds, (section.seed, repeat), groups)
        copies = cross_validation.fit_folds(model, table.frame, table.y_true, fold)
        parts = [(held_out, predict(copy, table.frame[held_out])) for copy, held_out in copies]
        candidate.append(cross_validation.put_in_order(parts))
        baseline.append(_predict_baseline(table, task, section.baseline, fold))
        folds.append(fold)
        kept = kept or [(copy, table.frame[held_out], table.y_true[held_out]) for copy, held_out in copies]
    models = {"candidate": np.concatenate(candidate), "baseline": np.concatenate(baseline)}
    of_row, weights = table.draw_resamples(np.arange(len(table.y_true)), section.draws, section.seed)
    blocks = np.tile(of_row, section.repeats), weights
    y_true = np.tile(table.y_true, section.repeats)
    constant = np.concatenate([_predict_baseline(table, task, [], fold)] * section.repeats)
    return ScoredRows(
        table.clean, y_true, models, constant, blocks, kept, predict, section.repeats, np.concatenate(folds)
    )


def _predict_baseline(table: Table, task: Task, keys: list[str], fold: Counts) -> Floats:
    if not keys:
        return task.predict_baseline(table.clean, table.y_true, table.clean, keys)
    parts = [
        (held_out, task.predict_baseline(table.clean[fit], table.y_true[fit], table.clean[held_out], keys))
        for fit, held_out in cross_validation.split_folds(fold)
    ]
    return cross_validation.put_in_order(parts)


def _codes(block: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.unique(block, return_inverse=True)[1].astype(np.int64)
