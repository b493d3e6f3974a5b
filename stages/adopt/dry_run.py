"""The first stages, run on an adopted table before anything is replaced; and a salt that splits it well."""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
import numpy as np

from stages.clean import __main__ as clean
from stages.core import params
from stages.features import __main__ as features
from stages.features.params import Features
from stages.ingest import __main__ as ingest
from stages.table import csv_io, schema
from stages.transform.split import PARTS, settle_split, split_rows
from stages.transform.split_rule import Split

MOST_BYTES = 20_000_000
"""Bytes of sources up to which a trial takes a moment."""
SALTS = 1_000
FEW_ROWS = 200
"""Rows of a class below which it may be missing from a part by chance."""
SMALL = 1_000
OFF = 0.35
"""How far the share of a part of a small table may be from the one asked for, as a share of that."""


def run_clean(folder: Path) -> None:
    """Run ingest and clean in the folder (with params.yaml and data/source/). Raises what they raise."""
    with contextlib.chdir(folder):
        ingest.work()
        Path("metrics").mkdir(exist_ok=True)
        clean.work()


def find_salt(folder: Path) -> int | None:
    """The first salt with which each class is in each part, after `run_clean`; None where there is none."""
    with contextlib.chdir(folder):
        section = params.load("features", Features)
        columns = schema.read()
        rows = csv_io.read(clean.CLEAN, columns.types)
    if section.split.by == "time":
        return 0
    key = columns.key or [column.name for column in columns.inputs]
    is_class = columns.task != "regression"
    target = rows[columns.target.name]
    counts = target.value_counts()
    rare = target.map(counts) < FEW_ROWS if is_class and section.split.repeats == "together" else target.notna()
    for number in range(SALTS):
        split = msgspec.structs.replace(section.split, salt=number)
        rule = settle_split(rows, split, key)
        if is_class and rare.any() and not _all_in_each(split_rows(rows[rare], rule), target[rare].to_numpy()):
            continue
        found = split_rows(rows, rule)
        if _as_asked(found, split) and (not is_class or _all_in_each(found, target.to_numpy())):
            return number
    return None


def run_features(folder: Path) -> None:
    """Run features in the folder, after `run_clean`. Raises what it raises."""
    with contextlib.chdir(folder):
        features.work()


def _all_in_each(part: np.ndarray, classes: np.ndarray) -> bool:
    wanted = set(classes.tolist())
    return all(set(classes[part == name].tolist()) == wanted for name in PARTS)


def _as_asked(part: np.ndarray, split: Split) -> bool:
    """Whether the parts of a small table are about as large as asked for; those of a large one always are."""
    if len(part) >= SMALL:
        return True
    asked = {"validation": split.validation, "test": split.test}
    return all(
        abs(float((part == name).mean()) - share) <= OFF * share
        for name, share in asked.items()
        if isinstance(share, float)
    )
