"""A signed report with the decision on it: a line above each page's text and a page of its own at the end.

What was signed is not drawn again: its pages keep their bytes, and the file itself is attached to the copy, so that
whoever has the copy can compare. The same report and record make the same bytes.
"""

from __future__ import annotations

import io
import textwrap
from functools import partial
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
)
from reportlab.lib.colors import HexColor
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer, TableStyle

from stages.approve.decision import RECORD, Decision
from stages.pdf.canvas import TaggedCanvas
from stages.pdf.flowables import Heading
from stages.pdf.fonts import BOLD, SANS, draw
from stages.pdf.layout import say, table
from stages.pdf.style import FOOT, MARGIN, MUTED, PAGE_HEIGHT, PAGE_WIDTH, STYLES, TEAL, TOP, WIDTH
from stages.pdf.text import fitting
from stages.wording.numbers import MONTHS
from stages.wording.vocabulary import shorten

WORDS = {"approve": "Approved", "conditions": "Approved with conditions"}
BASE = PAGE_HEIGHT - 21.5
"""The stamp's line: above the running head, below the bar of page 1."""
SIZE = 7.4
PIECE = 900
"""Letters of a row of the record at most: a longer text goes on in the next row, so that it can go on over a page."""
SIGNED = "signed_report.pdf"


def stamp(report: bytes, decision: Decision) -> bytes:
    """The copy of `report` that says what was decided about it."""
    reader = PdfReader(io.BytesIO(report))
    trailer: Any = reader.trailer
    writer = PdfWriter(clone_from=reader)
    language, title = str(trailer["/Root"]["/Lang"]), str(reader.metadata.title if reader.metadata else "")
    count = len(writer.pages)
    record = PdfReader(io.BytesIO(_record(decision, language, title, count)))
    _append(writer, record)
    line = writer._add_object(_line(writer, decision, count + 1))
    for page in writer.pages:
        _mark(writer, page, line)
    writer.add_outline_item(title="Decision", page_number=count)
    writer.add_attachment(RECORD.name, decision.text().encode())
    writer.add_attachment(SIGNED, report)
    made = io.BytesIO()
    writer._ID = ArrayObject([trailer["/ID"][0]] * 2) if "/ID" in trailer else None
    writer.write(made)
    return made.getvalue()


def describe_outcome(decision: Decision) -> str:
    """What was decided, and when."""
    return f"{WORDS[decision.decision]} on {format_day(decision.when)} as {decision.version}"


def describe_line(decision: Decision) -> str:
    """The decision as one line; the name comes last, as it alone may be too long."""
    return f"{describe_outcome(decision)} by {shorten(decision.by, 48)}"


def format_day(when: str) -> str:
    """`2013-11-05T…` as `5 November 2013`, without a locale."""
    year, month, number = when[:10].split("-")
    return f"{int(number)} {MONTHS[int(month) - 1]} {year}"


def _line(writer: PdfWriter, decision: Decision, last: int) -> Any:
    """The stamp as a drawing that every page shows."""
    made = io.BytesIO()
    pen = Canvas(made, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, initialFontName=SANS)
    pen.setFillColor(HexColor(TEAL))
    right = f"Decision: page {last}  ·  reviewed at commit {decision.commit[:12]}"
    draw(pen, PAGE_WIDTH - MARGIN, BASE, right, SANS, SIZE, right=True)
    draw(pen, MARGIN, BASE, fitting(describe_line(decision), WIDTH - 200, SIZE, BOLD), BOLD, SIZE)
    pen.save()
    page = PdfReader(made).pages[0]
    form = DecodedStreamObject()
    content = page.get_contents()
    form.set_data(content.get_data() if content is not None else b"")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(page.mediabox),
            NameObject("/Resources"): page["/Resources"].clone(writer),
        }
    )
    return form


def _mark(writer: PdfWriter, page: Any, line: IndirectObject) -> None:
    """Show the line on the page, as decoration, after all that is there: those bytes stay as they are."""
    resources = DictionaryObject(page["/Resources"].get_object())
    resources[NameObject("/XObject")] = DictionaryObject(
        {**resources.get("/XObject", DictionaryObject()).get_object(), NameObject("/Stamp"): line}
    )
    page[NameObject("/Resources")] = resources
    before, after = DecodedStreamObject(), DecodedStreamObject()
    before.set_data(b"q\n")
    after.set_data(b"\nQ /Artifact BMC q /Stamp Do Q EMC\n")
    held = page.raw_get("/Contents")
    inside = list(held.get_object()) if isinstance(held.get_object(), ArrayObject) else [held]
    page[NameObject("/Contents")] = ArrayObject([writer._add_object(before), *inside, writer._add_object(after)])


