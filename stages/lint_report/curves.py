"""Charts: no label stands on a line that is drawn to be read, be it a curve, a dashed mark or an interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stages.lint_report.document import Finding, Paper
from stages.pdf.placing import Box

TOUCH = 0.6
"""Points by which a line may reach into the letters of a word."""
PALE = 0.75
"""Lines of a mean brightness above this are a grid, which may run behind words."""


def check(paper: Paper) -> Iterator[Finding]:
    """Every word that a line passes through."""
    for sheet in paper.sheets:
        lines = [thing["pts"] for thing in sheet.drawn if _is_read(thing)]
        for word in sheet.words:
            top, bottom = word.ink
            box = Box(word.left + TOUCH, top + TOUCH, word.right - TOUCH, bottom - TOUCH)
            if any(box.count_crossings(line) for line in lines):
                yield Finding(sheet.number, "line through text", f"'{word.text}' at {word.left:.0f}, {word.top:.0f}")


def _is_read(thing: dict[str, Any]) -> bool:
    """Whether it is a line, and dark enough to be one that says something."""
    color, drawn = thing.get("stroking_color"), thing.get("stroke") and not thing.get("fill") and thing.get("pts")
    return bool(drawn and color and sum(color) / len(color) < PALE)
