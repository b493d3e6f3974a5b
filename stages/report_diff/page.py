"""What changed between two reports as a page in the report's own style: before and now side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer, TableStyle

from stages.pdf.canvas import TaggedCanvas
from stages.pdf.flowables import Anchor, Heading
from stages.pdf.fonts import BOLD, SANS, draw
from stages.pdf.layout import say, table
from stages.pdf.style import FOOT, MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, STYLES, TOP, WIDTH
from stages.pdf.text import no_widow, safe
from stages.report_diff.changes import SECTIONS, Change
from stages.wording.vocabulary import shorten

WIDTHS = [118.0, 128.0, 128.0, WIDTH - 374.0]
LONGEST = 240
"""Letters of a cell at most; a text that is longer stands whole in the text form."""


def write(path: Path, changes: list[Change], said: str, names: tuple[str, str], about: dict[str, Any]) -> None:
    """Set the page, or pages. `names` are the two revisions, `about` that part of the report of now."""
    described = {"language": about["language"], "title": f"{about['title']}: what changed", "author": about["author"]}
    document = BaseDocTemplate(
        str(path), pagesize=(PAGE_WIDTH, PAGE_HEIGHT), title=described["title"], author=about["author"],
        lang=about["language"], displayDocTitle=1, initialFontName=SANS, invariant=1,
    )  # fmt: skip
    height = PAGE_HEIGHT - FOOT - TOP
    frame = Frame(MARGIN, FOOT, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate("page", [frame], onPage=partial(_furniture, about["title"], names))])
    document.build(
        _story(changes, said, names), canvasmaker=partial(TaggedCanvas, about={**described, "subject": said})
    )


def _story(changes: list[Change], said: str, names: tuple[str, str]) -> list[Flowable]:
    story: list[Flowable] = [
        Anchor("changes", "What changed"),
        say("WHAT CHANGED IN THE REPORT", "eyebrow"),
        Spacer(0, 3),
        Heading(safe(said), STYLES["title"]),
        Spacer(0, 6),
        say(
            no_widow(
                f"From {names[0]} to {names[1]}. Where both models predicted the same rows, the interval of the paired "
                "difference says whether a change is clear: it does not hold 0. Else a change is clear where the two "
                "intervals are apart, and open where they meet."
            ),
            "lead",
        ),
    ]
    for section in SECTIONS:
        rows = [
            [shorten(text, LONGEST) for text in (change.what, change.before, change.now, change.reading)]
            for change in changes
            if change.section == section
        ]
        if rows:
            body = table(["What", shorten(names[0], 26), shorten(names[1], 26), "Reading"], rows, WIDTHS)
            body.repeatRows = 1
            body.setStyle(TableStyle([("VALIGN", (0, 1), (-1, -1), "TOP")]))
            story += [Spacer(0, 9), Anchor(section, section, 1), say(section, "heading"), Spacer(0, 3), body]
    return story


def _furniture(title: str, names: tuple[str, str], pen: Any, _document: Any) -> None:
    with pen.tags.artifact():
        pen.setFillColor(HexColor(MUTED))
        draw(pen, MARGIN, PAGE_HEIGHT - 34, shorten(title, 56), SANS, 7.4)
        draw(pen, MARGIN, 27, shorten(f"{names[0]} to {names[1]}", 90), SANS, 7.4)
        draw(pen, PAGE_WIDTH - MARGIN, 27, str(pen.getPageNumber()), BOLD, 7.8, right=True)
