"""The candidate against the champion and the baseline: who can be compared, on which rows, and by which gates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from stages.contracts.evaluation import ChampionState, GateResult
from stages.contracts.manifest import Manifest
from stages.contracts.metric_key import MetricKey
from stages.evaluate import gates, intervals
from stages.evaluate.bootstrap import Blocks, Counts, Floats
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Measured, Tails
from stages.evaluate.scored_rows import ScoredRows, Table
from stages.evaluate.task import Task
from stages.model import champion, onnx_predict
from stages.table.schema import Schema
from stages.table.schema import Task as TaskName
from stages.transform.split import split_rows

FEWEST_BLOCKS = 5
"""Blocks below which an interval would claim a certainty that is not there."""


class InUse(NamedTuple):
    """The model in use: its version, None while there is none; its manifest and graph where it is to be scored."""

    version: str | None
    manifest: Manifest | None = None
    onnx: bytes = b""


class Predicted(NamedTuple):
    """The hold-out rows that the champion has not learnt from either, by position, and what it predicts for them."""

    positions: npt.NDArray[np.int64]
    predictions: Floats


class Compared(NamedTuple):
    """Each model's scores with intervals, the candidate's differences to the others, and its own scores on the hold-out
    and on the rows where the champion is compared, if it is.
    """

    each: dict[str, Measured]
    differences: dict[str, Measured]
    on_hold_out: Measured
    beside_champion: Measured


def predict_champion(
    table: Table, columns: Schema, task: Task, candidate: str, in_use: InUse, fewest: int
) -> tuple[Predicted | None, ChampionState]:
    """Return the champion's predictions, where it can be compared, and what evaluation.json says of it.

    fewest: rows that there must be, where they are not the whole hold-out: on a few that both get right none differs.
    """
    version, manifest, onnx = in_use
    if version is None or manifest is None:
        return None, ChampionState(version, same=version is not None and version == candidate)
    reason = champion.explain_incomparable(manifest, columns) or champion.explain_unknown_split(
        manifest, columns, table.clean
    )
    if reason:
        return None, ChampionState(version, incomparable=reason)
    assert manifest.split is not None
    unseen = np.flatnonzero((table.part == "test") & (split_rows(table.clean, manifest.split) == "test"))
    blocks = table.count_blocks(unseen)
    if blocks < FEWEST_BLOCKS or (len(unseen) < fewest and len(unseen) < (table.part == "test").sum()):
        reason = f"of the hold-out's rows only {len(unseen):,} are surely new to it, in {blocks} blocks: too few"
        return None, ChampionState(version, incomparable=reason)
    predictions = onnx_predict.predict(manifest, onnx, table.clean.iloc[unseen], columns.types)
    if columns.task == "multiclass":
        predictions = predictions[:, [manifest.target.classes.index(name) for name in columns.target.classes]]
    return Predicted(unseen, task.shape_predictions(predictions, manifest.interval)), ChampionState(version)


def compare_models(
    task: Task, scored: ScoredRows, hold_out: ScoredRows, shared: ScoredRows | None, tails: Tails
) -> Compared:
    """Return the models' scores on the scored rows; the champion's, and the difference to it, on `shared`: those of the
    hold-out that neither has learnt from.
    """

    def measure(rows: ScoredRows) -> tuple[dict[str, Measured], dict[str, Measured]]:
        def score(predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
            return task.score(rows.y_true, predictions, blocks)

        models = {**rows.models, "constant": rows.constant}
        count_trials = partial(task.count_trials, rows.y_true)
        return intervals.compare(models, score, count_trials, rows.blocks, tails, widen(rows.folds))

    distinct = {id(rows): rows for rows in (scored, hold_out, shared) if rows is not None}
    measured = {name: measure(rows) for name, rows in distinct.items()}
    each, differences = measured[id(scored)]
    on_hold_out = measured[id(hold_out)][0]["candidate"]
    if shared is None:
        return Compared(each, differences, on_hold_out, {})
    there, between = measured[id(shared)]
    each["champion"], differences["champion"] = there["champion"], between["champion"]
    return Compared(each, differences, on_hold_out, there["candidate"])


def widen(folds: Counts | None) -> float:
    """Return how many times wider than resampled rows say an interval of cross-validation is: its models share most of
    their rows, so that what they were fitted on by chance moves all scores together (Nadeau and Bengio, 2003).
    """
    if folds is None:
        return 1.0
    number = int(folds.max()) + 1
    return float(np.sqrt(1 + number / (number - 1)))


def judge_gates(
    wanted: Mapping[str, Gate], task: TaskName, each: Mapping[str, Measured], differences: Mapping[str, Measured]
) -> dict[str, GateResult]:
    """Return every gate's result; one against a model that is not there, or has no such score, does not apply."""
    results = {}
    for name, gate in wanted.items():
        measured = differences.get(gate.against, {}) if gate.against else each["candidate"]
        results[name] = gates.judge(gate, measured.get(gate.key), task)
    return results
