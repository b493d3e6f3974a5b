"""The pages in their order, with running heads, bookmarks and metadata, as one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageBreak, PageTemplate

from stages.pdf.canvas import TaggedCanvas
from stages.pdf.flowables import Gap
from stages.pdf.fonts import BOLD, SANS, draw
from stages.pdf.layout import Sheet, fitted, measure, spread
from stages.pdf.style import BLUE, FOOT, MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, RULE, TOP, WIDTH
from stages.report.findings.plots import Plots
from stages.report.findings.report import ReportFacts
from stages.report.pages import (
    page_accuracy,
    page_data,
    page_decision,
    page_drivers,
    page_fails,
    page_rule,
    page_served,
    page_sign,
)
from stages.wording.vocabulary import shorten

SECTIONS: dict[str, Callable[[Sheet, ReportFacts, Plots], list[Flowable]]] = {
    "decision": page_decision.page,
    "data": page_data.page,
    "accuracy": page_accuracy.page,
    "rule": page_rule.page,
    "fails": page_fails.page,
    "drivers": page_drivers.page,
    "served": page_served.page,
    "sign": page_sign.page,
}
"""Each section of the outline in `report.json` by its key."""
FIRST_TOP = 40.0
FILL = 0.93
"""Gaps widen until a page is filled this far down, not further."""
BETWEEN = (26.0, 44.0)
"""The gap between two sections on one page, in points."""


def write(path: Path, facts: ReportFacts, plots: Plots) -> None:
    """Set the report and write it to `path`: the same facts and plots make the same bytes."""
    about = facts.about
    described = {"language": about.language, "title": about.title, "author": about.author}
    document = BaseDocTemplate(
        str(path),
        pagesize=(PAGE_WIDTH, PAGE_HEIGHT),
        title=about.title,
        author=about.author,
        subject=facts.decision.title,
        lang=about.language,
        displayDocTitle=1,
        initialFontName=SANS,
        pageCompression=1,
        invariant=1,
    )
    pages = list(_pages(facts, plots))
    furniture = partial(_furniture, facts, len(pages))
    document.addPageTemplates(
        [
            PageTemplate("first", [_frame(FIRST_TOP)], onPage=furniture, autoNextPageTemplate="rest"),
            PageTemplate("rest", [_frame(TOP)], onPage=furniture),
        ]
    )
    document.build(
        _story(pages),
        canvasmaker=partial(TaggedCanvas, about={**described, "subject": facts.decision.title}),
    )


def _pages(facts: ReportFacts, plots: Plots) -> Iterator[list[Flowable]]:
    """Yield what stands on each page: a section, or several that fit one page together. Page 1 is the decision's."""
    page: list[Flowable] = []
    for entry in facts.outline:
        section = SECTIONS[entry.key](Sheet(entry.number, entry.key, entry.name), facts, plots)
        together = [*page, Gap(*BETWEEN), *section]
        if entry.number > 2 and measure(together, WIDTH) <= FILL * PAGE_HEIGHT - TOP:
            page = together
            continue
        if page:
            yield page
        page = section
    yield page


def _story(pages: list[list[Flowable]]) -> list[Flowable]:
    story: list[Flowable] = []
    for number, parts in enumerate(pages):
        top = TOP if number else FIRST_TOP
        spread(parts, WIDTH, FILL * PAGE_HEIGHT - top)
        whole = fitted(parts, WIDTH, PAGE_HEIGHT - FOOT - top)
        story += [PageBreak(), *whole] if story else whole
    return story


def _frame(top: float) -> Frame:
    height = PAGE_HEIGHT - FOOT - top
    return Frame(MARGIN, FOOT, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)


def _furniture(facts: ReportFacts, pages: int, pen: Any, _document: Any) -> None:
    """Running head and foot: what this is, its verdict, its data, and the page."""
    number = pen.getPageNumber()
    with pen.tags.artifact():
        if number == 1:
            pen.setFillColor(HexColor(BLUE))
            pen.rect(0, PAGE_HEIGHT - 7, PAGE_WIDTH, 7, stroke=0, fill=1)
            pen.setFillColor(HexColor(MUTED))
        else:
            pen.setFillColor(HexColor(MUTED))
            draw(pen, MARGIN, PAGE_HEIGHT - 34, shorten(facts.about.title, 56), SANS, 7.4)
            verdict = shorten(facts.decision.title, 80)
            draw(pen, PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 34, verdict, SANS, 7.4, right=True)
            pen.setStrokeColor(HexColor(RULE))
            pen.setLineWidth(0.6)
            pen.line(MARGIN, PAGE_HEIGHT - 40, PAGE_WIDTH - MARGIN, PAGE_HEIGHT - 40)
        draw(pen, MARGIN, 27, _foot(facts), SANS, 7.4)
        draw(pen, PAGE_WIDTH - MARGIN, 27, f"{number} / {pages}", BOLD, 7.8, right=True)


def _foot(facts: ReportFacts) -> str:
    about, tables = facts.about, facts.sign.tables
    data = tables[0].sha256[:12] if tables else ""
    named = f"Model {about.model}" if about.model else "Candidate, not saved"
    status = about.status.lower()
    if facts.decision.options:
        status = f"draft until signed in section {facts.outline[-1].number}"
    return "  ·  ".join([named, f"data {data}", status])
