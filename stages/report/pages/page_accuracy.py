"""Page 3: the task's two figures, whether its promises hold, and every measure with its interval."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.platypus import Flowable, Spacer

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, measured, panel, say, table
from stages.pdf.style import HALF
from stages.pdf.text import NO_BREAK, no_widow
from stages.report.pages import figures_binary, figures_multiclass, figures_regression
from stages.wording.numbers import percent, shown
from stages.wording.vocabulary import shorten

Facts = dict[str, Any]
Exhibit = list[Flowable]
FIGURES: dict[str, Callable[[Sheet, Facts, Facts], tuple[Exhibit, Exhibit, Exhibit]]] = {
    "binary": figures_binary.figures,
    "multiclass": figures_multiclass.figures,
    "regression": figures_regression.figures,
}
"""Each task's two figures side by side, and the one on whether its promises hold, if it makes any."""


def page(sheet: Sheet, facts: Facts, curves: Facts) -> list[Flowable]:
    """The flowables of page 3."""
    found, task = facts["accuracy"], facts["about"]["task"]
    head = sheet.head(found["title"], found["lead"])
    left, right, trust = FIGURES[task](sheet, facts, curves)
    measures = _measures(sheet, found, percent(facts["decision"]["confidence"]))
    left_side, right_side = [*trust], [*measures] if trust else []
    boxes = [[Spacer(0, 9), _honesty(box)] for box in found["honesty"]]
    for number, box in enumerate(boxes):
        (left_side if trust and number == 0 and len(boxes) > 1 else right_side).extend(box)
    below = columns(left_side or measures, right_side)
    return [*head, columns(left, right), Gap(9, 24), below, Gap(6, 14), say(found["baseline"], "note")]


def _measures(sheet: Sheet, found: Facts, confidence: str) -> Exhibit:
    """Every measure: the candidate with its interval, the model in use and the baseline on the same rows."""
    models = [
        model for model in ("champion", "baseline") if any(row[model]["value"] is not None for row in found["measures"])
    ]
    widths = [HALF - 66 - 44 * len(models), 66.0, *[44.0] * len(models)]
    rows: list[list[str | Flowable]] = [
        [
            shorten(row["label"] + (f"{NO_BREAK}*" if row["less"] else ""), 36),
            measured(row["candidate"], row["form"]),
            *(shown(row[model]["value"], row["form"]) for model in models),
        ]
        for row in found["measures"]
    ]
    heads = ["", "Candidate", *({"champion": "In use", "baseline": "Baseline"}[model] for model in models)]
    body = table(heads, rows, widths, right=range(1, len(heads)), padding=1.7, strong=False)
    less = "* lower is better. " if any(row["less"] for row in found["measures"]) else ""
    return sheet.exhibit(
        found["measures_title"], body, note=f"{less}Small figures: {confidence} interval; see the note on page 1."
    )


def _honesty(found: Facts) -> Flowable:
    return panel([say(found["title"], "heading"), Spacer(0, 2), say(no_widow(found["text"]), "body")], HALF, bar=True)
