"""What the target asks, as far as its column tells: the task, the classes, the positive one; each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from stages.adopt.options import format_option
from stages.clean import targets
from stages.clean.columns.inference import Finding
from stages.core.errors import DataError, ParamsError, did_you_mean

ROWS_EACH = 5
"""Rows that numbers taken for classes have at least on average."""
FEWEST = 5
"""Rows below which a class cannot be in each part of a split, and is set aside."""
RARE_SHARE = 0.05
"""Share of the rows that classes too rare may have where there are too many classes: of more, none is set aside."""
SCORES = 3
"""Numbers beyond which it may matter that one is more than another."""


@dataclass(frozen=True)
class Goal:
    """The target's task and type with the reason; its classes, and of two the positive one with the reason.

    `missing` counts the rows without a target, `rare` those of each class that is set aside and decides nothing;
    `doubt` says what a careful analyst would look at twice.
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
    rare: dict[str, int] = field(default_factory=dict)


def judge_target(
    name: str, finding: Finding, counts: pd.Series[int], task: str = "", positive: str = "", fewest: int = FEWEST
) -> Goal:
    """What the column asks. `counts` gives each distinct text's rows; task and positive are found where empty.

    Classes of fewer rows than `fewest` decide nothing, as long as two are left.

    Raises DataError for a column that cannot be predicted, ParamsError for a task or class that does not fit it.
    """
    known = counts[~counts.index.isin(["", *finding.missing])]
    missing = int(counts.sum() - known.sum())
    if len(known) < 2:
        have = f"only the value '{known.index[0]}'" if len(known) else "no value"
        raise DataError(f"the target {name} has {have}, so there is nothing to predict. Choose another column.")
    if finding.kind in ("date", "time") and len(known) > 2:
        raise DataError(f"the target {name} is a {finding.kind}, no class and no amount. Make a number of it.")
    quantity, reason = targets.is_quantity(finding, known)
    if finding.kind == "integer" and len(known) > 2 and known.sum() < ROWS_EACH * len(known):
        quantity, reason = True, f"{len(known):,} different numbers in {known.sum():,} rows: a quantity"
    asked = task or (targets.REGRESSION if quantity else "")
    if asked == targets.REGRESSION:
        if finding.kind not in ("number", "integer"):
            raise ParamsError(f"the task regression needs a number, but {name} is a {finding.kind} ({finding.reason}).")
        stray, rows = ", ".join(f"'{text}'" for text in list(finding.stray)[:3]), sum(finding.stray.values())
        doubt = f"{rows:,} of its values are no numbers ({stray}); their rows are set aside." if rows else ""
        return Goal(name, asked, finding, "as you said" if task else reason, doubt=doubt, missing=missing)
    if positive and positive not in known.index:
        raise ParamsError(f"the target {name} has no class '{positive}'.{did_you_mean(positive, known.index)}")
    rare = _rare(known, positive, fewest)
    known = known.drop(index=list(rare))
    found, classes = targets.list_classes(name, asked or None, positive or None, known)
    why = (
        "as you said"
        if task
        else f"{len(classes)} classes: {', '.join(classes[:5])}{', …' if len(classes) > 5 else ''}"
    )
    doubts = [_describe_rare(rare, found)] if rare else []
    if finding.kind == "integer" and len(classes) > SCORES and not task:
        doubts.append(
            f"{len(classes)} whole numbers, taken for classes; if more and less matters: "
            f"{format_option('task', 'regression')}."
        )
    if found != targets.BINARY:
        return Goal(name, found, finding, why, classes, doubt=" ".join(doubts), missing=missing, rare=rare)
    chosen, said = (positive, "as you said") if positive else targets.choose_positive(classes, known)
    if not positive and "rarer" in said:
        doubts.append(
            f"which class is the positive one was not clear: '{chosen}' is the rarer ({format_option('positive')})."
        )
    return Goal(name, found, finding, why, classes, chosen, said, " ".join(doubts), missing, rare)


def _rare(known: pd.Series[int], positive: str, fewest: int) -> dict[str, int]:
    """The classes with too few rows, with their rows: they are set aside before the task is decided."""
    rare = known[known < fewest]
    too_many = len(known) > targets.MOST_CLASSES and rare.sum() > RARE_SHARE * known.sum()
    if len(known) - len(rare) < 2 or too_many or positive in rare.index:
        return {}
    return {str(label): int(rows) for label, rows in rare.items()}


def _describe_rare(rare: dict[str, int], task: str) -> str:
    shown = ", ".join(f"'{label}' ({rows:,})" for label, rows in list(rare.items())[:5])
    rows, more = sum(rare.values()), ", …" if len(rare) > 5 else ""
    return (
        f"{rows:,} {'row' if rows == 1 else 'rows'} of classes too rare to learn are set aside "
        f"(clean.rarest_class), and without them the task is {task}: {shown}{more}. If it is a slip, correct the file."
    )
