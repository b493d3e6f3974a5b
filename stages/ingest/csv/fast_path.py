"""Plain comma files, which are nearly in the normal form already: copied in blocks, as fast as they can be read."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO

from stages.ingest.csv.nonrows import TAIL

BLOCK = 1 << 20
BLANK = " \t,\n"
UNUSUAL = {
    "\n": ("\n\n", ",\n", "\n,"),
    " ": ("\n ", " \n"),
    "\t": ("\n\t", "\t\n"),
    "#": ("\n#",),
    "%": ("\n%",),
}
"""For a character what it is in where a line may be blank, a comment, or have a delimiter too many."""
TAIL_BYTES = 1 << 24
"""Bytes of blank lines at the end of a file beyond which they are taken for lines like others."""
Kept = Callable[[int, list[str]], "list[str] | None"]
"""Gives the cells of the record on a line that are kept, or None where it is no row."""
Check = Callable[[int, str], None]
"""Raises SourceError for lines, of which the first has the number, that hold too long a cell."""


def copy_plain(
    text: io.TextIOWrapper, out: IO[str], line: int, columns: Sequence[str], kept: Kept, check: Check
) -> tuple[int, Iterable[str], int]:
    """Copy the lines from the number `line` on up to the first block with a quote, or to the last lines.

    Gives the number of rows, the lines that are left, and the number of the first of these.
    """
    rows, rest = 0, ""
    while block := text.read(BLOCK):
        block = rest + block
        if '"' in block:
            return rows, _left(block, text), line
        cut = _before_tail(block)
        block, rest = block[:cut], block[cut:]
        if block:
            check(line, block)
            lines, count = normalize_block(block, line, columns, kept)
            line += block.count("\n")
            rows += count
            out.write(lines)
    return rows, io.StringIO(rest, newline="\n"), line


def _before_tail(block: str) -> int:
    """Where the last lines begin that are not blank: they may be the file's last, and notes."""
    end = len(block.rstrip(BLANK)) if len(block) < TAIL_BYTES else len(block)
    for _ in range(TAIL + 1):
        end = max(0, block.rfind("\n", 0, end))
    return end + 1 if end else 0


def normalize_block(block: str, line: int, columns: Sequence[str], kept: Kept) -> tuple[str, int]:
    """Whole lines without quotes in the normal form, and how many rows they hold. `line`: the number of the first."""
    around, header = f"\n{block}", ",".join(columns)
    full = block.count("\n")
    even = block.count(",") == full * (len(columns) - 1) and f"\n{header}\n" not in around
    if even and not any(mark in block and any(pair in around for pair in pairs) for mark, pairs in UNUSUAL.items()):
        return block, full
    lines = block.split("\n")
    rows = 0
    for place, text in enumerate(lines):
        if text and text != header and text.count(",") == len(columns) - 1 and text[0] not in " \t,#%" and _ends(text):
            rows += 1
        elif text:
            cells = kept(line + place, text.split(","))
            lines[place] = "" if cells is None else ",".join(cells)
            rows += cells is not None
    return "\n".join(lines), rows


def _ends(text: str) -> bool:
    """Whether the line ends as a row does: with a value, or with empty cells after two values at least."""
    return text[-1] not in " \t," or (text[-1] == "," and "," in text.rstrip(","))


def _left(block: str, text: io.TextIOWrapper) -> Iterator[str]:
    cut = block.rfind("\n") + 1
    yield from io.StringIO(block[:cut], newline="\n")
    if last := block[cut:] + text.readline():
        yield last
    yield from text
