"""The candidate against the champion and the baseline: who can be compared, on which rows, and by which gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from stages.evaluate import gates, intervals
from stages.evaluate.bootstrap import Blocks, Floats
from stages.evaluate.gates import Gate
from stages.evaluate.intervals import Measured, Tails
from stages.evaluate.scored_rows import Scored
from stages.evaluate.task import Task
from stages.model import champion, onnx_predict
from stages.table.schema import Schema

FEWEST_BLOCKS = 5
"""Blocks below which an interval would claim a certainty that is not there."""


def champion_answers(
    rows: pd.DataFrame, blocks: int, columns: Schema, task: Task, candidate: str
) -> tuple[Floats | None, dict[str, Any]]:
    """What the champion says of the hold-out rows (in so many blocks), where it can be compared, and what
    evaluation.json says of it.
    """
    version = champion.version()
    if version is None:
        return None, {}
    if version == candidate:
        return None, {"same": True, "version": version}
    manifest = champion.verified()
    reason = champion.incomparable(manifest, columns)
    if not reason and blocks < FEWEST_BLOCKS:
        reason = f"it may have learnt from all rows but the hold-out's, whose {blocks} blocks are too few to resample"
    if reason:
        return None, {"incomparable": reason, "version": version}
    said = onnx_predict.answers(manifest, champion.FOLDER / "model.onnx", rows, columns.types)
    if columns.task == "multiclass":
        said = said[:, [manifest["target"]["classes"].index(name) for name in columns.target.classes]]
    return task.said(said, manifest.get("interval")), {"version": version}


def compared(
    task: Task, scored: Scored, test: Scored, tails: Tails
) -> tuple[dict[str, Measured], dict[str, Measured], Measured]:
    """Each model's scores with intervals, the candidate's differences to the others, and its scores on the hold-out.

    The champion, and the difference to it, are always measured on the hold-out (`test`).
    """

    def measure(rows: Scored) -> tuple[dict[str, Measured], dict[str, Measured]]:
        def score(said: Floats, blocks: Blocks) -> dict[str, Floats]:
            return task.scores(rows.truth, said, blocks)

        return intervals.compare(rows.models, score, rows.blocks, tails)

    each, differences = measure(scored)
    if scored is test:
        return each, differences, each["candidate"]
    there, between = measure(test)
    if "champion" in there:
        each["champion"], differences["champion"] = there["champion"], between["champion"]
    return each, differences, there["candidate"]


def judged(
    wanted: Mapping[str, Gate], task: str, each: Mapping[str, Measured], differences: Mapping[str, Measured]
) -> dict[str, dict[str, Any]]:
    """Every gate's result; a gate against a model that is not there, or has no such score, does not apply."""
    results = {}
    for name, gate in wanted.items():
        values = differences.get(gate.against, {}) if gate.against else each["candidate"]
        results[name] = gates.judge(gate, values.get(gate.metric), task)
    return results
