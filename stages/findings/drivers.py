"""Page 4: what the model leans on, where it ranks worst, and its answers as the service gave them."""

from __future__ import annotations

from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import fixed
from stages.findings.wording import sentence

INPUTS = 8
GROUPS = 5
SHOWN = 5
"""Inputs named for a sample."""
KINDS = ("caught", "missed", "false alarm", "left alone")


def drivers(inputs: Inputs) -> Row:
    """What the model leans on and where it ranks worst."""
    found = sorted(inputs.plots["importance"], key=lambda row: (-row["value"], row["column"]))
    unused = [inputs.words.label(row["column"]) for row in found if row["low"] <= 0]
    return {
        "title": _title(inputs, found),
        "lead": _lead(inputs, found, unused),
        "importance": [{**row, "label": inputs.words.label(row["column"])} for row in found[:INPUTS]],
        "inputs": len(found),
        "unused": unused,
        "groups": _groups(inputs),
        "all_groups": len(inputs.plots["slices"]),
    }


def samples(inputs: Inputs) -> list[Row]:
    """The hold-out rows the service was asked, with its answers; the inputs that matter most are named."""
    if inputs.served is None or inputs.manifest is None:
        return []
    positive, order = inputs.schema["target"]["positive"], _order(inputs)
    kinds: dict[str, str] = {"missed": inputs.words.warning.miss, "false alarm": inputs.words.warning.false_alarm}
    return [
        {
            "kind": sentence(kinds.get(str(row["kind"]), str(row["kind"]))),
            "risk": row["probabilities"][positive],
            "warned": row["prediction"] == positive,
            "happened": row["actual"] == positive,
            "right": row["prediction"] == row["actual"],
            "inputs": [
                {"label": inputs.words.label(name), "value": inputs.words.value(name, row["inputs"][name])}
                for name in [name for name in order if row["inputs"].get(name) is not None][:SHOWN]
            ],
            "warnings": len(row["warnings"]),
        }
        for row in _one_of_each(inputs.served["rows"])
    ]


def _title(inputs: Inputs, found: list[Row]) -> str:
    if not found or found[0]["low"] <= 0:
        return "No single input matters much on its own"
    first = inputs.words.label(found[0]["column"])
    return f"{first} matters most: without it AUC falls by {fixed(found[0]['value'], 3)}"


def _lead(inputs: Inputs, found: list[Row], unused: list[str]) -> str:
    told = ["These are patterns the model uses, not causes."]
    if unused and len(unused) < len(found):
        told.append(f"{len(unused)} of its {len(found)} inputs bring no measurable use.")
    groups = _groups(inputs)
    if groups:
        worst = groups[0]
        told.append(
            f"It ranks worst where {worst['column'].lower()} is {worst['value']}: AUC {fixed(worst['auc'], 2)}, "
            f"{_level(worst['gap'])}."
        )
    return " ".join(told)


def _level(gap: float) -> str:
    points = fixed(abs(gap) * 100, 0)
    if points == "0":
        return "with the right risk on average"
    return f"its risks {points} points too {'low' if gap < 0 else 'high'}"


def _groups(inputs: Inputs) -> list[Row]:
    """The groups of rows with the lowest AUC."""
    known = [row for row in inputs.plots["slices"] if row["auc"] is not None]
    return [
        {
            **row,
            "column": inputs.words.label(row["column"]),
            "value": row["value"].removesuffix(".0"),
            "gap": row["predicted"] - row["rate"],
        }
        for row in sorted(known, key=lambda row: (row["auc"], row["column"], row["value"]))[:GROUPS]
    ]


def _order(inputs: Inputs) -> list[str]:
    """The service's inputs, those behind the most important features first."""
    manifest = inputs.manifest or {}
    made_of = {step["name"]: step["of"] for step in manifest["features"]["derive"]}
    ranked = sorted(inputs.plots["importance"], key=lambda row: (-row["value"], row["column"]))
    names = [name for row in ranked for name in made_of.get(row["column"], [row["column"]])]
    asked = [column["name"] for column in manifest["inputs"]]
    return [name for name in dict.fromkeys(names + asked) if name in asked]


def _one_of_each(rows: list[Row]) -> list[Row]:
    """The first row of every kind, so that a mistake is shown as plainly as a success."""
    first: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: KINDS.index(row["kind"])):
        first.setdefault(row["kind"], row)
    return list(first.values())
