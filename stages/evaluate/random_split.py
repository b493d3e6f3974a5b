"""What a random split would claim where the real one is by time: rows of one day on both sides flatter every model."""

from __future__ import annotations

from typing import Any

import numpy as np

from stages.evaluate import cross_validation
from stages.evaluate.bootstrap import once, resamples
from stages.evaluate.scored_rows import Scored, Table
from stages.evaluate.task import Task

SCORED = 50_000
"""Rows it is scored on, at most: more would not show in three digits."""


def random_split(table: Table, task: Task, test: Scored, most: int, seed: int) -> dict[str, Any] | None:
    """The primary score of the candidate's recipe fitted on rows drawn from all parts and scored on others.

    As many rows are drawn as the candidate was trained on (`most` at most), so that less data cannot make the number
    small. None where the split is not by time, or the draw holds one class only. The copy is thrown away: nothing is
    chosen by it.
    """
    if not most or cross_validation.by_time(table.clean, table.part) is None:
        return None
    order = np.random.default_rng(seed).permutation(len(table.truth))
    size = min(most, len(table.of("train")))
    fit, judge = np.sort(order[:size]), np.sort(order[size : size + SCORED])
    if len(np.unique(table.truth[fit])) < 2 or not len(judge):
        return None
    copy = cross_validation.fitted(test.fits[0][0], table.frame.iloc[fit], table.truth[fit], threads=None)
    said = test.answered(copy, table.frame.iloc[judge])
    score = float(task.primary_score(table.truth[judge], said, once(resamples(judge, 1, seed)))[0])
    return {"fitted": len(fit), "scored": len(judge), task.primary: score} if np.isfinite(score) else None
