"""What a random split would claim where the real one is by time: rows of one day on both sides flatter every model."""

from __future__ import annotations

import numpy as np

from stages.contracts.evaluation import RandomSplit
from stages.evaluate import cross_validation
from stages.evaluate.bootstrap import draw_resamples, unit_weights
from stages.evaluate.scored_rows import ScoredRows, Table
from stages.evaluate.task import Task

SCORED = 50_000
"""Rows it is scored on, at most: more would not show in three digits."""


def score_random_split(table: Table, task: Task, hold_out: ScoredRows, most: int, seed: int) -> RandomSplit | None:
    """Return the primary metric of the candidate's estimator fitted on rows drawn from all parts and scored on others.

    As many rows are drawn as the candidate was trained on (`most` at most), so that less data cannot make the number
    small. None where the split is not by time, or the draw holds one class only. The copy is thrown away: nothing is
    chosen by it.
    """
    if not most or cross_validation.by_time(table.clean, table.part) is None:
        return None
    order = np.random.default_rng(seed).permutation(len(table.y_true))
    size = min(most, len(table.positions("train")))
    fit, rest = np.sort(order[:size]), np.sort(order[size : size + SCORED])
    if len(np.unique(table.y_true[fit])) < 2 or not len(rest):
        return None
    copy = cross_validation.fit_anew(hold_out.fits[0][0], table.frame.iloc[fit], table.y_true[fit])
    predictions = hold_out.predict(copy, table.frame.iloc[rest])
    score = float(task.score_primary(table.y_true[rest], predictions, unit_weights(draw_resamples(rest, 1, seed)))[0])
    return RandomSplit(len(fit), len(rest), score) if np.isfinite(score) else None
