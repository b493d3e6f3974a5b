"""What a test asks of a finished PDF: its words with their places, the boxes they fill, its structure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pdfplumber
from pdfplumber.utils import extract_words
from pypdf import PdfReader

HEAD, FOOT = 44.0, 800.0
"""Above and below stand the running head and foot, the same on every page."""


@dataclass(frozen=True)
class Word:
    page: int
    text: str
    size: float
    left: float
    top: float
    right: float
    bottom: float


@cache
def words(path: Path) -> list[Word]:
    with pdfplumber.open(path) as pdf:
        return [
            Word(number, word["text"], word["size"], word["x0"], word["top"], word["x1"], word["bottom"])
            for number, page in enumerate(pdf.pages, 1)
            for word in extract_words(
                [letter for letter in page.chars if _level(letter)],
                x_tolerance=1.5,
                y_tolerance=1.5,
                use_text_flow=True,
                extra_attrs=["size"],
            )
        ]


def _level(thing: dict[str, Any]) -> bool:
    """Slanted text (names above the columns of a matrix) has boxes that overlap where its letters do not."""
    return not thing.get("matrix", (1, 0))[1]


def structure(path: Path) -> list[Any]:
    """All elements of the structure tree."""
    root = PdfReader(path).trailer["/Root"]["/StructTreeRoot"]
    found, waiting = [], list(root["/K"])
    while waiting:
        element = waiting.pop().get_object()
        found.append(element)
        kids = element["/K"]
        waiting += kids if isinstance(kids, list) else []
    return found
