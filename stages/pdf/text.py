"""Text that came from data, made safe to set: escaped, every glyph there, never too long, no one-word last line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from stages.pdf.fonts import BOLD, SANS, runs, width
from stages.wording.vocabulary import abbreviate_all

NO_BREAK = "\N{NO-BREAK SPACE}"


def safe(text: str, font: str = SANS) -> str:
    """The plain text as ReportLab markup: `<b>&` stays `<b>&`, and a glyph the font lacks comes from another one."""
    pieces = []
    for name, piece in runs(printable(text), font):
        marked = escape(piece)
        pieces.append(marked if name == font else f'<font face="{name}">{marked}</font>')
    return "".join(pieces)


def bold(text: str) -> str:
    """Markup of the plain text in semibold."""
    return f'<font face="{BOLD}">{safe(text, BOLD)}</font>'


def colored(markup: str, color: str) -> str:
    """The markup in a colour."""
    return f'<font color="{color}">{markup}</font>'


def link(text: str, target: str, color: str) -> str:
    """Markup of a link to a place in the document."""
    return f'<a href="#{target}" color="{color}">{safe(text)}</a>'


def fitting(text: str, room: float, size: float, font: str = SANS) -> str:
    """The text on one line of `room` points: cut, an ellipsis at its end, where it is wider."""
    text = printable(text)
    if width(text, font, size) <= room:
        return text
    while text and width(f"{text}…", font, size) > room:
        text = text[:-1].rstrip()
    return f"{text}…"


def names_fitting(names: Sequence[str], room: float, size: float) -> list[str]:
    """Names that each fit on a line of `room` points, abbreviated and cut so that they are told apart."""
    printed = [printable(name) for name in names]
    found = abbreviate_all(printed, lambda text: width(text, SANS, size) <= room)
    return [found[name] for name in printed]


def no_widow(text: str, words: int = 3) -> str:
    """The text with its last words held together, so that no line holds one word alone."""
    parts = text.rsplit(" ", words - 1)
    return NO_BREAK.join(parts) if len(parts) == words and sum(map(len, parts[1:])) < 30 else text


def printable(text: str) -> str:
    """Control characters and line breaks become spaces: XML refuses the first, a cell wants no second."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text)
