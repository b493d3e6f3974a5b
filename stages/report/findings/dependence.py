"""How predictions move with single inputs, in the words and units of the data."""

from __future__ import annotations

import datetime
from itertools import groupby

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.outcome import followed, followed_shortly
from stages.wording.numbers import MONTHS, count, month, percent, plain
from stages.wording.vocabulary import apart, inside, shorten

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CATEGORIES = 12
FINE = 0.05
"""Shares that differ by less are told to a tenth of a point."""


def panels(inputs: Inputs) -> Row:
    """The curves of the most important numbers, on one scale."""
    columns = [
        {
            "column": column,
            "label": inputs.words.label(column),
            "unit": inputs.words.unit(column),
            "kind": _kind(inputs, column),
            "points": [
                {
                    **{key: row[key] for key in ("value", "share", "predicted")},
                    "text": text(inputs, column, row["value"]),
                }
                for row in rows
            ],
        }
        for column, members in groupby(inputs.plots["dependence"], key=lambda row: str(row["column"]))
        for rows in [list(members)]
    ]
    if not columns:
        return {}
    return {
        "title": f"How {_predicted(inputs)} moves with the main inputs",
        "about": f"Mean {_what(inputs)} when only that input changes. Ticks: tenths of the {inputs.words.many}. "
        f"Dashed: what came on average, {_said(inputs, _level(inputs))}.",
        "form": _form(inputs),
        "level": _level(inputs),
        "columns": columns,
    }


def adjusted(inputs: Inputs) -> Row:
    """The most important category: what came with each value, and what is predicted were all rows like that."""
    rows = inputs.plots["adjusted"]
    if not rows:
        return {}
    label = inputs.words.label(rows[0]["column"])
    shown = apart([str(row["value"]) for row in rows])
    ordered = sorted(rows, key=lambda row: (-row["predicted"], row["value"]))
    most, least = ordered[0], ordered[-1]
    fine = most["predicted"] - least["predicted"] < FINE
    high, low = (_said(inputs, row["predicted"], fine) for row in (most, least))
    title = f"{shorten(label, 28)} makes no difference once all else is equal"
    if high != low:
        title = (
            f"{shorten(label, 28)}, once all else is equal: {high} for {shown[str(most['value'])]}, {low} for "
            f"{shown[str(least['value'])]}"
        )
    return {
        "label": label,
        "title": title,
        "about": f"Hollow: {_came(inputs)} as observed. Filled: predicted if all {inputs.words.many} had that "
        f"{inside(shorten(label, 28))}."
        + (f" The {count(len(rows))} most frequent." if len(rows) == CATEGORIES else ""),
        "form": _form(inputs),
        "rows": [
            {**{key: row[key] for key in ("rows", "observed", "predicted")}, "value": shown[str(row["value"])]}
            for row in ordered[:CATEGORIES]
        ],
    }


def text(inputs: Inputs, column: str, value: float) -> str:
    """A feature's value as people write it: 18:30 for 1110 minutes, Tue for the second weekday."""
    kind, place = _kind(inputs, column), round(value)
    if kind == "clock_minutes":
        return f"{place // 60:02d}:{place % 60:02d}"
    if kind == "weekday" and 0 <= place < len(DAYS):
        return DAYS[place]
    if kind == "month" and 1 <= place <= len(MONTHS):
        return MONTHS[place - 1]
    if kind == "days":
        return month(f"{datetime.date(1970, 1, 1) + datetime.timedelta(days=place):%Y-%m}")
    if kind == "boolean":
        return "yes" if value else "no"
    return inputs.words.value(column, float(value)).removesuffix(inputs.words.unit(column)).strip() or plain(value)


def _kind(inputs: Inputs, column: str) -> str:
    """How a feature was derived, or the column's own type."""
    derive = inputs.manifest["features"]["derive"] if inputs.manifest else []
    kinds = {one["name"]: str(one["type"]) for one in inputs.schema["columns"]}
    return {step["name"]: str(step["kind"]) for step in derive}.get(column, kinds.get(column, "number"))


def _level(inputs: Inputs) -> float:
    found = inputs.evaluation
    if found["task"] == "regression":
        return float(found["target"]["test"]["mean"])
    if found["task"] == "multiclass":
        return float(found["share"]["test"].get(followed(inputs), 0.0))
    return float(found["rate"]["test"])


def _form(inputs: Inputs) -> Row:
    if inputs.evaluation["task"] == "regression":
        return amounts(inputs).form(error=False)
    return {"digits": 0, "scale": 100, "unit": "%"}


def _said(inputs: Inputs, value: float, fine: bool = False) -> str:
    if inputs.evaluation["task"] == "regression":
        return amounts(inputs).said(value, error=False)
    return percent(value, 1 if fine else 0)


def _predicted(inputs: Inputs) -> str:
    task = inputs.evaluation["task"]
    if task == "regression":
        return f"the predicted {inside(shorten(inputs.words.target, 24))}"
    return "the risk" if task == "binary" else f"the probability of {followed_shortly(inputs)}"


def _what(inputs: Inputs) -> str:
    task = inputs.evaluation["task"]
    if task == "regression":
        name = amounts(inputs).name
        return "prediction" + (f", {name}," if name else "")
    return "predicted risk" if task == "binary" else "predicted probability"


def _came(inputs: Inputs) -> str:
    task = inputs.evaluation["task"]
    if task == "regression":
        name = amounts(inputs).name
        return f"mean {inside(shorten(inputs.words.target, 24))}" + (f", {name}," if name else "")
    return f"share {inputs.words.positive}" if task == "binary" else f"share of {followed_shortly(inputs)}"
