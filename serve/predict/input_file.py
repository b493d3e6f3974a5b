"""A file to be scored, read in blocks of text as ingest and clean would read it, each row in its place."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from stages.core.errors import DataError
from stages.ingest.csv import reader
from stages.ingest.csv.headers import tidy
from stages.ingest.csv.table import Record

AUTO = "auto"
BLOCK = 10_000
"""Rows in memory at a time."""


class Block(NamedTuple):
    """Some rows: each column's texts, and the lines.

    By place, what is wrong with rows of another length, and why lines of the file are no rows of the table.
    """

    columns: dict[str, pa.Array]
    ragged: dict[int, str]
    aside: dict[int, str]
    lines: list[int]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.lines)

    @property
    def of_rows(self) -> dict[str, pa.Array]:
        """The columns without the lines that are no rows."""
        kept = pa.array([place not in self.aside for place in range(self.size)], pa.bool_())
        return {name: column.filter(kept) for name, column in self.columns.items()} if self.aside else self.columns


class Source:
    """An open file: the names of its columns, its rows in blocks, and what is doubtful about how it was read."""

    def __init__(self, path: Path, columns: list[str], rows: Iterator[Record], notes: list[str]) -> None:
        self.bytes = path.stat().st_size
        self.columns = columns
        self.notes = notes
        self._rows = rows

    def blocks(self) -> Iterator[Block]:
        """The rows in order; a blank line is none."""
        width = len(self.columns)
        while read := list(itertools.islice(self._rows, BLOCK)):
            lines, rows, reasons = map(list, zip(*read, strict=True))
            ragged = {place: found for place, found in enumerate(map(len, rows)) if found != width}
            for place, found in ragged.items():
                rows[place] = [*rows[place][:width], *[""] * (width - found)]
            texts = (pa.array(column, pa.string()) for column in zip(*rows, strict=True))
            aside = {place: reason for place, reason in enumerate(reasons) if reason}
            said = {place: f"has {found} cells, but there are {width} columns" for place, found in ragged.items()}
            yield Block(dict(zip(self.columns, texts, strict=True)), said, aside, lines)


@contextmanager
def opened(
    path: Path,
    needed: Collection[str],
    names: Sequence[str] = (),
    target: str = "",
    encoding: str = AUTO,
    delimiter: str = AUTO,
) -> Iterator[Source]:
    """The file, opened. Raises SourceError for what is no table, DataError for a width that no names are known for.

    `names` are those of all source columns where the model's own files had no header line: a file whose first line
    names none of the `needed` columns is read by them, with or without the target. Other files name their columns.
    """
    given = _names_for(path, needed, names, target, encoding, delimiter)
    with reader.opened(path, given, encoding=encoding, delimiter=delimiter, expected=needed) as found:
        if not found.dialect.header and not given:
            raise DataError(
                f"{path} has no line with the names of its columns, but the files of the model had one. "
                "Put that line before the others."
            )
        yield Source(path, found.columns, found.judged(), [*found.notes, *filter(None, [found.dialect.doubt])])


def _names_for(
    path: Path, needed: Collection[str], names: Sequence[str], target: str, encoding: str, delimiter: str
) -> list[str]:
    """The names of the file's columns where it has no header line, by how many they are; none where it has one."""
    if not names:
        return []
    with reader.opened(path, encoding=encoding, delimiter=delimiter, expected=needed) as found:
        columns, header = list(found.columns), found.dialect.header
        first = columns if header else list(map(tidy, next(iter(found), (0, []))[1]))
    if set(needed) & set(first):
        return []
    known = [list(names), [name for name in names if name != target]]
    for called_so in known:
        if len(called_so) == len(columns):
            return called_so
    widths = " or ".join(str(len(one)) for one in known if one is known[0] or one != known[0])
    raise DataError(
        f"{path} has {len(columns)} columns and no line that names them; the model knows {widths} by order."
    )
