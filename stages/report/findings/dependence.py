"""How predictions move with single inputs, in the words and units of the data."""

from __future__ import annotations

import datetime
from itertools import groupby

import msgspec

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs
from stages.report.findings.target_summary import followed_shortly, level, level_form, write_level
from stages.wording.numbers import MONTHS, Form, count, month, plain
from stages.wording.vocabulary import apart, inside, shorten

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CATEGORIES = 12
FINE = 0.05
"""Shares that differ by less are told to a tenth of a point."""


class Point(msgspec.Struct, frozen=True):
    """The mean prediction at a value, which people write as `text`, and the share of rows up to it."""

    value: float
    share: float
    predicted: float
    text: str


class Panel(msgspec.Struct, frozen=True):
    """The curve of one input, and its kind: how it was derived, or its own type."""

    column: str
    label: str
    unit: str
    kind: str
    points: list[Point]


class Panels(msgspec.Struct, frozen=True):
    """The curves of the most important numbers, on one scale, and what came on average."""

    title: str
    about: str
    form: Form
    level: float
    columns: list[Panel]


class AdjustedValue(msgspec.Struct, frozen=True):
    """What came with a value, and what is predicted were all rows like that."""

    rows: float
    observed: float
    predicted: float
    value: str


class Adjusted(msgspec.Struct, frozen=True):
    """The most important category, value by value."""

    label: str
    title: str
    about: str
    form: Form
    rows: list[AdjustedValue]


def panels(inputs: Inputs) -> Panels | None:
    """The curves of the most important numbers; nothing where there are none."""
    columns = [
        Panel(
            column=column,
            label=inputs.words.label(column),
            unit=inputs.words.unit(column),
            kind=_kind(inputs, column),
            points=[Point(row.value, row.share, row.predicted, text(inputs, column, row.value)) for row in rows],
        )
        for column, rows in groupby(inputs.plots.dependence, key=lambda row: row.column)
    ]
    if not columns:
        return None
    mean = level(inputs, "test")
    return Panels(
        title=f"How {_predicted(inputs)} moves with the main inputs",
        about=f"Mean {_what(inputs)} when only that input changes. Ticks: tenths of the {inputs.words.many}. "
        f"Dashed: what came on average, {write_level(inputs, mean)}.",
        form=level_form(inputs),
        level=mean,
        columns=columns,
    )


def adjusted(inputs: Inputs) -> Adjusted | None:
    """The most important category; nothing where there is none."""
    rows = inputs.plots.adjusted
    if not rows:
        return None
    label = inputs.words.label(rows[0].column)
    shown = apart([row.value for row in rows])
    ordered = sorted(rows, key=lambda row: (-row.predicted, row.value))
    most, least = ordered[0], ordered[-1]
    digits = 1 if most.predicted - least.predicted < FINE else 0
    high, low = (write_level(inputs, row.predicted, digits) for row in (most, least))
    title = f"{shorten(label, 28)} makes no difference once all else is equal"
    if high != low:
        title = (
            f"{shorten(label, 28)}, once all else is equal: {high} for {shown[most.value]}, {low} for "
            f"{shown[least.value]}"
        )
    return Adjusted(
        label=label,
        title=title,
        about=f"Hollow: {_came(inputs)} as observed. Filled: predicted if all {inputs.words.many} had that "
        f"{inside(shorten(label, 28))}."
        + (f" The {count(len(rows))} most frequent." if len(rows) == CATEGORIES else ""),
        form=level_form(inputs),
        rows=[AdjustedValue(row.rows, row.observed, row.predicted, shown[row.value]) for row in ordered[:CATEGORIES]],
    )


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
    derive = inputs.manifest.features.derive if inputs.manifest else []
    return {step.name: step.kind for step in derive}.get(column) or inputs.schema.types.get(column, "number")


def _predicted(inputs: Inputs) -> str:
    task = inputs.evaluation.task
    if task == "regression":
        return f"the predicted {inside(shorten(inputs.words.target, 24))}"
    return f"the {inputs.words.speech.risk}" if task == "binary" else f"the probability of {followed_shortly(inputs)}"


def _what(inputs: Inputs) -> str:
    task = inputs.evaluation.task
    if task == "regression":
        name = amounts(inputs).name
        return "prediction" + (f", {name}," if name else "")
    return f"predicted {inputs.words.speech.risk}" if task == "binary" else "predicted probability"


def _came(inputs: Inputs) -> str:
    task = inputs.evaluation.task
    if task == "regression":
        name = amounts(inputs).name
        return f"mean {inside(shorten(inputs.words.target, 24))}" + (f", {name}," if name else "")
    return f"share {inputs.words.positive}" if task == "binary" else f"share of {followed_shortly(inputs)}"
