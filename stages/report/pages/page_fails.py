"""Section 5: groups and weeks in which the candidate does worse than on the whole."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.flowables import Gap
from stages.pdf.fonts import BOLD, width
from stages.pdf.layout import Sheet, columns, table
from stages.pdf.style import WIDTH
from stages.report.findings.breakdown import Breakdown
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import figures_weeks
from stages.report.pages.figures_groups import groups
from stages.wording.numbers import MINUS


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of section 5."""
    found = facts.fails
    assert found is not None
    parts = sheet.head(found.title, found.lead)
    if found.groups:
        parts += sheet.exhibit(found.groups_title, groups(found), found.groups_about, found.groups_note)
    if weeks := found.weekly:
        least, most = figures_weeks.HEIGHT
        height = max(least, most - 4.5 * len(found.groups))
        parts += [
            Gap(10, 24),
            columns(
                sheet.exhibit(weeks.score_title, figures_weeks.score(weeks, height), weeks.score_about),
                sheet.exhibit(weeks.level_title, figures_weeks.level(weeks, height), weeks.level_about),
            ),
        ]
    if persons := found.affected:
        parts += [Gap(12, 24), *sheet.exhibit(persons.title, _table(persons), persons.about)]
    if detail := found.in_detail:
        parts += [Gap(14, 30), *sheet.exhibit(detail.title, _table(detail), detail.about)]
    return parts


def _table(found: Breakdown) -> Flowable:
    """Cells as they are, numbers at the right, each column as wide as its longest cell asks."""
    heads, rows = found.heads, found.rows
    asked = [
        max(width(text, BOLD, 8.3) for text in [head, *cells]) + 12 for head, *cells in zip(heads, *rows, strict=True)
    ]
    widths = [WIDTH * one / sum(asked) for one in asked]
    number = all(row[0][:1].isdigit() or row[0][:1] == MINUS for row in rows)
    return table(heads, rows, widths, range(0 if number else 1, len(heads)), 2.6)
