"""Page 7: hold-out rows the service was asked, with its answers and their reasons, mistakes as plainly as successes."""

from __future__ import annotations

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import nothing, signed
from stages.wording.vocabulary import apart, inside, sentence, shorten

SHOWN = 5
"""Rows that are shown."""
KINDS = {
    "binary": {"caught": 1, "missed": 1, "false alarm": 1, "left alone": 1},
    "multiclass": {"right": 2, "wrong": 2},
    "regression": {"close": 2, "far": 2},
}
"""Each task's kinds of outcome, in the order shown, and how many of each there are at least."""
POINTS: Row = {"digits": 0, "scale": 100, "unit": ""}
GUESSES = 3
LABEL = 24
"""Characters of an input's name among the reasons."""
NAME = 18
"""Characters of a class name in a narrow column."""


def samples(inputs: Inputs) -> list[Row]:
    """The rows and answers with their main reasons."""
    if inputs.served is None or inputs.manifest is None:
        return []
    task = inputs.evaluation["task"]
    answer = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}[task]
    return [
        {**answer(inputs, row), "reasons": _reasons(inputs, row), "warnings": len(row["warnings"])}
        for row in _chosen(inputs.served["rows"], KINDS[task])
    ]


def _reasons(inputs: Inputs, row: Row) -> list[Row]:
    """The inputs that move the answer most, in points or in the target's unit, but for those that hardly do."""
    form = amounts(inputs).form() if inputs.evaluation["task"] == "regression" else POINTS
    words = inputs.words
    short = apart([words.label(name) for name in row["inputs"]], LABEL)
    told = [
        {
            "label": short[words.label(reason["input"])],
            "value": words.value(reason["input"], row["inputs"][reason["input"]]),
            "step": reason["step"],
            "told": signed(reason["step"] * form["scale"], form["digits"]),
        }
        for reason in row["reasons"]
    ]
    return [reason for reason in told if not nothing(reason["told"])]


def _binary(inputs: Inputs, row: Row) -> Row:
    positive = inputs.schema["target"]["positive"]
    kinds = {"missed": inputs.words.warning.miss, "false alarm": inputs.words.warning.false_alarm}
    return {
        "kind": sentence(kinds.get(str(row["kind"]), str(row["kind"]))),
        "risk": row["probabilities"][positive],
        "warned": row["prediction"] == positive,
        "was": _was(inputs, str(row["actual"])),
        "right": row["prediction"] == row["actual"],
    }


def _was(inputs: Inputs, actual: str) -> str:
    """What happened: late, not late, or in the words of the data where there are no better ones."""
    words, target = inputs.words, inputs.schema["target"]
    if not inputs.params.outcome.positive:
        return f"{shorten(inside(words.target), 20)} was {shorten(actual, 20)}"
    return f"was {'' if actual == target['positive'] else 'not '}{shorten(words.positive, 30)}"


def _multiclass(inputs: Inputs, row: Row) -> Row:
    short = apart(inputs.schema["target"]["classes"], NAME)
    guesses = sorted(row["probabilities"].items(), key=lambda item: (-item[1], item[0] != row["prediction"], item[0]))
    return {
        "kind": sentence(row["kind"]),
        "prediction": short[row["prediction"]],
        "guesses": [{"name": short[name], "probability": share} for name, share in guesses[:GUESSES]],
        "actual": short[row["actual"]],
        "right": row["prediction"] == row["actual"],
    }


def _regression(inputs: Inputs, row: Row) -> Row:
    predicted, actual = float(row["prediction"]), float(row["actual"])
    low, high = row.get("interval") or (None, None)
    off = amounts(inputs).said(abs(predicted - actual))
    return {
        "kind": sentence(row["kind"]),
        "predicted": predicted,
        "actual": actual,
        "low": low,
        "high": high,
        "error": predicted - actual,
        "told": f"{off} too {'high' if predicted > actual else 'low'}" if not nothing(off) else "as predicted",
        "was": amounts(inputs).said(actual, error=False),
        "right": row["kind"] == "close",
        "inside": None if low is None or high is None else low <= actual <= high,
    }


def order(inputs: Inputs) -> list[str]:
    """The service's inputs, those behind the most important features first."""
    manifest = inputs.manifest or {}
    made_of = {step["name"]: step["of"] for step in manifest["features"]["derive"]}
    ranked = sorted(inputs.plots["importance"], key=lambda row: (-row["value"], row["column"]))
    names = [name for row in ranked for name in made_of.get(row["column"], [row["column"]])]
    asked = [column["name"] for column in manifest["inputs"]]
    return [name for name in dict.fromkeys(names + asked) if name in asked]


def _chosen(rows: list[Row], kinds: dict[str, int]) -> list[Row]:
    """The first rows of every kind and, up to as many as are shown, the first of those left; kind by kind."""
    errors = [abs(row["prediction"] - row["actual"]) for row in rows if not isinstance(row["actual"], str)]
    if errors:  # the nearest and the farthest before others
        ends = min(errors), max(errors)
        rows = sorted(rows, key=lambda row: abs(row["prediction"] - row["actual"]) not in ends)
    first = [row for kind, number in kinds.items() for row in [row for row in rows if row["kind"] == kind][:number]]
    rest = [row for row in rows if row not in first]
    return sorted([*first, *rest[: max(0, SHOWN - len(first))]], key=lambda row: [*kinds].index(row["kind"]))
