"""How a page is put together: head, numbered exhibits, columns, tables and panels on two left edges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from reportlab.lib.colors import HexColor
from reportlab.platypus import Flowable, KeepInFrame, Spacer, Table

from stages.pdf.flowables import Anchor, Gap, Heading, Text
from stages.pdf.fonts import SANS
from stages.pdf.style import BLUE, GUTTER, HALF, INK, MUTED, PAGE_HEIGHT, PANEL, RULE, STYLES
from stages.pdf.text import NO_BREAK, bold, colored, no_widow, safe
from stages.wording.numbers import Form, shown, shown_span

Cell: TypeAlias = str | Flowable
"""A table's cell: plain text, or something already set."""
NO_PADDING = [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
WHOLE = ("FONT", (0, 0), (-1, -1), SANS)  # even an empty cell names a font, and ReportLab's own is not embedded


class Sheet:
    """One page being written: its number, and the numbers of its exhibits."""

    def __init__(self, number: int, key: str, name: str) -> None:
        self.number, self.key, self.name = number, key, name
        self.exhibits = 0

    def anchor(self) -> Anchor:
        """The place of this page in links and bookmarks."""
        return Anchor(self.key, f"{self.number}  {self.name}")

    def head(self, title: str, lead: str) -> list[Flowable]:
        """Topic, finding and what it means."""
        topic = f"{self.number}{NO_BREAK}·{NO_BREAK}{self.name.upper()}"
        return [
            self.anchor(),
            say(topic, "eyebrow"),
            Spacer(0, 3),
            Heading(safe(title), STYLES["title"]),
            Spacer(0, 5),
            say(no_widow(lead), "lead"),
            Gap(9, 16),
        ]

    def exhibit(self, title: str, body: Flowable | list[Flowable], about: str = "", note: str = "") -> list[Flowable]:
        """A numbered exhibit: finding or question, then measure, unit and population, the body, and its note."""
        self.exhibits += 1
        number = colored(f"{self.number}.{self.exhibits}", BLUE)
        parts: list[Flowable] = [marked(f"{number}{NO_BREAK}{NO_BREAK}{safe(no_widow(title))}", "exhibit")]
        if about:
            parts.append(say(no_widow(about), "muted"))
        parts.append(Spacer(0, 4))
        parts.extend(body if isinstance(body, list) else [body])
        if note:
            parts += [Spacer(0, 3), say(no_widow(note), "note")]
        return parts


def say(text: str, style: str) -> Text:
    """Plain text as a paragraph."""
    return Text(safe(text), STYLES[style])


def marked(markup: str, style: str) -> Text:
    """Markup (its data already made safe) as a paragraph."""
    return Text(markup, STYLES[style])


def measured(value: float | None, low: float | None, high: float | None, form: Form) -> Text:
    """A number with its interval under it, small."""
    small = f'<font size="7" color="{MUTED}">{safe(shown_span(low, high, form))}</font>'
    return marked(f"{bold(shown(value, form))}<br/>{small}", "cell muted right")


def columns(*cells: Any, widths: Sequence[float] = (HALF, HALF), gutter: float = GUTTER, middle: bool = False) -> Table:
    """The cells (each a flowable or a list of them) side by side."""
    row: list[Any] = []
    measures: list[float] = []
    for cell, width in zip(cells, widths, strict=True):
        if row:
            row.append("")
            measures.append(gutter)
        row.append(cell)
        measures.append(width)
    table = Table([row], colWidths=measures, hAlign="LEFT", renderCB=_decoration)
    table.setStyle([WHOLE, ("VALIGN", (0, 0), (-1, -1), "MIDDLE" if middle else "TOP"), *NO_PADDING])
    return table


def table(
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[float],
    right: Sequence[int] = (),
    padding: float = 3.0,
    strong: bool = True,
) -> Table:
    """A table with one rule under its head and hairlines between rows; numbers in the columns `right`."""
    body = [
        [
            cell if not isinstance(cell, str) else say(cell, _cell_style(number, right, strong))
            for number, cell in enumerate(row)
        ]
        for row in rows
    ]
    titles = [say(title, "head right" if number in right else "head") for number, title in enumerate(head)]
    made = Table([titles, *body], colWidths=list(widths), hAlign="LEFT", renderCB=_data)
    made.setStyle(
        [
            WHOLE,
            ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
            ("VALIGN", (0, 1), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 5),
            ("RIGHTPADDING", (0, 0), (-1, -1), 5),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor(INK)),
            ("LINEBELOW", (0, 1), (-1, -1), 0.4, HexColor(RULE)),
        ]
    )
    return made


def panel(parts: list[Flowable], width: float, padding: float = 9.0, bar: bool = False) -> Table:
    """The parts on a tinted ground; `bar` draws a blue edge at its left."""
    made = Table([[parts]], colWidths=[width], hAlign="LEFT", renderCB=_decoration)
    style: list[Any] = [
        WHOLE,
        ("BACKGROUND", (0, 0), (-1, -1), HexColor(PANEL)),
        ("LEFTPADDING", (0, 0), (-1, -1), padding + (2 if bar else 0)),
        ("RIGHTPADDING", (0, 0), (-1, -1), padding),
        ("TOPPADDING", (0, 0), (-1, -1), padding - 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
    ]
    if bar:
        style.append(("LINEBEFORE", (0, 0), (0, -1), 2.4, HexColor(BLUE)))
    made.setStyle(style)
    return made


def measure(parts: list[Flowable], width: float) -> float:
    """Return the height of the parts under each other in points, gaps as they are now (at their least at first)."""
    return float(sum(part.wrap(width, PAGE_HEIGHT)[1] for part in parts))


def spread(parts: list[Flowable], width: float, height: float) -> None:
    """Let the gaps among the parts share the height that is left over."""
    used = measure(parts, width)
    gaps = [part for part in parts if isinstance(part, Gap)]
    room = sum(gap.most - gap.least for gap in gaps)
    share = min(1.0, max(0.0, height - used) / room) if room else 0.0
    for gap in gaps:
        gap.height = gap.least + share * (gap.most - gap.least)


def fitted(parts: list[Flowable], width: float, height: float) -> list[Flowable]:
    """The parts as they are where they fit, else made a little smaller: texts that users write know no measure."""
    return parts if measure(parts, width) <= height else [KeepInFrame(width, height, parts, mode="shrink")]


def _cell_style(column: int, right: Sequence[int], strong: bool) -> str:
    if column in right:
        return "cell right"
    return "cell strong" if strong and column == 0 else "cell"


def _decoration(made: Table, event: str, *_place: Any) -> None:
    """Backgrounds and lines of a table that only lays out are no content."""
    tags = made.canv.tags
    if event in ("startBG", "startLines"):
        made.decoration = tags.artifact()
        made.decoration.__enter__()
    elif event in ("endBG", "endLines"):
        made.decoration.__exit__(None, None, None)


def _data(made: Table, event: str, *place: Any) -> None:
    """Rows and cells of a table of data are told to who cannot see them."""
    tags = made.canv.tags
    if event == "startCell":
        tags.start("TH" if place[0] == 0 else "TD")
    elif event in ("startTable", "startRow"):
        tags.start("Table" if event == "startTable" else "TR")
    elif event in ("endCell", "endTable", "endRow"):
        tags.stop()
    else:
        _decoration(made, event)
