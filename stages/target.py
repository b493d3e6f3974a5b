"""What a target column asks: which of two, which of several, or how much; and which class is positive."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd

from stages.errors import DataError, ParamsError, did_you_mean
from stages.inference import Finding, found

TASKS = ("binary", "multiclass", "regression")
NUMBERS = ("integer", "number")
MOST_CLASSES = 100
SCORES = 20
"""Distinct whole numbers up to which they are taken for classes."""
ROWS_EACH = 5
"""Rows a class has at least on average, else the numbers are rather amounts."""
POSITIVE = ("1", "1.0", "yes", "y", "true", "t", "positive", "pos", "+", "ja", "oui", "si", "sí", "present", "on")
"""Spellings, in lower case, by which one of two classes says that it is the one asked for."""


@dataclass(frozen=True)
class TargetFinding:
    """The target's task and type with the reason; its classes, and of two the positive one with the reason.

    `missing` counts the rows without a target, `doubt` says what a careful analyst would look at twice.
    """

    name: str
    task: str
    finding: Finding
    reason: str
    classes: list[str] = field(default_factory=list)
    positive: str | None = None
    positive_reason: str = ""
    doubt: str = ""
    missing: int = 0


def target_found(
    name: str, counts: pd.Series[int], task: str = "", positive: str = "", missing: Collection[str] = ("",)
) -> TargetFinding:
    """What the column asks. `counts` gives each distinct stripped text's rows; task and positive are found where empty.

    Raises DataError for a column that cannot be predicted, ParamsError for a task or class that does not fit it.
    """
    finding = found(name, counts, missing)
    spellings = {"", *missing, *finding.missing}
    known = counts[~counts.index.isin(list(spellings))]
    gone = int(counts.sum() - known.sum())
    if len(known) < 2:
        have = f"only the value '{known.index[0]}'" if len(known) else "no value"
        raise DataError(f"the target {name} has {have}, so there is nothing to predict. Choose another column.")
    asked, reason, doubt = (task, "set in params.yaml", "") if task else _task(name, known, finding)
    if asked == "regression":
        if finding.kind not in NUMBERS:
            raise ParamsError(f"the task regression needs a number, but {name} is a {finding.kind} ({finding.reason}).")
        return TargetFinding(name, asked, finding, reason, doubt=doubt, missing=gone)
    classes = in_order(known.index)
    if asked == "binary" and len(classes) != 2:
        raise ParamsError(f"the task binary needs two classes, but {name} has {len(classes):,}: {_shown(classes)}.")
    if len(classes) > MOST_CLASSES:
        raise DataError(
            f"the target {name} has {len(classes):,} classes ({_shown(classes)}), more than {MOST_CLASSES}. Define a "
            "column with fewer (clean.define), or choose another."
        )
    if asked == "multiclass":
        return TargetFinding(name, asked, finding, reason, classes, doubt=doubt, missing=gone)
    chosen, why = _positive(name, known, classes, positive)
    return TargetFinding(name, asked, finding, reason, classes, chosen, why, doubt, gone)


def in_order(classes: Collection[str]) -> list[str]:
    """The classes as people expect them: numbers by size, texts by letter."""
    try:
        return sorted(map(str, classes), key=lambda text: (float(text), text))
    except ValueError:
        return sorted(map(str, classes))


def _task(name: str, known: pd.Series[int], finding: Finding) -> tuple[str, str, str]:
    """Task, reason and doubt."""
    size, rows = len(known), int(known.sum())
    if size == 2:
        return "binary", f"{name} has two values: {_shown(in_order(known.index))}", ""
    if finding.kind in ("date", "time"):
        raise DataError(f"the target {name} is a {finding.kind}, no class and no amount. Make a number of it.")
    if finding.kind in NUMBERS:
        whole = all(float(text).is_integer() for text in known.index if _is_number(text))
        if whole and size <= SCORES and rows >= ROWS_EACH * size:
            doubt = f"{name}: {size} whole numbers, taken for classes; if more and less matters: --task regression."
            return "multiclass", f"{name} has only {size} values, all whole numbers", doubt
        return "regression", f"{name} is a number with {size:,} values ({finding.reason})", ""
    return "multiclass", f"{name} has {size:,} classes", ""


def _positive(name: str, known: pd.Series[int], classes: list[str], asked: str) -> tuple[str, str]:
    if asked:
        if asked not in classes:
            near = did_you_mean(asked, classes)
            raise ParamsError(f"the target {name} has no class '{asked}', but {_shown(classes)}.{near}")
        return asked, "set in params.yaml"
    spelled = [label for label in classes if label.lower() in POSITIVE]
    if len(spelled) == 1:
        return spelled[0], f"'{spelled[0]}' says that it is the one asked for"
    rarer = min(classes, key=lambda label: (int(known[label]), -classes.index(label)))
    return rarer, f"the rarer of the two, {int(known[rarer]) / int(known.sum()):.0%} of the rows"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(classes: list[str]) -> str:
    return ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")
