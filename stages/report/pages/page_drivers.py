"""Section 6: what the model leans on, how to read it, and how predictions move with the main inputs."""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from stages.pdf.charts import Chart, axes, bare, figure, write
from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, panel, say
from stages.pdf.style import BLUE, GUTTER, INK, MUTED, SLATE, WIDTH
from stages.pdf.text import fitting, no_widow
from stages.report.findings.drivers import Drivers
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures_dependence
from stages.wording.numbers import shown

LEFT = 280.0
"""The width of the bars; the explanation stands right of them."""
NAME = 112.0


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of section 6."""
    found = facts.drivers
    assert found is not None
    parts = sheet.head(found.title, found.lead)
    parts.append(columns(_importance(sheet, found), _how_to_read(found), widths=[LEFT, WIDTH - LEFT - GUTTER]))
    if shown_ := found.panels:
        parts += [Gap(12, 44), *sheet.exhibit(shown_.title, figures_dependence.panels(shown_), shown_.about)]
    if raw := found.adjusted:
        parts += [Gap(12, 44), *sheet.exhibit(raw.title, figures_dependence.adjusted(raw), raw.about)]
    return parts


def _importance(sheet: Sheet, found: Drivers) -> list[Flowable]:
    rows = found.importance
    more = f" The first {len(rows)} of {found.inputs}." if found.inputs > len(rows) else ""
    joined = [row.table.replace("_", " ") for row in found.tables[1:]]
    colours = f" Blue: {fitting(', '.join(joined), 150, 8.2)}." if joined else ""
    about = f"{found.importance_about} when it is shuffled; line: least to most.{colours}{more}"
    return sheet.exhibit(found.importance_title, _bars(found), about)


def _bars(found: Drivers) -> Chart:
    """One bar for each input; those of joined tables in blue, those of the main one in slate where there are both."""
    rows, form = found.importance, found.importance_form
    main = found.tables[0].table if found.tables else None
    on = figure(LEFT, 14.0 * len(rows) + 4)
    right = 16.0 + 4.0 * max(len(shown(row.value, form)) for row in rows)
    part = axes(on, NAME, 2, right, 2)
    top = max(row.high for row in rows)
    for place, row in enumerate(rows):
        color = SLATE if row.table == main else BLUE
        part.barh(-place, max(0.0, row.value), height=0.66, color=color, linewidth=0)
        part.plot([max(0.0, row.low), max(0.0, row.high)], [-place, -place], color=INK, linewidth=0.9)
        write(part, -NAME / (LEFT - NAME - right), -place, fitting(row.label, NAME - 6, 8), outside=True)
        write(part, max(0.0, row.high) + top * 0.03, -place, shown(row.value, form), MUTED)
    part.set(xlim=(0, top), ylim=(-len(rows) + 0.4, 0.5))
    bare(part)
    told = "; ".join(f"{row.label} {shown(row.value, form)}" for row in rows)
    return Chart(on, f"{found.importance_about} when an input is shuffled: {told}.")


def _how_to_read(found: Drivers) -> Flowable:
    parts: list[Flowable] = [say("How to read this page", "heading")]
    for text in found.how_to_read:
        parts += [Spacer(0, 3), say(no_widow(text), "body")]
    return panel(parts, WIDTH - LEFT - GUTTER, bar=True)
