"""What a reader sees: the page is rendered, and every letter must leave ink that stands out from its ground.

So it is found whatever hides a letter: a frame that cuts it, a rectangle painted over it, white on white, or a font
without its glyph.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
import pypdfium2

from stages.lint_report.document import Finding, Paper, Sheet

SCALE = 2
"""Pixels for each point."""
CONTRAST = 40
"""Grey levels, of 255, between the darkest and the lightest point of a letter's box; the palest text has over 100."""
NO_INK = "\u00a0\u00ad\u200b\u2009\u202f"
"""Signs that are white by nature, besides the space."""


def check(paper: Paper) -> Iterator[Finding]:
    """Every run of letters that cannot be seen, or is cut in half."""
    rendered = pypdfium2.PdfDocument(paper.path)
    try:
        for sheet in paper.sheets:
            page = rendered[sheet.number - 1].render(scale=SCALE, grayscale=True).to_numpy()
            yield from _unseen(sheet, page.reshape(page.shape[0], page.shape[1]).astype(np.int16))
    finally:
        rendered.close()


def _unseen(sheet: Sheet, image: np.ndarray) -> Iterator[Finding]:
    letters = [letter for letter in sheet.letters if letter["text"].strip() and letter["text"] not in NO_INK]
    for hidden, run in groupby(letters, lambda letter: not _seen(letter, image)):
        if hidden:
            text = "".join(letter["text"] for letter in run)
            yield Finding(sheet.number, "text not to be seen", f"'{text[:40]}': covered, cut, white or without a glyph")


def _seen(letter: dict[str, float], image: np.ndarray) -> bool:
    top, bottom, left, right = (
        round(SCALE * value) for value in (letter["top"], letter["bottom"], letter["x0"], letter["x1"])
    )
    box = image[max(0, top) : max(bottom, top + 1), max(0, left) : max(right, left + 1)]
    return bool(box.size) and int(box.max()) - int(box.min()) >= CONTRAST
