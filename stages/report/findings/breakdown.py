"""Page 5's table of parts that every task has: classes, sizes of the prediction, levels of risk."""

from __future__ import annotations

import msgspec

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, repeats
from stages.wording.numbers import DASH, Form, count, percent, shown, shown_span
from stages.wording.vocabulary import apart, sentence

MOST = 12


class Breakdown(msgspec.Struct, frozen=True):
    """Title, what it shows, heads and cells as they are printed."""

    title: str
    about: str
    heads: list[str]
    rows: list[list[str]]


def breakdown(inputs: Inputs) -> Breakdown | None:
    """Return the table: the worst class first, others in their order; nothing of a single class."""
    return {"binary": _risks, "multiclass": _classes, "regression": _sizes}[inputs.evaluation.task](inputs)


def _classes(inputs: Inputs) -> Breakdown | None:
    """How many of each class are found, and what those that are not are taken for."""
    short = apart(inputs.schema.target.classes, 24)
    known = [(row.recall, -row.rows, row.name, row) for row in inputs.plots.classes if row.recall is not None]
    if len(known) < 2:
        return None
    rows = []
    for recall, _, name, row in sorted(known, key=lambda one: one[:3])[:MOST]:
        others = [cell for cell in inputs.plots.confusion if cell.actual == name != cell.predicted]
        most = max(others, key=lambda cell: cell.rows, default=None)
        wrong = f"{short[most.predicted]} ({percent(most.share)})" if most and most.rows else DASH
        often = count(row.rows / repeats(inputs))
        rows.append([short[name], often, percent(recall, 1), percent(row.precision, 1), wrong])
    return Breakdown(
        title=f"Class by class: {rows[0][0]} is found least often",
        about="Found: share of the class's rows; right: share of the answers that name it. "
        + (f"The {count(MOST)} found least often." if len(known) > MOST else ""),
        heads=["Class", "Rows", "Found", "Right when named", "Most often taken for"],
        rows=rows,
    )


def _sizes(inputs: Inputs) -> Breakdown:
    """Errors by the size of the prediction."""
    form, value = amounts(inputs).form(), amounts(inputs).form(error=False)
    rows = [
        [
            shown(row.predicted, value),
            shown(row.actual, value),
            count(row.rows / repeats(inputs)),
            shown(row.mae, form),
            shown_span(row.p10, row.p90, form),
        ]
        for row in inputs.plots.errors
    ]
    name = f", {amounts(inputs).name}" if amounts(inputs).name else ""
    return Breakdown(
        title="Errors by the size of the prediction",
        about=f"Tenths of the {inputs.words.many} by rising prediction{name}; errors are predicted less actual.",
        heads=["Mean predicted", "Mean actual", "Rows", "Mean error", "Middle 80% of errors"],
        rows=rows,
    )


def _risks(inputs: Inputs) -> Breakdown:
    """Promised and observed shares by level of risk."""
    rows = [
        [
            percent(row.predicted, 1),
            percent(row.observed, 1),
            shown_span(row.low, row.high, Form(1, 100, "%")),
            count(row.rows / repeats(inputs)),
        ]
        for row in inputs.plots.calibration
    ]
    words = inputs.words
    return Breakdown(
        title=f"Level by level of {words.speech.risk}",
        about=f"Tenths of the {words.many} by rising {words.speech.risk}; what happened with its interval.",
        heads=[f"Mean {words.speech.risk}", sentence(f"share {words.positive}"), "Interval", sentence(words.many)],
        rows=rows,
    )