def _append(writer: PdfWriter, record: PdfReader) -> None:
    """Add the record's pages, and their part of the structure tree, to the document."""
    root: Any = writer.root_object
    tree = root["/StructTreeRoot"]
    document = tree["/K"][0]
    numbers = tree["/ParentTree"]["/Nums"]
    key = int(tree.get("/ParentTreeNextKey", len(writer.pages)))
    source: Any = record.trailer["/Root"]["/StructTreeRoot"]  # type: ignore[index]
    placed: dict[int, Any] = {}
    for page in record.pages:
        added = writer.add_page(page)
        placed[_number(page.indirect_reference)] = added.indirect_reference
    elements: dict[int, IndirectObject] = {}
    for kid in source["/K"][0]["/K"]:
        document["/K"].append(_copied(writer, kid, document.indirect_reference, placed, elements))
    listed = source["/ParentTree"]["/Nums"]
    for number, page in enumerate(record.pages):
        placed[_number(page.indirect_reference)].get_object()[NameObject("/StructParents")] = NumberObject(key)
        marks = ArrayObject(elements[_number(reference)] for reference in listed[2 * number + 1])
        numbers.extend([NumberObject(key), marks])
        key += 1
    tree[NameObject("/ParentTreeNextKey")] = NumberObject(key)


def _copied(
    writer: PdfWriter, kid: Any, parent: Any, pages: dict[int, Any], elements: dict[int, IndirectObject]
) -> IndirectObject:
    """An element and all below it, as part of the document."""
    old = kid.get_object()
    new = DictionaryObject({NameObject(key): value for key, value in old.items() if key in ("/Type", "/S", "/A")})
    for key in ("/ActualText", "/Alt"):
        if key in old:
            new[NameObject(key)] = old[key]
    new[NameObject("/P")] = parent
    reference = elements[_number(kid)] = writer._add_object(new)
    if "/Pg" in old:
        new[NameObject("/Pg")] = pages[_number(old.raw_get("/Pg"))]
        new[NameObject("/K")] = old["/K"]
    else:
        below = [_copied(writer, part, reference, pages, elements) for part in old["/K"]]
        new[NameObject("/K")] = ArrayObject(below)
    return reference


def _number(reference: Any) -> int:
    return int(reference.idnum)


def _record(decision: Decision, language: str, title: str, signed: int) -> bytes:
    """The page that tells the whole decision; more than one where its text is long."""
    made = io.BytesIO()
    document = BaseDocTemplate(
        made, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), title=title, lang=language, initialFontName=SANS, invariant=1
    )
    height = PAGE_HEIGHT - FOOT - TOP
    frame = Frame(MARGIN, FOOT, WIDTH, height, leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0)
    document.addPageTemplates([PageTemplate("record", [frame], onPage=partial(_furniture, title, decision))])
    about = {"language": language, "title": title, "subject": "", "author": ""}
    document.build(_story(decision, signed), canvasmaker=partial(TaggedCanvas, about=about))
    return made.getvalue()


def _story(decision: Decision, signed: int) -> list[Flowable]:
    text = decision.conditions or decision.note
    name = "Conditions" if decision.conditions else "Note"
    rows = [
        ["Decision", WORDS[decision.decision]],
        ["By", decision.by],
        ["When", f"{format_day(decision.when)}, {decision.when[11:16]} UTC"],
        ["Version", str(decision.version)],
        ["Model", decision.model],
        ["Reviewed at commit", decision.commit],
        ["Signed report, SHA-256", decision.report_sha256],
        *([name if not number else "", piece] for number, piece in enumerate(_pieces(text))),
    ]
    body = table(["What", "Recorded"], rows, [130, WIDTH - 130])
    body.setStyle(TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP")]))
    told = (
        f"The {signed} pages before this one are the report as it was signed, unchanged but for the line above them, "
        f"which names this decision. The signed file and the record are attached to this copy: {SIGNED} has the "
        f"SHA-256 below, which is the one that the record in git holds."
    )
    return [
        say("DECISION", "eyebrow"),
        Spacer(0, 3),
        Heading(describe_outcome(decision), STYLES["title"]),
        Spacer(0, 8),
        say(told, "lead"),
        Spacer(0, 12),
        body,
    ]


def _pieces(text: str) -> list[str]:
    """The text by its lines, a long one in pieces."""
    return [piece for line in text.splitlines() for piece in textwrap.wrap(line, PIECE)]


def _furniture(title: str, decision: Decision, pen: Any, _document: Any) -> None:
    with pen.tags.artifact():
        pen.setFillColor(HexColor(MUTED))
        draw(pen, MARGIN, PAGE_HEIGHT - 34, shorten(title, 56), SANS, SIZE)
        draw(pen, MARGIN, 27, f"Model {decision.model}  ·  {decision.version}", SANS, SIZE)
        draw(pen, PAGE_WIDTH - MARGIN, 27, "Decision", BOLD, SIZE, right=True)
