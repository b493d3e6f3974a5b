"""Where things stand: inside the page and its margins, apart from each other, and large enough to read."""

from __future__ import annotations

from collections.abc import Iterator

from stages.lint_report.document import Finding, Paper, Sheet, Word
from stages.pdf.style import MARGIN, SMALLEST

EDGE = 12.0
"""Points at a page's top and foot that many printers leave white."""
TOUCH = 0.8
"""Points by which two words may share room before they are hard to read."""


def check(paper: Paper) -> Iterator[Finding]:
    """Every word that is out of place on its page."""
    for sheet in paper.sheets:
        if not any(word.tag != "Artifact" for word in sheet.words):
            yield Finding(sheet.number, "empty page", "nothing to read but head and foot")
        yield from _outside(sheet)
        yield from _small(sheet)
        for one, other in find_overlaps(sheet.words):
            yield Finding(sheet.number, "text over text", f"'{one.text}' and '{other.text}' at {_place(one)}")


def _outside(sheet: Sheet) -> Iterator[Finding]:
    for word in sheet.words:
        if min(word.left, word.top) < 0 or word.right > sheet.width or word.bottom > sheet.height:
            yield Finding(sheet.number, "cut by the page's edge", f"'{word.text}' at {_place(word)}")
        elif min(word.left, sheet.width - word.right) < MARGIN - 1 or min(word.top, sheet.height - word.bottom) < EDGE:
            yield Finding(sheet.number, "in the margin", f"'{word.text}' at {_place(word)}")
    for thing in sheet.drawn:
        if min(thing["x0"], thing["top"]) < -1 or thing["x1"] > sheet.width + 1 or thing["bottom"] > sheet.height + 1:
            yield Finding(sheet.number, "cut by the page's edge", f"a {thing['object_type']} at {thing['x0']:.0f}")


def _small(sheet: Sheet) -> Iterator[Finding]:
    for word in sheet.words:
        if word.size < SMALLEST - 0.01:
            yield Finding(sheet.number, "text too small", f"'{word.text}' in {word.size:.1f} pt, under {SMALLEST}")


def find_overlaps(words: list[Word]) -> Iterator[tuple[Word, Word]]:
    """Pairs of words whose ink covers each other."""
    boxes = sorted(words, key=lambda word: (word.left, word.top))
    for number, word in enumerate(boxes):
        for other in boxes[number + 1 :]:
            if other.left >= word.right:
                break
            wide = min(word.right, other.right) - other.left
            tall = min(word.ink[1], other.ink[1]) - max(word.ink[0], other.ink[0])
            if wide > TOUCH and tall > TOUCH:
                yield word, other


def _place(word: Word) -> str:
    return f"{word.left:.0f}, {word.top:.0f}"
