"""Section 3: the task's two figures, whether its promises hold, and every measure with its interval."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, measured, panel, say, table
from stages.pdf.style import HALF
from stages.pdf.text import NO_BREAK, no_widow
from stages.report.findings.accuracy import Accuracy
from stages.report.findings.accuracy_binary import BinaryAccuracy
from stages.report.findings.accuracy_multiclass import MulticlassAccuracy
from stages.report.findings.naive_estimates import IndependentRows, RandomSplitClaim
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures_binary, figures_multiclass, figures_regression
from stages.wording.numbers import percent, shown
from stages.wording.vocabulary import shorten

Exhibit = list[Flowable]


def page(sheet: Sheet, facts: ReportFacts, plots: Plots) -> list[Flowable]:
    """The flowables of section 3."""
    found = facts.accuracy
    head = sheet.head(found.title, found.lead)
    left, right, trust = _figures(sheet, facts, plots)
    measures = _measures(sheet, found, percent(facts.decision.confidence))
    left_side, right_side = [*trust], [*measures] if trust else []
    boxes = [[Spacer(0, 9), _naive_estimate(box)] for box in found.honesty]
    for number, box in enumerate(boxes):
        (left_side if trust and number == 0 and len(boxes) > 1 else right_side).extend(box)
    below = columns(left_side or measures, right_side)
    return [*head, columns(left, right), Gap(9, 24), below, Gap(6, 14), say(found.baseline, "note")]


def _figures(sheet: Sheet, facts: ReportFacts, plots: Plots) -> tuple[Exhibit, Exhibit, Exhibit]:
    """The task's two figures side by side, and the one on whether its promises hold, if it makes any."""
    found = facts.accuracy
    if isinstance(found, BinaryAccuracy):
        return figures_binary.figures(sheet, facts, found, plots)
    if isinstance(found, MulticlassAccuracy):
        return figures_multiclass.figures(sheet, facts, found)
    return figures_regression.figures(sheet, facts, found, plots)


def _measures(sheet: Sheet, found: Accuracy, confidence: str) -> Exhibit:
    """Every measure: the candidate with its interval, the model in use and the baseline on the same rows."""
    others = {
        "In use": [row.champion.value for row in found.measures],
        "Baseline": [row.baseline.value for row in found.measures],
    }
    others = {name: values for name, values in others.items() if any(value is not None for value in values)}
    widths = [HALF - 66 - 44 * len(others), 66.0, *[44.0] * len(others)]
    rows: list[list[str | Flowable]] = [
        [
            shorten(row.label + (f"{NO_BREAK}*" if row.less else ""), 36),
            measured(row.candidate.value, row.candidate.low, row.candidate.high, row.form),
            *(shown(values[place], row.form) for values in others.values()),
        ]
        for place, row in enumerate(found.measures)
    ]
    heads = ["", "Candidate", *others]
    body = table(heads, rows, widths, right=range(1, len(heads)), padding=1.7, strong=False)
    less = "* lower is better. " if any(row.less for row in found.measures) else ""
    return sheet.exhibit(
        found.measures_title,
        body,
        note=f"{found.measures_note}{less}Small figures: {confidence} interval; see the note in section 1.",
    )


def _naive_estimate(found: RandomSplitClaim | IndependentRows) -> Flowable:
    return panel([say(found.title, "heading"), Spacer(0, 2), say(no_widow(found.text), "body")], HALF, bar=True)
