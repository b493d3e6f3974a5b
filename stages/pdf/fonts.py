"""The embedded fonts, and which of them has a glyph: ReportLab leaves a character without one out, silently."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import font_source_sans_pro
import font_source_serif_pro
import matplotlib
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

SANS = "SourceSansPro-Regular"
BOLD = "SourceSansPro-Semibold"
SERIF = "SourceSerifPro-Semibold"
MONO = "DejaVuSansMono"
FALLBACK = "DejaVuSans"  # has most alphabets and signs that the others lack


def _register() -> None:
    """Make the fonts known to ReportLab. Static TrueType files only: it refuses OTF and half reads variable fonts."""
    shipped = Path(matplotlib.get_data_path(), "fonts", "ttf")
    folders = {
        SANS: font_source_sans_pro.font_directory,
        BOLD: font_source_sans_pro.font_directory,
        SERIF: font_source_serif_pro.font_directory,
        MONO: shipped,
        FALLBACK: shipped,
    }
    for name, folder in folders.items():
        pdfmetrics.registerFont(TTFont(name, str(Path(folder, f"{name}.ttf"))))
    pdfmetrics.registerFontFamily(SANS, normal=SANS, bold=BOLD, italic=SANS, boldItalic=BOLD)


def runs(text: str, font: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with the font that shows it: `font` or the fallback; else its code point."""
    for chosen, letters in groupby(text, lambda letter: _font_of(letter, font)):
        piece = "".join(letters)
        if chosen:
            yield chosen, piece
        else:
            yield font, "".join(f"\\u{ord(letter):04X}" for letter in piece)


def width(text: str, font: str, size: float) -> float:
    """The text's width in points, over all its runs."""
    return float(sum(pdfmetrics.stringWidth(piece, name, size) for name, piece in runs(text, font)))


def draw(pen: Any, x: float, y: float, text: str, font: str, size: float, right: bool = False) -> None:
    """Draw one line of text on the canvas from `x` on, or up to it."""
    x -= width(text, font, size) if right else 0.0
    for name, piece in runs(text, font):
        pen.setFont(name, size)
        pen.drawString(x, y, piece)
        x += pdfmetrics.stringWidth(piece, name, size)


@cache
def _font_of(letter: str, font: str) -> str:
    return next((name for name in (font, FALLBACK) if ord(letter) in pdfmetrics.getFont(name).face.charToGlyph), "")


_register()
