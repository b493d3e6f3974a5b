"""What a reader needs at hand at the end: what was assumed, and what the report's words mean."""

from __future__ import annotations

from reportlab.platypus import Flowable

from stages.pdf.flowables import Gap
from stages.pdf.layout import Sheet, columns, table
from stages.pdf.style import HALF, WIDTH
from stages.report.findings.estimate import Item
from stages.report.findings.glossary import Term
from stages.report.findings.sign_off import SignOff
from stages.wording.numbers import listed
from stages.wording.vocabulary import inside, shorten

ASSUMED = 12
"""Assumptions that are spelled out."""
LETTERS = 46
"""Letters of a meaning that stand on one line, about."""


def explain(sheet: Sheet, found: SignOff, longest: int) -> list[Flowable]:
    """Return both; of an assumption at most so many characters."""
    parts: list[Flowable] = []
    if found.assumed:
        assumed = _together(found.assumed)
        rows = [[shorten(item, 60), shorten(value, longest)] for item, value in assumed[:ASSUMED]]
        if more := assumed[ASSUMED:]:
            rows.append([f"{len(more)} more", "See report.assumed in params.yaml"])
        body = table(["About", "Chosen, and confirmed by nobody yet"], rows, [96, WIDTH - 96], padding=1.8)
        parts += [*sheet.exhibit("Chosen for this table, confirmed by nobody", body), Gap(9, 30)]
    return [*parts, *sheet.exhibit("Words used", _words(found.words))]


def _together(assumed: list[Item]) -> list[tuple[str, str]]:
    """What is about the assumptions, and what they are: what is assumed of several columns alike stands once."""
    about: dict[str, list[str]] = {}
    for row in assumed:
        about.setdefault(row.value, []).append(row.item)
    return [(listed([items[0], *(inside(item) for item in items[1:])]), value) for value, items in about.items()]


def _words(rows: list[Term]) -> Flowable:
    """In two columns about as high as each other."""
    lines = [-(-len(row.meaning) // LETTERS) for row in rows]
    half = min(range(len(rows) + 1), key=lambda at: (max(sum(lines[:at]), sum(lines[at:])), -at))
    parts = [[[row.word, row.meaning] for row in some] for some in (rows[:half], rows[half:]) if some]
    return columns(
        *(table(["Word", "Meaning"], part, [70, HALF - 70], padding=1.4) for part in parts), widths=[HALF] * len(parts)
    )
