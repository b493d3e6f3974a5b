"""Page 3 of several classes: how well each is told from the rest, which are mistaken, and whether confidence holds."""

from __future__ import annotations

from stages.report.findings import calibration, comparison
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.estimate import beside
from stages.report.findings.inputs import Inputs, Row, repeats
from stages.report.findings.rule_multiclass import thousand
from stages.wording.metrics import PER
from stages.wording.numbers import count, fixed, percent, plural
from stages.wording.vocabulary import apart

CLASSES = 12
"""Classes shown one by one; of more, the most frequent and the one told apart least well, and the others together."""
NAMED = 5
"""Mistakes labelled in the matrix."""
CLOSE = 0.005
PERFECT = 0.9995
"""An AUC that is shown as 1.000."""


def lead(inputs: Inputs) -> str:
    """Of a thousand rows, how many are right at once and how many at the second guess; the class found least."""
    parts = thousand(inputs)["models"][0]["parts"]
    second = f" at its first guess and {count(parts[1]['rows'])} at its second" if len(parts) > 2 else ""
    against = beside(inputs)
    other = comparison.score(inputs, against, "accuracy")
    told = f"Of {count(PER)} {inputs.words.many} it names {count(parts[0]['rows'])} right{second}"
    told += f"; {SPOKEN[against]} {count(other * PER)}." if other is not None else "."
    known = [row for row in inputs.plots["classes"] if row["recall"] is not None and row["rows"] >= repeats(inputs)]
    if len(known) > 1:
        worst = min(known, key=lambda row: (row["recall"], -row["rows"]))
        name, words = _short(inputs)[worst["class"]], inputs.words
        rows = plural(round(worst["rows"] / repeats(inputs)), words.one, words.many)
        told += f" It finds {name} least often: {percent(worst['recall'])} of its {rows}."
    gap = calibration.gap(inputs)
    if abs(gap) > CLOSE and calibration.off(inputs.plots["calibration"], repeats(inputs)):
        told += f" Its confidence is {fixed(abs(gap) * 100, 1)} points too {'low' if gap < 0 else 'high'} on average."
    return told


def findings(inputs: Inputs) -> Row:
    """What the figures show."""
    names = _names(inputs)
    groups = inputs.plots["calibration"]
    return {
        "classes": _classes(inputs, names),
        "all_classes": len(inputs.schema["target"]["classes"]),
        "classes_title": _classes_title(inputs),
        "classes_shown": _shown(inputs, names),
        "confusion": _confusion(inputs, names),
        "calibration": groups,
        "calibration_title": calibration.title(
            inputs, "In no group is the confidence off by more than chance", "confidence"
        ),
        "gap": calibration.gap(inputs),
        "histogram": inputs.plots["histogram"],
    }


def _short(inputs: Inputs, longest: int = 28) -> dict[str, str]:
    return apart(inputs.schema["target"]["classes"], longest)


def _names(inputs: Inputs) -> list[str]:
    """The classes shown one by one, in the target's order."""
    classes = list(inputs.schema["target"]["classes"])
    if len(classes) <= CLASSES:
        return classes
    rows = {row["class"]: row["rows"] for row in inputs.plots["classes"]}
    often = sorted(classes, key=lambda name: (-rows.get(name, 0), classes.index(name)))[: CLASSES - 1]
    worst = _least_apart(inputs)
    if worst and worst["class"] not in often:
        often[-1] = worst["class"]
    return [name for name in classes if name in often]


def _least_apart(inputs: Inputs) -> Row:
    """The class that is told least well from the rest."""
    known = [row for row in inputs.plots["classes"] if row["auc"] is not None]
    return min(known, key=lambda row: (row["auc"], row["class"]), default={})


def _classes(inputs: Inputs, names: list[str]) -> list[Row]:
    """AUC of each class against the rest with its interval; of the others their mean, each class counting once."""
    found = {row["class"]: row for row in inputs.plots["classes"]}
    keys = ("rows", "auc", "low", "high", "recall", "precision")
    times = repeats(inputs)
    shown = [
        {"name": name, **{key: found[name][key] for key in keys}, "rows": round(found[name]["rows"] / times)}
        for name in names
        if name in found
    ]
    rest = [row for name, row in found.items() if name not in names]
    if rest:
        known = [row["auc"] for row in rest if row["auc"] is not None]
        mean = sum(known) / len(known) if known else None
        empty = dict.fromkeys(("low", "high", "recall", "precision"))
        rows = round(sum(row["rows"] for row in rest) / times)
        shown.append({"name": f"{count(len(rest))} others, mean", "rows": rows, "auc": mean, **empty})
    return shown


def _shown(inputs: Inputs, names: list[str]) -> str:
    """Which of many classes are shown one by one."""
    if len(names) == len(inputs.schema["target"]["classes"]):
        return ""
    rows = {row["class"]: row["rows"] for row in inputs.plots["classes"]}
    worst = _least_apart(inputs).get("class")
    rarer = [name for name in rows if name not in names and rows[name] > rows.get(worst, 0)]
    return f"The {len(names) - 1} largest and the worst." if rarer else f"The {len(names)} largest."


def _classes_title(inputs: Inputs) -> str:
    known = [row for row in inputs.plots["classes"] if row["auc"] is not None]
    if len(known) < 2:
        return "How well each class is told from the rest"
    worst = _least_apart(inputs)
    if worst["auc"] >= PERFECT:
        return "Every class is told from the rest almost perfectly"
    return f"Told apart least well: {_short(inputs, 22)[worst['class']]}, AUC {fixed(worst['auc'], 3)}"


def _confusion(inputs: Inputs, names: list[str]) -> Row:
    """Of each actual class, the share predicted as each; the others are one row and one column."""
    rest = [name for name in inputs.schema["target"]["classes"] if name not in names]
    place = {name: at for at, name in enumerate(names)} | dict.fromkeys(rest, len(names))
    size = len(names) + bool(rest)
    counted = [[0.0] * size for _ in range(size)]
    right = [0.0] * size
    mistakes = []
    for cell in inputs.plots["confusion"]:
        actual, predicted, rows = cell["actual"], cell["predicted"], cell["rows"]
        counted[place[actual]][place[predicted]] += rows
        right[place[actual]] += rows * (actual == predicted)
        if actual != predicted and rows:
            mistakes.append(cell)
    total = [sum(line) or 1.0 for line in counted]
    shares = [
        [(right[row] if row == column else cell) / total[row] for column, cell in enumerate(line)]
        for row, line in enumerate(counted)
    ]
    return {
        "title": _mistaken(mistakes, _short(inputs, 16), repeats(inputs)),
        "names": [*names, *([f"{count(len(rest))} others"] if rest else [])],
        "others": len(rest),
        "shares": shares,
        "named": _largest(shares),
    }


def _mistaken(mistakes: list[Row], short: dict[str, str], times: int) -> str:
    if not mistakes:
        return "No class was mistaken for another"
    most = max(mistakes, key=lambda cell: (cell["rows"], cell["share"] or 0.0))
    often = max(1, round(most["rows"] / times))
    return f"Most often mistaken: {short[most['actual']]} for {short[most['predicted']]}, {count(often)} of them"


def _largest(shares: list[list[float]]) -> list[list[int]]:
    """Row and column of the largest mistakes."""
    cells = [
        (share, row, column)
        for row, line in enumerate(shares)
        for column, share in enumerate(line)
        if row != column and share > 0
    ]
    return [[row, column] for _, row, column in sorted(cells, key=lambda cell: (-cell[0], cell[1], cell[2]))[:NAMED]]
