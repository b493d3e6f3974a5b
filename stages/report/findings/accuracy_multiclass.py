"""Section 3 of several classes: how well each is told from the rest, which are mistaken, whether confidence holds."""

from __future__ import annotations

import msgspec

from stages.report.findings import calibration, comparison
from stages.report.findings.accuracy import Accuracy, metrics_table, table_note, table_title, title
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.decision_rule_multiclass import thousand
from stages.report.findings.estimate import beside
from stages.report.findings.inputs import Inputs, repeats
from stages.report.findings.naive_estimates import naive_estimates
from stages.report.findings.plots import Bin, CalibrationGroup, ConfusionCell
from stages.wording.metrics import PER
from stages.wording.numbers import count, fixed, percent, plural
from stages.wording.vocabulary import apart

CLASSES = 12
"""Classes shown one by one; of more, the most frequent and the one told apart least well, and the others together."""
NAMED = 5
"""Mistakes labelled in the matrix."""
CLOSE = 0.005
PERFECT = 0.995
"""Classes that are told from the rest that well, all of them, need no chart."""


class ShownClass(msgspec.Struct, frozen=True):
    """A class against the rest, or others together; the interval is the AUC's."""

    name: str
    rows: int
    auc: float | None
    low: float | None = None
    high: float | None = None
    recall: float | None = None
    precision: float | None = None


class Confusion(msgspec.Struct, frozen=True):
    """Of each actual class (row) the share predicted as each; `named` are rows and columns of the largest mistakes."""

    title: str
    names: list[str]
    others: int
    shares: list[list[float]]
    named: list[tuple[int, int]]


class MulticlassAccuracy(Accuracy, frozen=True, kw_only=True):
    """What section 3 shows of several classes."""

    classes: list[ShownClass]
    all_classes: int
    all_perfect: bool
    classes_title: str
    classes_shown: str
    confusion: Confusion
    calibration: list[CalibrationGroup]
    calibration_title: str
    gap: float
    histogram: list[Bin]


def accuracy(inputs: Inputs) -> MulticlassAccuracy:
    """Return what section 3 shows."""
    names = _names(inputs)
    return MulticlassAccuracy(
        title=title(inputs),
        lead=_lead(inputs),
        measures=metrics_table(inputs),
        measures_title=table_title(inputs),
        measures_note=table_note(inputs),
        honesty=naive_estimates(inputs),
        baseline=comparison.baseline(inputs),
        group_confidence=inputs.evaluation.slice_confidence,
        classes=_classes(inputs, names),
        all_classes=len(inputs.schema.target.classes),
        all_perfect=_all_perfect(inputs),
        classes_title=_classes_title(inputs),
        classes_shown=_shown(inputs, names),
        confusion=_confusion(inputs, names),
        calibration=inputs.plots.calibration,
        calibration_title=calibration.title(
            inputs, "In no group is the confidence off by more than chance", "confidence"
        ),
        gap=calibration.gap(inputs),
        histogram=inputs.plots.histogram,
    )


def _lead(inputs: Inputs) -> str:
    """Of a thousand rows, how many are right at once and how many at the second guess; the class found least."""
    parts = thousand(inputs).models[0].parts
    second = f" at its first guess and {count(parts[1].rows)} at its second" if len(parts) > 2 else ""
    against = beside(inputs)
    other = comparison.score(inputs, against, "accuracy")
    told = f"Of {count(PER)} {inputs.words.many} it names {count(parts[0].rows)} right{second}"
    told += f"; {SPOKEN[against]} {count(other * PER)}." if other is not None else "."
    known = [
        (row.recall, -row.rows, row.name)
        for row in inputs.plots.classes
        if row.recall is not None and row.rows >= repeats(inputs)
    ]
    if len(known) > 1:
        recall, fewer, name = min(known, key=lambda row: row[:2])
        rows = plural(round(-fewer / repeats(inputs)), inputs.words.one, inputs.words.many)
        told += f" It finds {_short(inputs)[name]} least often: {percent(recall)} of its {rows}."
    gap = calibration.gap(inputs)
    if abs(gap) > CLOSE and calibration.off(inputs.plots.calibration):
        told += f" Its confidence is {fixed(abs(gap) * 100, 1)} points too {'low' if gap < 0 else 'high'} on average."
    return told


def _short(inputs: Inputs, longest: int = 28) -> dict[str, str]:
    return apart(inputs.schema.target.classes, longest)


