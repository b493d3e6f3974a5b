"""Section 4 of several classes: what it brings to answer only when sure."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.charts import Chart, percent_axis, write
from stages.pdf.layout import Sheet, marked, table
from stages.pdf.style import BLUE, LOOKS, WIDTH
from stages.pdf.text import bold, colored
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision_rule_multiclass import Level, MulticlassRule
from stages.report.findings.plots import AbstainPoint, Plots
from stages.report.pages import figures as shared
from stages.wording.numbers import count, percent

HEIGHT = 250.0
FEW = 0.02
"""Below this share of rows a handful of answers decides the accuracy."""


def exhibits(sheet: Sheet, found: MulticlassRule, plots: Plots) -> list[list[Flowable]]:
    """The curve and the table."""
    made = [sheet.exhibit(found.curve_title, _curve(found, plots.abstain), found.curve_about)]
    if found.levels:
        made.append(sheet.exhibit(found.levels_title, _levels(found.levels)))
    return made


def _curve(found: MulticlassRule, rows: list[AbstainPoint]) -> Chart:
    points = [(row.model, row.answered, row.accuracy) for row in rows if row.answered >= FEW]
    on, part, lines = shared.curves(points, HEIGHT)
    values = [value for _, ys in lines.values() for value in ys] or [0.0]
    low = max(0.0, min(values) - 0.06)
    part.set(xlim=(0, 1), ylim=(low, 1.01), xlabel="Share answered, the surest first")
    some = found.some
    if some:
        part.plot(some.answered, some.accuracy, "o", color=BLUE, markersize=6, markeredgecolor="white")
        text = f"{percent(some.answered)} answered, {percent(some.accuracy, 1)} right"
        write(part, some.answered - 0.015, low + 0.04 * (1.01 - low), text, BLUE, 8, bold=True, side="right")
        part.plot([some.answered] * 2, [low, some.accuracy], color=BLUE, linewidth=1.0)
    part.xaxis.set_major_formatter(percent_axis)
    part.yaxis.set_major_formatter(percent_axis)
    part.locator_params(axis="y", nbins=6)
    ends = [(ys[-1], NAMES[model], LOOKS[model][1], model == "candidate") for model, (_, ys) in lines.items()]
    shared.end_labels(part, ends, HEIGHT - 38)
    whole = found.whole
    told = f"answering all {percent(whole.accuracy, 1)}" if whole else ""
    more = f", {percent(some.answered)} of them {percent(some.accuracy, 1)}" if some else ""
    return Chart(on, f"{found.curve_title}: share right when {told}{more}.")


def _levels(rows: list[Level]) -> Flowable:
    heads = ["Confidence from", "Answered", "Right among the answers", "Wrong answers", "Left to a person"]
    body: list[list[str | Flowable]] = [
        [
            marked(colored(bold(percent(row.confidence)), BLUE), "cell") if row.told else percent(row.confidence),
            percent(row.answered, 1),
            percent(row.accuracy, 1),
            count(row.wrong),
            count(row.left),
        ]
        for row in rows
    ]
    wide = WIDTH / 5
    return table(heads, body, [wide] * 5, right=range(1, 5), padding=2.8)
