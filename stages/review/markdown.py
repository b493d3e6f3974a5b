"""A review as markdown: for a terminal all of it open, for a forge folded; and as a page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt

from stages.review.review import Fold, Review
from stages.wording.vocabulary import shorten

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2327}"
    "table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.2rem .7rem;border-bottom:1px solid #d5dbe0;"
    "text-align:left;vertical-align:top}summary{cursor:pointer;font-weight:600;margin:.4rem 0}h1{font-size:1.4rem}"
)

NOTHING = "\u200b"
"""A space without width: behind an @ it keeps a name from being called."""
LONGEST = 160
"""Letters of a cell."""


def write_markdown(found: Review, folded: bool = True) -> str:
    """Return the review as markdown, with its tables folded, or open below a heading each."""
    write = _escape if folded else _flatten
    lines = [f"# Review against {write(found.base)}", "", f"**{write(found.verdict)}**", ""]
    lines += [f"- **{line.about}**: {write(line.text)}" for line in found.lines]
    for fold in found.folds:
        title = ["<details>", f"<summary>{escape(fold.title)}</summary>"] if folded else [f"## {fold.title}"]
        lines += ["", *title, "", *_tabulate(fold, write), *(["", "</details>"] if folded else [])]
    return "\n".join(lines) + "\n"


def write_page(found: Review) -> str:
    """Return the review as an HTML page that needs nothing else."""
    body = MarkdownIt("commonmark", {"html": True}).enable("table").render(write_markdown(found))
    title = escape(f"Review against {found.base}")
    head = f'<meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width">'
    return (
        f'<!doctype html>\n<html lang="en">\n<head>{head}<style>{STYLE}</style></head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )


def _tabulate(fold: Fold, write: Callable[[str], str]) -> list[str]:
    rows = [[write(shorten(cell, LONGEST)) for cell in row] for row in (fold.head, *fold.rows)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    note = [write(fold.note), ""] if fold.note else []
    return [*note, lines[0], "|---" * len(fold.head) + "|", *lines[1:]]


def _flatten(text: str) -> str:
    """The text on one line, without letters that nobody sees: they could move a terminal's cursor, or turn its text."""
    seen = "".join(letter if unicodedata.category(letter) not in ("Cc", "Cf") else " " for letter in text)
    return " ".join(seen.split())


def _escape(text: str) -> str:
    """The text as such, whatever a column or a file is called: no markup, no link, nobody mentioned."""
    flat = re.sub(r"([\\`*_\[\]|~#$:!])", r"\\\1", _flatten(text))
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace("@", f"@{NOTHING}")
