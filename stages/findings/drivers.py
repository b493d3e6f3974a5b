"""Page 4: what the model leans on, and where it does worst."""

from __future__ import annotations

from stages.findings import comparison
from stages.findings.amounts import amounts
from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import fixed, percent, plural
from stages.findings.outcome import followed
from stages.findings.wording import inside, sentence, shorten

INPUTS, ALONE = 8, 12
"""Inputs shown beside the groups, and where there are none."""
GROUPS = 5
LOSSES = {
    "binary": ("How much ranking is lost without each input", "AUC falls by", "Fall in AUC"),
    "multiclass": ("How much accuracy is lost without each input", "accuracy falls by", "Fall in accuracy, in points,"),
    "regression": ("How much less is explained without each input", "R² falls by", "Fall in R²"),
}
"""What shuffling an input costs: title of the exhibit, verb, axis."""
WORST = {
    "binary": ("Where it ranks worst", "The lowest AUC", "It ranks worst where"),
    "multiclass": ("Where it is right least often", "The lowest accuracy", "It is right least often where"),
    "regression": ("Where its errors are largest", "The largest mean error", "Its errors are largest where"),
}


def drivers(inputs: Inputs) -> Row:
    """What the model leans on and where it does worst."""
    found = sorted(inputs.plots["importance"], key=lambda row: (-row["value"], row["column"]))
    unused = [inputs.words.label(row["column"]) for row in found if row["low"] <= 0]
    key, task = comparison.task(inputs).primary, inputs.evaluation["task"]
    form = {**comparison.form(inputs, key), "unit": ""}
    shown = INPUTS if inputs.plots["slices"] else ALONE
    return {
        "title": _title(inputs, found),
        "lead": _lead(inputs, found, unused),
        "importance": [{**row, "label": inputs.words.label(row["column"])} for row in found[:shown]],
        "importance_form": comparison.form(inputs, "r2") if task == "regression" else form,
        "score_form": form,
        "importance_title": LOSSES[task][0],
        "importance_about": LOSSES[task][2],
        "inputs": len(found),
        "unused": unused,
        "groups": groups(inputs),
        "groups_title": WORST[task][0],
        "groups_about": f"{WORST[task][1]} among {plural(len(inputs.plots['slices']), 'group', 'groups')}",
        "all_groups": len(inputs.plots["slices"]),
        "gap_note": _gap_note(inputs),
        "gap_form": form if task == "regression" else {"digits": 0, "scale": 100, "unit": ""},
    }


def groups(inputs: Inputs) -> list[Row]:
    """The groups of rows where the candidate does worst: `score` with its interval, `gap` of its level."""
    measure = comparison.measure(inputs, comparison.task(inputs).primary)
    known = [row for row in inputs.plots["slices"] if row[measure.key] is not None]
    sign = 1 if measure.better == "more" else -1
    found = sorted(known, key=lambda row: (sign * row[measure.key], row["column"], row["value"]))[:GROUPS]
    return [
        {
            "column": inputs.words.label(row["column"]),
            "value": _value(inputs, row),
            "rows": row["rows"],
            "score": {"value": row[measure.key], "low": row["low"], "high": row["high"]},
            "gap": _gap(row),
        }
        for row in found
    ]


def _value(inputs: Inputs, row: Row) -> str:
    """A group's value as people write it: 5, not 5.0, and yes, not True."""
    kinds = {column["name"]: column["type"] for column in inputs.schema["columns"]}
    if kinds.get(row["column"]) == "boolean":
        return {"true": "yes", "false": "no"}.get(row["value"].lower(), str(row["value"]))
    return str(row["value"].removesuffix(".0"))


def _gap(row: Row) -> float | None:
    """Predicted less observed: a share, or a mean."""
    if "bias" in row:
        return None if row["bias"] is None else float(row["bias"])
    predicted, happened = row.get("predicted"), row.get("rate")
    return None if predicted is None or happened is None else float(predicted - happened)


def _gap_note(inputs: Inputs) -> str:
    """What the gap of a group is."""
    if inputs.evaluation["task"] == "regression":
        return "Bias: mean of predicted less actual."
    what = (
        "mean risk less observed share"
        if inputs.evaluation["task"] == "binary"
        else (f"predicted less actual share of {shorten(followed(inputs), 20)}")
    )
    return f"Gap: {what}, in points."


def _title(inputs: Inputs, found: list[Row]) -> str:
    if not found or found[0]["low"] <= 0:
        return "No single input matters much on its own"
    first, task, lost = inputs.words.label(found[0]["column"]), inputs.evaluation["task"], found[0]["value"]
    how_much = f"{fixed(lost * 100, 1)} points" if task == "multiclass" else fixed(lost, 3)
    return f"{shorten(first, 40)} matters most: without it {LOSSES[task][1]} {how_much}"


def _lead(inputs: Inputs, found: list[Row], unused: list[str]) -> str:
    told = ["These are patterns the model uses, not causes."]
    if unused and len(unused) < len(found):
        verb = "brings" if len(unused) == 1 else "bring"
        told.append(
            f"{sentence(plural(len(unused), 'of its', 'of its'))} {len(found)} inputs {verb} no measurable use."
        )
    worst = groups(inputs)[:1]
    if worst:
        told.append(_worst(inputs, worst[0]))
    return " ".join(told)


def _worst(inputs: Inputs, group: Row) -> str:
    task = inputs.evaluation["task"]
    where = f"{WORST[task][2]} {shorten(inside(group['column']))} is {shorten(group['value'])}:"
    if task == "regression":
        said = amounts(inputs).said
        gap = group["gap"]
        level = "" if gap is None else f", {said(abs(gap))} too {'low' if gap < 0 else 'high'} on average"
        return f"{where} {said(group['score']['value'])} on average{level}."
    if task == "multiclass":
        return f"{where} {percent(group['score']['value'])}."
    return f"{where} AUC {fixed(group['score']['value'], 2)}, {_level(group['gap'] or 0.0)}."


def _level(gap: float) -> str:
    points = fixed(abs(gap) * 100, 0)
    if points == "0":
        return "with the right risk on average"
    return f"its risks {points} {'point' if points == '1' else 'points'} too {'low' if gap < 0 else 'high'}"
