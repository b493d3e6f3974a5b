"""Section 5's table of the classes: how many of each are found, and what those that are not are taken for."""

from __future__ import annotations

import msgspec

from stages.report.findings.inputs import Inputs, repeats
from stages.wording.numbers import DASH, count, percent
from stages.wording.vocabulary import apart

MOST = 12


class Breakdown(msgspec.Struct, frozen=True):
    """Title, what it shows, heads and cells as they are printed."""

    title: str
    about: str
    heads: list[str]
    rows: list[list[str]]


def breakdown(inputs: Inputs) -> Breakdown | None:
    """Return the table, the class found least often first; nothing where there are no several classes."""
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
