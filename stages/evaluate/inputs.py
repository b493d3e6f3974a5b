"""The tables of plots that show inputs: how predictions move with them, which move together, which have shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from stages.evaluate import correlated_inputs, partial_dependence, shift
from stages.evaluate.bootstrap import Floats
from stages.evaluate.scored_rows import ScoredRows, Table
from stages.evaluate.task import Task


def tabulate_inputs(
    task: Task, table: Table, scored: ScoredRows, ranked: list[str], seed: int
) -> dict[str, list[dict[str, Any]] | pd.DataFrame]:
    """Return dependence, adjusted, related and shift; `ranked` names the inputs, the most important first."""

    def expect(fitted: Any, frame: pd.DataFrame) -> Floats:
        return task.expect(scored.predict(fitted, frame))

    observed = task.observe(np.concatenate([y_true for _, _, y_true in scored.fits]))
    rows = pd.concat([frame for _, frame, _ in scored.fits])
    train, test = (table.frame.iloc[table.positions(part)] for part in ("train", "test"))
    made = {
        "dependence": (
            partial_dependence.tabulate_dependence(scored.fits, ranked, expect, seed),
            partial_dependence.COLUMNS,
        ),
        "adjusted": (
            partial_dependence.tabulate_adjusted(scored.fits, ranked, observed, expect, seed),
            partial_dependence.ADJUSTED,
        ),
        "related": (correlated_inputs.find_correlated(rows, ranked, seed), correlated_inputs.COLUMNS),
        "shift": (shift.tabulate_shift(train, test), shift.COLUMNS),
    }
    return {name: found or pd.DataFrame(columns=columns) for name, (found, columns) in made.items()}
