"""Section 7: answers of the service, what to watch once it is live, and the known limits."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, table
from stages.pdf.style import FOOT, PAGE_HEIGHT, TOP, WIDTH
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.findings.served import Signal
from stages.report.pages.figures_samples import samples
from stages.report.pages.notes import explain
from stages.wording.params import Limit
from stages.wording.vocabulary import shorten

LONGEST = (300, 130, 90, 60)
"""Characters of a text that a user wrote: tried in turn until the page holds all."""


def page(sheet: Sheet, facts: ReportFacts, _plots: Plots) -> list[Flowable]:
    """The flowables of section 7."""
    for longest in LONGEST:
        parts = _parts(Sheet(sheet.number, sheet.key, sheet.name), facts, longest)
        if sum(part.wrap(WIDTH, PAGE_HEIGHT)[1] for part in parts) <= PAGE_HEIGHT - FOOT - TOP:
            break
    return parts


def _parts(sheet: Sheet, facts: ReportFacts, longest: int) -> list[Flowable]:
    found = facts.served
    assert found is not None
    parts = sheet.head(found.title, found.lead)
    if found.samples:
        parts += [*samples(sheet, facts, found), Gap(9, 44)]
    if found.watch:
        parts += [*sheet.exhibit("What to watch once it is live", _watch(found.watch)), Gap(9, 44)]
    if found.limits:
        parts += [*sheet.exhibit("Known limits", _limits(found.limits, found.more_limits, longest)), Gap(9, 44)]
    return [*parts, *explain(sheet, facts.sign, longest)]


def _watch(rows: list[Signal]) -> Flowable:
    body = [[row.signal, row.when, row.seen, row.then] for row in rows]
    heads = ["Signal", "Act when", "Seen in this test", "Then"]
    return table(heads, body, [70, 176, 116, WIDTH - 362], padding=2.6)


def _limits(limits: list[Limit], more: int, longest: int) -> Flowable:
    rows = [[shorten(text, longest) for text in (row.limit, row.means, row.action)] for row in limits]
    if more:
        rows.append([f"{more} more", "See report.limits in params.yaml", ""])
    heads = ["Limit", "What it means for you", "What is done about it"]
    return table(heads, rows, [140, 184, WIDTH - 324], padding=2.6)
