"""The tables of plots that show inputs: how predictions move with them, which move together, which have shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from stages.scoring import dependence, related, shift
from stages.scoring.blocks import Floats
from stages.scoring.scored import Scored, Table
from stages.scoring.task import Task


def tables(task: Task, table: Table, scored: Scored, ranked: list[str], seed: int) -> dict[str, Any]:
    """dependence, adjusted, related and shift; `ranked` names the inputs, the most important first."""

    def expects(fitted: Any, frame: pd.DataFrame) -> Floats:
        return task.expected(scored.answered(fitted, frame))

    came = task.observed(np.concatenate([truth for _, _, truth in scored.fits]))
    rows = pd.concat([frame for _, frame, _ in scored.fits])
    train, test = (table.frame.iloc[table.of(part)] for part in ("train", "test"))
    made = {
        "dependence": (dependence.dependence(scored.fits, ranked, expects, seed), dependence.COLUMNS),
        "adjusted": (dependence.adjusted(scored.fits, ranked, came, expects, seed), dependence.ADJUSTED),
        "related": (related.related(rows, ranked, seed), related.COLUMNS),
        "shift": (shift.shift(train, test), shift.COLUMNS),
    }
    return {name: found or pd.DataFrame(columns=columns) for name, (found, columns) in made.items()}
