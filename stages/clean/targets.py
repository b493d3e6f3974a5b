"""The target: what task it is, which class is the positive one, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.clean.columns.inference import Finding
from stages.clean.columns.parsing import is_absent, read_cells, split_kind, to_arrow
from stages.core.errors import DataError

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
TASKS = (BINARY, MULTICLASS, REGRESSION)
MOST_CLASSES = 100
FEW_NUMBERS = 20
"""Different whole numbers up to which they are classes and no quantity."""
POSITIVE = {
    "yes", "y", "true", "t", "+", "pos", "positive", "ja", "oui", "si", "sí", "sim", "spam", "fraud", "malignant",
    "default", "churned",
}  # fmt: skip
"""Classes that say by their name that they are the positive one, in lower case."""
FLAGS = [{0.0, 1.0}, {-1.0, 1.0}]
"""Pairs of numbers of which 1 is the positive one; of 1 and 2 neither is."""


def is_quantity(finding: Finding, counts: pd.Series[int]) -> tuple[bool, str]:
    """Whether the target's texts are numbers to be predicted as such (else they are classes), and the reason."""
    if finding.kind not in ("number", "integer"):
        return False, ""
    values = read_cells(to_arrow(counts.index), finding.spec)
    numbers = len(np.unique(values[~is_absent(values)]))
    if numbers > FEW_NUMBERS:
        return True, f"{numbers:,} different numbers: a quantity"
    if finding.kind == "number" and numbers > 2:
        return True, f"{numbers:,} different numbers, not all of them whole: a quantity"
    return False, ""


def sort_classes(classes: Sequence[str]) -> list[str]:
    """The classes by their numbers where all are numbers, else by their texts."""
    numbers = read_cells(to_arrow(list(classes)), "number")
    if len(classes) and not is_absent(numbers).any():
        return [classes[place] for place in sorted(range(len(classes)), key=lambda at: (numbers[at], classes[at]))]
    return sorted(classes)


def list_classes(name: str, task: str | None, positive: str | None, rows: pd.Series[int]) -> tuple[str, list[str]]:
    """The task and the classes, of which `rows` gives each one's rows.

    Raises DataError for fewer than two classes, more than `MOST_CLASSES`, or others than task and positive say.
    """
    found = sort_classes([str(label) for label in rows.index])
    shown = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
    said = f"the target {name} has the classes {shown} in {rows.sum():,} rows"
    rare = f", or set clean.rarest_class: '{rows.idxmin()}' has {rows.min():,}" if len(found) > 2 else ""
    if len(found) < 2:
        raise DataError(f"{said}; two are needed at least. Check clean.define, clean.set_aside and clean.rarest_class.")
    if positive is not None and (positive not in found or len(found) != 2):
        raise DataError(
            f"{said}; two are needed, one of them '{positive}' (clean.positive). Check clean.define and "
            f"clean.set_aside, leave clean.positive out{rare}."
        )
    if task == BINARY and len(found) != 2:
        raise DataError(f"{said}; a binary task has two. Set clean.task to multiclass, check clean.define{rare}.")
    if len(found) > MOST_CLASSES:
        raise DataError(
            f"{said}: {len(found):,}, more than {MOST_CLASSES}. Is it the right target? For a number set clean.task "
            "to regression; for rare classes set clean.rarest_class."
        )
    return task or (BINARY if len(found) == 2 else MULTICLASS), found


def choose_positive(classes: list[str], rows: pd.Series[int]) -> tuple[str, str]:
    """The positive one of two classes when params name none, and the reason. `rows` gives each one's rows."""
    numbers = read_cells(to_arrow(classes), "number")
    flagged = set(numbers) in FLAGS
    named = [
        label
        for label, number in zip(classes, numbers, strict=True)
        if label.lower() in POSITIVE or (flagged and number == 1)
    ]
    if len(named) == 1:
        return named[0], f"'{named[0]}' is the positive class: it says so"
    rarer = min(reversed(classes), key=lambda label: rows[label])
    return rarer, f"'{rarer}' is the positive class: the rarer one, {rows[rarer]:,} of {rows.sum():,} rows"


def check_quantity(name: str, kind: str, values: pd.Series[float]) -> None:
    """Raise DataError unless the target of a regression varies."""
    if values.nunique() < 2:
        raise DataError(
            f"the target {name} ({split_kind(kind)[0]}) is {values.iloc[0]:,.10g} in all {len(values):,} rows: there "
            "is nothing to predict. Check clean.target and clean.set_aside."
        )
