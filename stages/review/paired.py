"""Base and candidate on the rows that both predicted: the differences of their scores, with paired intervals.

Rows are told by their keys, so that they meet whatever was added, and only where the same came of them. Whole blocks
are resampled, for both models alike (evaluate/bootstrap.py): a difference holds on the rows of other days.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from stages.contracts.metric_key import MetricKey
from stages.evaluate import intervals, slices
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import Blocks, Floats, draw_resamples, take_part, unit_weights
from stages.evaluate.comparison import FEWEST_BLOCKS, widen
from stages.evaluate.intervals import Measured
from stages.evaluate.multiclass.task import Multiclass
from stages.evaluate.params import Evaluate
from stages.evaluate.regression.task import Regression, count_groups
from stages.evaluate.task import Task, Truth
from stages.model.fitting import encode_labels
from stages.model.predictions import CHANCE, name_actual
from stages.table import csv_io
from stages.table.schema import Schema

BASE = "\x1fbase"
"""What the base's columns are called after, where both have them: the end of no column's name."""


@dataclass(frozen=True)
class SliceChange:
    """A group of rows, and how far the primary metric of the candidate lies above the base's there."""

    column: str
    value: str
    rows: int
    base: float
    candidate: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """The comparison: rows each had and both have, scores on the latter, and the candidate's less the base's.

    other_actual: rows of both that have another actual value in each; they are left out. alike: whether all predictions
    are equal. slices: the groups that differ clearly, None where none is looked at.
    """

    base_rows: int
    candidate_rows: int
    rows: int
    other_actual: int
    blocks: int
    alike: bool
    base: Measured
    candidate: Measured
    differences: Measured
    slices: list[SliceChange] | None


def read_predictions(path: Path, columns: Schema) -> pd.DataFrame:
    """Return what evaluate wrote of each row, without the other models'. Raises DataError where it is no such file."""
    with path.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file), [])
    wanted = [name for name in names if name not in ("baseline", "champion")]
    numbers = {"row", "repeat", "fold", "probability", "low", "high"}
    numbers |= {"prediction", name_actual(columns.target.name)} if columns.task == "regression" else set()
    types = {name: "number" if name in numbers or name.startswith(CHANCE) else "category" for name in wanted}
    return csv_io.read(path, types, wanted)


def compare_predictions(
    base: pd.DataFrame,
    candidate: pd.DataFrame,
    clean: pd.DataFrame | None,
    columns: Schema,
    section: Evaluate,
) -> Paired | str:
    """Return the comparison, or why there is none.

    base, candidate: what evaluate wrote of each row. clean: the candidate's clean table, for blocks and slices; without
    it only rows that stand alone can be resampled. section: the candidate's.
    """
    actual = name_actual(columns.target.name)
    for table in (base, candidate):
        if missing := sorted({"key", actual} - {*table.columns}):
            return f"the predictions of one of them have no column '{missing[0]}'"
    chances = [{name for name in table if str(name).startswith(CHANCE)} for table in (base, candidate)]
    if chances[0] != chances[1]:
        return "other classes are predicted"
    if clean is None and section.block:
        return f"without the table here nobody knows which rows belong together ({section.block})"
    on = ["key", *(["repeat"] if "repeat" in candidate and "repeat" in base else [])]
    if base.duplicated(on).any() or candidate.duplicated(on).any():
        return "rows of one of them have the same key"
    both = candidate.merge(base, on=on, suffixes=("", BASE))
    same = (both[actual] == both[f"{actual}{BASE}"]).to_numpy()
    there, other = both[same], both[~same]["key"].nunique()
    if not len(there):
        return "all rows of both have another actual value in each" if other else "no row is in both"
    y_true = encode_labels(there[actual], columns.task, columns.target)
    task = _choose_task(columns, section, y_true)
    own = [name for name in map(str, there.columns) if name.endswith(BASE)]
    try:
        models = {
            "candidate": task.read_predictions(there),
            "base": task.read_predictions(there[own].rename(columns=lambda name: name.removesuffix(BASE))),
        }
    except KeyError as error:
        return f"the predictions of one of them lack a column: {error.args[0]}"
    rows = None if clean is None else clean.iloc[there["row"].to_numpy().astype(np.int64)].reset_index(drop=True)
    block = there["key"] if rows is None or not section.block else rows[section.block].astype(str)
    blocks = draw_resamples(block.to_numpy(), section.draws, section.seed)
    if blocks[1].shape[1] < FEWEST_BLOCKS:
        return f"the rows of both lie in {blocks[1].shape[1]} blocks, too few to resample"
    wider = widen(there["fold"].to_numpy().astype(np.int64) - 1) if "fold" in there else 1.0
    each, differences = intervals.compare(
        models, partial(_score, task, y_true), partial(task.count_trials, y_true), blocks, section.tails, wider
    )
    return Paired(
        base_rows=base["key"].nunique(),
        candidate_rows=candidate["key"].nunique(),
        rows=there["key"].nunique(),
        other_actual=other,
        blocks=int(blocks[1].shape[1]),
        alike=bool(np.array_equal(models["candidate"], models["base"], equal_nan=True)),
        base=each["base"],
        candidate=each["candidate"],
        differences=differences["base"],
        slices=None
        if rows is None or not section.slices
        else _compare_slices(rows, task, y_true, models, blocks, section, wider),
    )


def _choose_task(columns: Schema, section: Evaluate, y_true: Truth) -> Task:
    if columns.task == "binary":
        return Binary(columns.target, section.costs)
    if columns.task == "multiclass":
        return Multiclass(columns.target, usual=0)  # no score depends on it
    return Regression(y_true, None, count_groups(len(y_true)), section.tolerance, section.unit_costs)


def _score(task: Task, y_true: Truth, predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
    return task.score(y_true, predictions, blocks)


def _compare_slices(
    rows: pd.DataFrame | None,
    task: Task,
    y_true: Truth,
    models: dict[str, Floats],
    blocks: Blocks,
    section: Evaluate,
    wider: float,
) -> list[SliceChange] | None:
    """Return the groups that evaluate looks at in which the primary metric differs clearly; None where it looks at
    none.
    """
    if rows is None or not section.slices:
        return None
    found = []
    for column, value, mask in slices.list_slices(rows, section.slices, section.min_slice, task.slice_classes(y_true)):
        part, came = take_part(blocks, mask), y_true[mask]
        drawn = {name: task.score_primary(came, predictions[mask], part) for name, predictions in models.items()}
        point = {
            name: float(task.score_primary(came, predictions[mask], unit_weights(part))[0])
            for name, predictions in models.items()
        }
        less = point["candidate"] - point["base"]
        low, high = intervals.widen_bounds(
            less, *intervals.interval_bounds(drawn["candidate"] - drawn["base"], section.slice_tails), wider
        )
        if low is not None and high is not None and (low > 0 or high < 0):
            found.append(SliceChange(column, value, int(mask.sum()), point["base"], point["candidate"], low, high))
    return found
