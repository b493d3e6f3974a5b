"""The tables of plots that show inputs: how predictions move with them, which move together, which have shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from stages.evaluate import correlated_inputs, partial_dependence, shift
from stages.evaluate.bootstrap import Floats
from stages.evaluate.scored_rows import Scored, Table
from stages.evaluate.task import Task


def tables(task: Task, table: Table, scored: Scored, ranked: list[str], seed: int) -> dict[str, Any]:
    """dependence, adjusted, related and shift; `ranked` names the inputs, the most important first."""

    def expects(fitted: Any, frame: pd.DataFrame) -> Floats:
        return task.expected(scored.answered(fitted, frame))

    came = task.observed(np.concatenate([truth for _, _, truth in scored.fits]))
    rows = pd.concat([frame for _, frame, _ in scored.fits])
    train, test = (table.frame.iloc[table.of(part)] for part in ("train", "test"))
    made = {
        "dependence": (partial_dependence.dependence(scored.fits, ranked, expects, seed), partial_dependence.COLUMNS),
        "adjusted": (
            partial_dependence.adjusted(scored.fits, ranked, came, expects, seed),
            partial_dependence.ADJUSTED,
        ),
        "related": (correlated_inputs.related(rows, ranked, seed), correlated_inputs.COLUMNS),
        "shift": (shift.shift(train, test), shift.COLUMNS),
    }
    return {name: found or pd.DataFrame(columns=columns) for name, (found, columns) in made.items()}
