"""A finished PDF, opened for checking: its words and drawings with their places, and its objects."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pdfplumber
from pypdf import PdfReader

from stages.core.errors import PipelineError

logging.getLogger("pdfminer").setLevel(logging.ERROR)  # what it warns of is found here, with its page
SAME_WORD = 1.5
"""Points between two letters of one word at most."""


class LintError(PipelineError):
    """The file cannot be checked: it is missing or no PDF."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `page` counts from 1; 0 is the document as a whole."""

    page: int
    check: str
    what: str

    def __str__(self) -> str:
        return f"{f'page {self.page}' if self.page else 'document'}: {self.check}: {self.what}"


@dataclass(frozen=True)
class Word:
    """Letters that stand together, their box in points from the page's top left corner, and the tag they are under."""

    text: str
    size: float
    font: str
    tag: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def ink(self) -> tuple[float, float]:
        """Top and bottom of the middle of the box, where its letters are."""
        height = self.bottom - self.top
        return self.top + 0.25 * height, self.bottom - 0.22 * height


@dataclass(frozen=True)
class Sheet:
    """One page. `drawn` are its lines, rectangles and curves, `letters` all its characters, as pdfplumber has them."""

    number: int
    width: float
    height: float
    words: list[Word]
    letters: list[dict[str, Any]]
    drawn: list[dict[str, Any]]


@dataclass
class Paper:
    """The document. `names` are words of the data itself, which may be anything, even `None`."""

    path: Path
    names: frozenset[str] = field(default_factory=frozenset)

    @cached_property
    def reader(self) -> PdfReader:
        """The document's objects. Raises LintError where it is no PDF."""
        try:
            return PdfReader(self.path, strict=True)
        except FileNotFoundError:
            raise LintError(f"{self.path} is missing.") from None
        except Exception as error:  # pypdf knows many ways for a file to be broken
            raise LintError(f"{self.path} is not a whole PDF: {error}") from None

    @cached_property
    def sheets(self) -> list[Sheet]:
        """All pages."""
        self.reader.pages[0]  # the clearer error, where it cannot be read
        with pdfplumber.open(self.path) as opened:
            return [_sheet(page) for page in opened.pages]

    @cached_property
    def root(self) -> Any:
        """The catalogue."""
        return self.reader.trailer["/Root"].get_object()

    @cached_property
    def elements(self) -> list[Any]:
        """All elements of the structure tree in the order in which they are read; none where there is no tree."""
        tree = self.root.get("/StructTreeRoot")
        return list(_below(tree.get_object())) if tree is not None else []


def _below(node: Any) -> Iterator[Any]:
    waiting = [node]
    while waiting:
        kids = waiting.pop().get("/K", [])
        found = [kid.get_object() for kid in (kids if isinstance(kids, list) else [kids])]
        elements = [kid for kid in found if isinstance(kid, dict) and "/S" in kid]
        yield from elements
        waiting += reversed(elements)


def _sheet(page: Any) -> Sheet:
    level = page.filter(_is_level)
    found = level.extract_words(
        x_tolerance=SAME_WORD, y_tolerance=SAME_WORD, use_text_flow=True, extra_attrs=["size", "fontname", "tag"]
    )
    return Sheet(
        page.page_number,
        float(page.width),
        float(page.height),
        [
            Word(
                word["text"], word["size"], word["fontname"], word["tag"] or "",
                word["x0"], word["top"], word["x1"], word["bottom"],
            )
            for word in found
        ],
        page.chars,
        [*page.lines, *page.rects, *page.curves],
    )  # fmt: skip


def _is_level(thing: dict[str, Any]) -> bool:
    """Slanted text (names above the columns of a matrix) has boxes that overlap where its letters do not."""
    return not thing.get("matrix", (1, 0))[1]
