"""Who is affected: for each group of persons how often it is acted on and how well it is served, beside all others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from stages.evaluate.bootstrap import Blocks, Floats, Labels, count_blocks, draw_means, take_part
from stages.evaluate.intervals import Tails, interval_bounds, widen_bounds
from stages.evaluate.slices import list_slices
from stages.evaluate.task import RowMeasure

TABLE = ["column", "value", "rows", "acted", "score", "low", "high", "difference", "difference_low", "difference_high"]
"""The columns of sensitive.csv: `acted` is the share called positive, of two classes; `difference` is to the others."""


def compare_groups(
    rows: pd.DataFrame,
    columns: list[str],
    measure: RowMeasure,
    blocks: Blocks,
    smallest: int,
    tails: Tails,
    repeats: int = 1,
    wider: float = 1.0,
) -> list[dict[str, Any]]:
    """Return one row of sensitive.csv for each group of at least `smallest` rows; its difference is drawn with that of
    all rows whose value of the column is another one, in the same resamples.
    """
    table = []
    for column, value, group in list_slices(rows, columns, smallest):
        here = np.tile(group, repeats)
        known = np.tile(rows[column].notna().to_numpy(), repeats)
        inside, others = here & measure.among, ~here & known & measure.among
        drawn, beside = (draw_means(measure.values[part], take_part(blocks, part)) for part in (inside, others))
        trials = count_blocks(blocks, inside) if measure.metric != "mae" else 0
        score = _mean(measure.values, inside)
        less = _less(score, _mean(measure.values, others))
        low, high = widen_bounds(score, *interval_bounds(drawn, tails, trials), wider, is_share=measure.metric != "mae")
        difference_low, difference_high = widen_bounds(less, *interval_bounds(drawn - beside, tails), wider)
        table.append(
            {
                "column": column,
                "value": value,
                "rows": int(group.sum()),
                "acted": None if measure.acted is None else float(measure.acted[here].mean()),
                "score": score,
                "low": low,
                "high": high,
                "difference": less,
                "difference_low": difference_low,
                "difference_high": difference_high,
            }
        )
    return table


def _mean(values: Floats, part: Labels) -> float | None:
    return float(values[part].mean()) if part.any() else None


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other
