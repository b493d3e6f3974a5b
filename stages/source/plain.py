"""Plain comma files, which are nearly in the normal form already: copied in blocks, as fast as they can be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import IO

BLOCK = 1 << 20
UNUSUAL = {
    "\n": ("\n\n", ",\n", "\n,"),
    " ": ("\n ", " \n"),
    "\t": ("\n\t", "\t\n"),
    "#": ("\n#",),
    "%": ("\n%",),
}
"""For a character what it is in where a line may be blank, a comment, or have a delimiter too many."""
Kept = Callable[[list[str]], "list[str] | None"]
"""Gives the cells of a record that are kept, or None where it is no record."""


def copied(text: io.TextIOWrapper, out: IO[str], line: int, width: int, kept: Kept) -> tuple[int, Iterable[str], int]:
    """Copy the lines from the number `line` on up to the first block with a quote.

    Gives the number of records, the lines that are left, and the number of the first of these.
    """
    rows, rest = 0, ""
    while block := text.read(BLOCK):
        block = rest + block
        cut = block.rfind("\n") + 1
        block, rest = block[:cut], block[cut:]
        if '"' in block or '"' in rest:
            return rows, _left(block, rest, text), line
        line += block.count("\n")
        lines, count = normal(block, width, kept)
        rows += count
        out.write(lines)
    if rest:
        lines, count = normal(f"{rest}\n", width, kept)
        rows += count
        out.write(lines)
    return rows, (), line


def normal(block: str, width: int, kept: Kept) -> tuple[str, int]:
    """Whole lines without quotes in the normal form, and how many records they hold."""
    around = f"\n{block}"
    if not any(mark in block and any(pair in around for pair in pairs) for mark, pairs in UNUSUAL.items()):
        return block, block.count("\n")
    lines = block.split("\n")
    rows = 0
    for place, text in enumerate(lines):
        if text and text[0] not in " \t,#%" and text[-1] not in " \t,":
            rows += 1
        elif text[-1:] == "," and text[0] not in " \t,#%" and text.count(",") == width - 1:
            rows += 1  # the last cell is empty
        elif text:
            cells = kept(text.split(","))
            lines[place] = "" if cells is None else ",".join(cells)
            rows += cells is not None
    return "\n".join(lines), rows


def _left(block: str, rest: str, text: io.TextIOWrapper) -> Iterator[str]:
    yield from io.StringIO(block, newline="\n")
    if last := rest + text.readline():
        yield last
    yield from text
