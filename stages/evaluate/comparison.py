"""The candidate against the champion and the baseline: who can be compared, on which rows, and by which gates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.contracts.evaluation import ChampionState, GateResult
from stages.contracts.manifest import Manifest
from stages.contracts.metric_key import MetricKey
from stages.evaluate import gates, intervals
from stages.evaluate.bootstrap import Blocks, Counts, Floats
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Measured, Tails
from stages.evaluate.scored_rows import ScoredRows
from stages.evaluate.task import Task
from stages.model import champion, onnx_predict
from stages.table.schema import Schema
from stages.table.schema import Task as TaskName

FEWEST_BLOCKS = 5
"""Blocks below which an interval would claim a certainty that is not there."""


class InUse(NamedTuple):
    """The model in use: its version, None while there is none; its manifest and graph where it is to be scored."""

    version: str | None
    manifest: Manifest | None = None
    onnx: bytes = b""


def predict_champion(
    rows: pd.DataFrame, blocks: int, columns: Schema, task: Task, candidate: str, in_use: InUse
) -> tuple[Floats | None, ChampionState]:
    """Return the champion's predictions for the hold-out rows (in so many blocks), where it can be compared, and what
    evaluation.json says of it.
    """
    version, manifest, onnx = in_use
    if version is None or manifest is None:
        return None, ChampionState(version, same=version is not None and version == candidate)
    reason = champion.explain_incomparable(manifest, columns)
    if not reason and blocks < FEWEST_BLOCKS:
        reason = f"it may have learnt from all rows but the hold-out's, whose {blocks} blocks are too few to resample"
    if reason:
        return None, ChampionState(version, incomparable=reason)
    predictions = onnx_predict.predict(manifest, onnx, rows, columns.types)
    if columns.task == "multiclass":
        predictions = predictions[:, [manifest.target.classes.index(name) for name in columns.target.classes]]
    return task.shape_predictions(predictions, manifest.interval), ChampionState(version)


def compare_models(
    task: Task, scored: ScoredRows, hold_out: ScoredRows, tails: Tails
) -> tuple[dict[str, Measured], dict[str, Measured], Measured]:
    """Return each model's scores with intervals, the candidate's differences to the others, and its scores on the
    hold-out.

    The champion, and the difference to it, are always measured on the hold-out.
    """

    def measure(rows: ScoredRows) -> tuple[dict[str, Measured], dict[str, Measured]]:
        def score(predictions: Floats, blocks: Blocks) -> dict[MetricKey, Floats]:
            return task.score(rows.y_true, predictions, blocks)

        models = {**rows.models, "constant": rows.constant}
        count_trials = partial(task.count_trials, rows.y_true)
        return intervals.compare(models, score, count_trials, rows.blocks, tails, widen(rows.folds))

    each, differences = measure(scored)
    if scored is hold_out:
        return each, differences, each["candidate"]
    there, between = measure(hold_out)
    if "champion" in there:
        each["champion"], differences["champion"] = there["champion"], between["champion"]
    return each, differences, there["candidate"]


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
