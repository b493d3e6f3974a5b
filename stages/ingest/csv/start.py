"""Where the table of a file begins: a title, notes or a date may stand above its header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from stages.ingest.csv import headers
from stages.ingest.csv.delimiters import Candidate

ABOVE = 30
"""Records that the header is looked for among."""


def find_first(top: Candidate, names: Sequence[str], like: Sequence[str], expected: Collection[str]) -> int:
    """The place of the table's first record: what stands above it says less than its header, or is shorter."""
    records = [cells for _, cells in top.records]
    known = next((at for at, cells in enumerate(records[:ABOVE]) if is_known(cells, names, like)), None)
    if known is not None or top.width < 2:
        return known or 0
    sizes = Counter(_filled(cells) for cells in records[ABOVE // 2 : 4 * ABOVE] or records)
    usual = max(sizes, key=lambda size: (sizes[size], size))
    lacking = bool(expected) and not has_expected(records[0], expected)
    if lacking or not _has_names(records[0], top.width, usual):
        header = _hidden(records, top.width, usual, expected)
        if header is not None:
            return header
    for at, cells in enumerate(records[:ABOVE]):
        wide = len(cells) >= top.width or len(trim(cells)) >= max(2, top.width - 1)
        if wide or headers.judge_cell(cells[0]) != "text":
            return at
    return 0


def _hidden(records: Sequence[list[str]], width: int, usual: int, expected: Collection[str]) -> int | None:
    """The place of a header below other lines: it has expected names, or is the first record as full as rows are."""
    full = next((at for at, cells in enumerate(records[:ABOVE]) if _filled(cells) >= usual), None)
    possible = [at for at, cells in enumerate(records[:ABOVE]) if at == full or has_expected(cells, expected)]
    possible.sort(key=lambda at: (not has_expected(records[at], expected), -min(_filled(records[at]), usual), at))
    return next((at for at in possible if _is_header(records[at:], width)), None)


def _has_names(first: Sequence[str], width: int, usual: int) -> bool:
    """Whether the first record is as full as rows are, or names all columns but one: the column of an index, say."""
    filled = [headers.tidy_cell(cell) for cell in first if cell.strip()]
    distinct = len({*filled}) == len(filled) > 1 and all(headers.judge_cell(cell) == "text" for cell in filled)
    return len(filled) >= usual or (len(first) == width and len(filled) == usual - 1 and distinct)


def has_expected(cells: Sequence[str], expected: Collection[str]) -> bool:
    """Whether one of the cells is a name that is expected."""
    return bool({*expected} & {*map(headers.tidy_cell, cells)})


def _filled(cells: Sequence[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def is_known(cells: Sequence[str], names: Sequence[str], like: Sequence[str]) -> bool:
    """Whether the cells are the names that are given, or at least half of those of another file of the table."""
    tidy = [headers.tidy_cell(cell) for cell in cells]
    return sorted(tidy) in (sorted(names), sorted(like)) or 2 * len({*tidy} & {*like}) >= max(1, len(like))


def _is_header(records: Sequence[list[str]], width: int) -> bool:
    """Whether the first record surely names the columns of the others: each filled cell once, and none is a value."""
    first, below = records[0], [cells for cells in records[1:200] if len(cells) == width]
    filled = [headers.tidy_cell(cell) for cell in first if cell.strip()]
    if len(first) > width or not below or len({*filled}) < len(filled):
        return False
    verdict = headers.judge_header([[*first, *[""] * (width - len(first))], *below])
    kinds = {headers.judge_cell(cell) for cell in filled}
    if kinds & {"number", "date"}:  # years, beside the names of others
        return "text" in kinds and "numbers follow" in verdict.doubt
    return verdict.header and not verdict.doubt


def trim(cells: list[str]) -> list[str]:
    """The cells without blank ones at the end."""
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
