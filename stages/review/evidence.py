"""What a review is made of, read from both sides: facts, predictions, tables, models. Nothing is run again."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

import pandas as pd

from stages.core import params
from stages.core.errors import DataError, ParamsError
from stages.evaluate import shift
from stages.evaluate.params import Evaluate
from stages.model import champion
from stages.review.facts import Facts, read_facts
from stages.review.paired import Paired, compare_predictions, read_predictions
from stages.review.review import Costs, Evidence
from stages.review.snapshot import Snapshot
from stages.review.speed import measure_row
from stages.table import csv_io
from stages.transaction import repository

CLEAN = Path("data/clean.csv")
PREDICTIONS = Path("data/predictions.csv")
OUT_OF_FOLD = Path("data/out_of_fold.csv")
ONNX = Path("model/model.onnx")


def gather(revision: str, costs: bool = True) -> Evidence:
    """Return all that there is to compare. Raises PipelineError where there is no such revision.

    costs: whether both models are timed.
    """
    before, after = Snapshot(revision, repository.find_commit(revision)), Snapshot("here")
    base, now = read_facts(before), read_facts(after)
    section = _read_section()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        clean = _read_clean(after, now, folder)
        paired = pair(before, after, base, now, clean, section, folder)
        drift = _find_drift(before, base, now, clean, folder)
        measured = _measure(before, after, base, now, clean, folder) if costs else Costs()
    lost = [*before.lost, *after.lost]
    return Evidence(base, now, paired, section.gates if section else {}, drift, measured, _find_stale(), lost)


def pair(
    before: Snapshot,
    after: Snapshot,
    base: Facts,
    now: Facts,
    clean: pd.DataFrame | None,
    section: Evaluate | None,
    folder: Path,
) -> Paired | str:
    """Return the comparison on the rows that both predicted, or why there is none."""
    if now.columns is None or now.evaluation is None or section is None:
        return "nothing was evaluated here"
    if base.columns and (base.columns.task, base.columns.target.name) != (now.columns.task, now.columns.target.name):
        return "another target is predicted"
    crossed = all(facts.evaluation and facts.evaluation.estimate.by == "cross-validation" for facts in (base, now))
    path = OUT_OF_FOLD if crossed else PREDICTIONS
    tables = []
    for snapshot in (before, after):
        there = snapshot.locate(path, folder)
        if there is None:
            return f"the predictions of {snapshot.name} could not be had"
        try:
            tables.append(read_predictions(there, now.columns))
        except DataError as error:
            return f"the predictions of {snapshot.name} cannot be read ({error})"
    if any("key" not in table for table in tables) and _hash(base) == _hash(now):  # written before there were keys
        tables = [table.assign(key=table["row"]) for table in tables]
    return compare_predictions(tables[0], tables[1], clean, now.columns, section)


def _read_section() -> Evaluate | None:
    try:
        return params.load("evaluate", Evaluate)
    except ParamsError:
        return None


def _read_clean(snapshot: Snapshot, facts: Facts, folder: Path) -> pd.DataFrame | None:
    there = snapshot.locate(CLEAN, folder)
    if there is None or facts.columns is None:
        return None
    try:
        return csv_io.read(there, facts.columns.types)
    except DataError as error:
        snapshot.lost.append(f"{CLEAN} of {snapshot.name}: {error}")
        return None


def _find_drift(
    before: Snapshot, base: Facts, now: Facts, clean: pd.DataFrame | None, folder: Path
) -> list[tuple[str, float, float]]:
    """Return how far each input has moved from one clean table to the other, where they differ."""
    if clean is None or base.columns is None or now.columns is None or _hash(base) == _hash(now):
        return []
    old = _read_clean(before, base, folder)
    if old is None:
        return []
    kinds = {one.name: one.type for one in base.columns.inputs}
    alike = [one for one in now.columns.inputs if kinds.get(one.name) == one.type]
    shared = [one.name for one in alike if one.type not in ("date", "time", "text")]
    table = shift.tabulate_shift(old[shared], clean[shared])
    return [(row["column"], row["psi"], row["chance"]) for row in table]


def _hash(facts: Facts) -> str:
    outs = facts.lock.get("clean", {}).get("outs", [])
    return next((out["md5"] for out in outs if out["path"] == CLEAN.as_posix()), "")


def _measure(
    before: Snapshot, after: Snapshot, base: Facts, now: Facts, clean: pd.DataFrame | None, folder: Path
) -> Costs:
    """Return size and speed of both models, where both can answer for today's clean table."""
    if base.manifest is None or now.manifest is None:
        return Costs()
    size = base.manifest.files["model.onnx"].bytes, now.manifest.files["model.onnx"].bytes
    if clean is None or now.columns is None or champion.explain_incomparable(base.manifest, now.columns):
        return Costs(size)
    there = [snapshot.locate(ONNX, folder) for snapshot in (before, after)]
    if there[0] is None or there[1] is None:
        return Costs(size)
    seconds = [
        measure_row(manifest, path.read_bytes(), clean, now.columns)
        for manifest, path in ((base.manifest, there[0]), (now.manifest, there[1]))
    ]
    return Costs(size, (seconds[0], seconds[1]))


def _find_stale() -> list[str]:
    """Return the stages that `dvc status` calls out of date."""
    done = subprocess.run(["dvc", "status", "--json"], capture_output=True, text=True, check=False)
    return sorted(json.loads(done.stdout)) if done.returncode == 0 and done.stdout.startswith("{") else []