def _names(inputs: Inputs) -> list[str]:
    """The classes shown one by one, in the target's order."""
    classes = inputs.schema.target.classes
    if len(classes) <= CLASSES:
        return classes
    rows = {row.name: row.rows for row in inputs.plots.classes}
    often = sorted(classes, key=lambda name: (-rows.get(name, 0), classes.index(name)))[: CLASSES - 1]
    worst = _least_apart(inputs)
    if worst and worst[1] not in often:
        often[-1] = worst[1]
    return [name for name in classes if name in often]


def _least_apart(inputs: Inputs) -> tuple[float, str] | None:
    """The AUC and name of the class that is told least well from the rest."""
    return min(((row.auc, row.name) for row in inputs.plots.classes if row.auc is not None), default=None)


def _classes(inputs: Inputs, names: list[str]) -> list[ShownClass]:
    """AUC of each class against the rest with its interval; of the others their mean, each class counting once."""
    found, times = {row.name: row for row in inputs.plots.classes}, repeats(inputs)
    shown = [
        ShownClass(name, round(row.rows / times), row.auc, row.low, row.high, row.recall, row.precision)
        for name in names
        if (row := found.get(name))
    ]
    rest = [row for name, row in found.items() if name not in names]
    if rest:
        known = [row.auc for row in rest if row.auc is not None]
        mean = sum(known) / len(known) if known else None
        shown.append(ShownClass(f"{count(len(rest))} others, mean", round(sum(row.rows for row in rest) / times), mean))
    return shown


def _shown(inputs: Inputs, names: list[str]) -> str:
    """Which of many classes are shown one by one."""
    if len(names) == len(inputs.schema.target.classes):
        return ""
    rows, worst = {row.name: row.rows for row in inputs.plots.classes}, _least_apart(inputs)
    least = rows[worst[1]] if worst else 0
    rarer = [name for name in rows if name not in names and rows[name] > least]
    return f"The {len(names) - 1} largest and the worst." if rarer else f"The {len(names)} largest."


def _all_perfect(inputs: Inputs) -> bool:
    worst = _least_apart(inputs)
    return worst is not None and worst[0] >= PERFECT


def _classes_title(inputs: Inputs) -> str:
    worst = _least_apart(inputs)
    if worst is None or sum(row.auc is not None for row in inputs.plots.classes) < 2:
        return "How well each class is told from the rest"
    auc, name = worst
    if _all_perfect(inputs):
        return "Every class is told from the rest almost perfectly"
    return f"Told apart least well: {_short(inputs, 22)[name]}, AUC {fixed(auc, 3)}"


def _confusion(inputs: Inputs, names: list[str]) -> Confusion:
    """Of each actual class, the share predicted as each; the others are one row and one column."""
    rest = [name for name in inputs.schema.target.classes if name not in names]
    place = {name: at for at, name in enumerate(names)} | dict.fromkeys(rest, len(names))
    size = len(names) + bool(rest)
    counted = [[0.0] * size for _ in range(size)]
    right = [0.0] * size
    mistakes = []
    for cell in inputs.plots.confusion:
        counted[place[cell.actual]][place[cell.predicted]] += cell.rows
        right[place[cell.actual]] += cell.rows * (cell.actual == cell.predicted)
        if cell.actual != cell.predicted and cell.rows:
            mistakes.append(cell)
    total = [sum(line) or 1.0 for line in counted]
    shares = [
        [(right[row] if row == column else cell) / total[row] for column, cell in enumerate(line)]
        for row, line in enumerate(counted)
    ]
    return Confusion(
        title=_mistaken(mistakes, _short(inputs, 16), repeats(inputs)),
        names=[*names, *([f"{count(len(rest))} others"] if rest else [])],
        others=len(rest),
        shares=shares,
        named=_largest(shares),
    )


def _mistaken(mistakes: list[ConfusionCell], short: dict[str, str], times: int) -> str:
    if not mistakes:
        return "No class was mistaken for another"
    most = max(mistakes, key=lambda cell: (cell.rows, cell.share or 0.0))
    often = max(1, round(most.rows / times))
    return f"Most often mistaken: {short[most.actual]} for {short[most.predicted]}, {count(often)} of them"


def _largest(shares: list[list[float]]) -> list[tuple[int, int]]:
    """Row and column of the largest mistakes."""
    cells = [
        (share, row, column)
        for row, line in enumerate(shares)
        for column, share in enumerate(line)
        if row != column and share > 0
    ]
    return [(row, column) for _, row, column in sorted(cells, key=lambda cell: (-cell[0], cell[1], cell[2]))[:NAMED]]
