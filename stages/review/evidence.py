"""What a review is made of, read from both sides: facts, predictions, tables, models. Nothing is run again."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from stages.core import params
from stages.core.errors import DataError, ParamsError
from stages.evaluate import shift
from stages.evaluate.intervals import Measured
from stages.evaluate.params import Evaluate
from stages.model import champion
from stages.review.facts import CLEAN, Facts, read_facts
from stages.review.paired import Paired, compare_predictions, read_predictions
from stages.review.review import Costs, Evidence
from stages.review.snapshot import Snapshot
from stages.review.speed import measure_row
from stages.table import csv_io
from stages.transaction import repository

PREDICTIONS = Path("data/predictions.csv")
OUT_OF_FOLD = Path("data/out_of_fold.csv")
ONNX = Path("model/model.onnx")


class Sides(NamedTuple):
    """Both sides, the clean table that was evaluated here, and the section `evaluate` here; None where there is none.

    folder: where files that are fetched may lie.
    """

    before: Snapshot
    after: Snapshot
    base: Facts
    now: Facts
    clean: pd.DataFrame | None
    section: Evaluate | None
    folder: Path


def gather(revision: str) -> Evidence:
    """Return all that there is to compare. Raises PipelineError where there is no such revision."""
    with _open(revision) as sides:
        paired, drift, costs = pair(sides), _find_drift(sides), _measure(sides)
    lost = [*sides.before.lost, *sides.after.lost]
    gates = sides.section.gates if sides.section else {}
    return Evidence(sides.base, sides.now, paired, gates, drift, costs, _find_stale(), lost)


def find_differences(revision: str) -> Measured:
    """Return each metric's difference to a revision, with its paired interval; none unless both evaluations are of the
    same rows.
    """
    with _open(revision) as sides:
        paired = pair(sides)
    if isinstance(paired, str) or not paired.rows == paired.base_rows == paired.candidate_rows:
        return {}
    estimates = {facts.evaluation.estimate.by for facts in (sides.base, sides.now) if facts.evaluation}
    return paired.differences if len(estimates) == 1 else {}


@contextlib.contextmanager
def _open(revision: str) -> Iterator[Sides]:
    before, after = Snapshot(revision, repository.find_commit(revision)), Snapshot("here")
    base, now = read_facts(before), read_facts(after)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        yield Sides(before, after, base, now, _read_clean(after, now, folder), _read_section(), folder)


def pair(sides: Sides) -> Paired | str:
    """Return the comparison on the rows that both predicted, or why there is none."""
    base, now, section = sides.base, sides.now, sides.section
    if section is None:
        return "params.yaml here cannot be read"
    if now.columns is None or now.evaluation is None:
        return "nothing was evaluated here"
    if base.columns is None:
        return f"nobody knows what {base.name} predicts"
    kinds = [(one.task, one.target.name, one.target.positive) for one in (base.columns, now.columns)]
    if kinds[0] != kinds[1]:
        return "another target is predicted, or another class of it"
    crossed = all(facts.evaluation and facts.evaluation.estimate.by == "cross-validation" for facts in (base, now))
    path = OUT_OF_FOLD if crossed else PREDICTIONS
    tables = []
    for snapshot in (sides.before, sides.after):
        there = snapshot.locate(path, sides.folder)
        if there is None:
            return f"the predictions of {snapshot.name} could not be had"
        try:
            tables.append(read_predictions(there, now.columns))
        except DataError as error:
            return f"the predictions of {snapshot.name} cannot be read ({error})"
    if _is_by_place(base, now, tables):
        tables = [table.assign(key=table["row"]) for table in tables]
    return compare_predictions(tables[0], tables[1], sides.clean, now.columns, section)


def _is_by_place(base: Facts, now: Facts, tables: list[pd.DataFrame]) -> bool:
    """Whether rows are told by their places: without a key of the table, where the same rows came of the same files, so
    that an input more or less makes no other rows of them; or where the predictions are older than keys.
    """
    if any("key" not in table for table in tables):
        return base.clean_md5 == now.clean_md5
    if now.columns is None or now.columns.key or base.clean is None or now.clean is None:
        return False
    counts = [(one.rows_in, one.rows_out, one.set_aside) for one in (base.clean, now.clean)]
    return base.sources == now.sources and counts[0] == counts[1]


def _read_section() -> Evaluate | None:
    try:
        return params.load("evaluate", Evaluate)
    except ParamsError:
        return None


def _read_clean(snapshot: Snapshot, facts: Facts, folder: Path) -> pd.DataFrame | None:
    """Return the clean table that was evaluated, if it is to be had."""
    there = snapshot.locate(CLEAN, folder)
    if there is None or facts.columns is None:
        return None
    try:
        if facts.clean_md5 != facts.evaluated_md5:
            raise DataError("it is not the one that was evaluated: make repro")
        return csv_io.read(there, facts.columns.types)
    except DataError as error:
        snapshot.lost.append(f"{CLEAN} of {snapshot.name}: {error}")
        return None


def _find_drift(sides: Sides) -> list[tuple[str, float]]:
    """Return how far each input has moved from one clean table to the other (PSI), where they differ."""
    base, now, clean = sides.base, sides.now, sides.clean
    if clean is None or base.columns is None or now.columns is None or base.clean_md5 == now.clean_md5:
        return []
    old = _read_clean(sides.before, base, sides.folder)
    if old is None:
        return []
    kinds = {one.name: one.type for one in base.columns.inputs}
    alike = [one for one in now.columns.inputs if kinds.get(one.name) == one.type]
    shared = [one.name for one in alike if one.type not in ("date", "time", "text")]
    return [(row["column"], row["psi"]) for row in shift.tabulate_shift(old[shared], clean[shared])]


def _measure(sides: Sides) -> Costs:
    """Return size and speed of both models, where both can answer for today's clean table."""
    base, now, clean = sides.base, sides.now, sides.clean
    if base.manifest is None or now.manifest is None:
        return Costs()
    size = base.manifest.files["model.onnx"].bytes, now.manifest.files["model.onnx"].bytes
    if clean is None or now.columns is None or champion.explain_incomparable(base.manifest, now.columns):
        return Costs(size)
    there = [snapshot.locate(ONNX, sides.folder) for snapshot in (sides.before, sides.after)]
    if there[0] is None or there[1] is None:
        return Costs(size)
    seconds = [
        measure_row(manifest, path.read_bytes(), clean, now.columns)
        for manifest, path in ((base.manifest, there[0]), (now.manifest, there[1]))
    ]
    return Costs(size, (seconds[0], seconds[1]))


def _find_stale() -> list[str] | None:
    """Return the stages up to the evaluation that `dvc status` calls out of date; None where it cannot tell.

    Those behind it are so whenever a gate refused the candidate.
    """
    command = ["dvc", "status", "--json", "--with-deps", "evaluate"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return sorted(json.loads(done.stdout)) if done.returncode == 0 and done.stdout.startswith("{") else None
