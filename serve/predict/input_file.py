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
from stages.ingest.csv.headers import tidy_cell
from stages.ingest.csv.table import Record

AUTO = "auto"
BLOCK_ROWS = 10_000
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
        """The number of rows."""
        return len(self.lines)

    @property
    def table_columns(self) -> dict[str, pa.Array]:
        """The columns without the lines that are no rows of the table."""
        kept = pa.array([place not in self.aside for place in range(self.size)], pa.bool_())
        return {name: column.filter(kept) for name, column in self.columns.items()} if self.aside else self.columns


class InputFile:
    """An open file: the names of its columns, its rows in blocks, and what is doubtful about how it was read."""

    def __init__(self, path: Path, columns: list[str], rows: Iterator[Record], notes: list[str]) -> None:
        self.bytes = path.stat().st_size
        self.columns = columns
        self.notes = notes
        self._rows = rows

    def read_blocks(self) -> Iterator[Block]:
        """Yield the rows in order; a blank line is none."""
        width = len(self.columns)
        while records := list(itertools.islice(self._rows, BLOCK_ROWS)):
            lines, rows, reasons = map(list, zip(*records, strict=True))
            ragged_widths = {place: n_cells for place, n_cells in enumerate(map(len, rows)) if n_cells != width}
            for place, n_cells in ragged_widths.items():
                rows[place] = [*rows[place][:width], *[""] * (width - n_cells)]
            texts = (pa.array(column, pa.string()) for column in zip(*rows, strict=True))
            aside = {place: reason for place, reason in enumerate(reasons) if reason}
            ragged_reasons = {
                place: f"has {n_cells} cells, but there are {width} columns" for place, n_cells in ragged_widths.items()
            }
            yield Block(dict(zip(self.columns, texts, strict=True)), ragged_reasons, aside, lines)


@contextmanager
def open_source(
    path: Path,
    needed: Collection[str],
    names: Sequence[str] = (),
    target: str = "",
    encoding: str = AUTO,
    delimiter: str = AUTO,
) -> Iterator[InputFile]:
    """Open the file. Raises SourceError for what is no table, DataError for a width that no names are known for.

    `names` are those of all source columns where the model's own files had no header line: a file whose first line
    names none of the `needed` columns is read by them, with or without the target. Other files name their columns.
    """
    known_names = _find_names(path, needed, names, target, encoding, delimiter)
    with reader.open_table(path, known_names, encoding=encoding, delimiter=delimiter, expected=needed) as source:
        if not source.dialect.header and not known_names:
            raise DataError(
                f"{path} has no line with the names of its columns, but the files of the model had one. "
                "Put that line before the others."
            )
        yield InputFile(path, source.columns, source.judged(), [*source.notes, *filter(None, [source.dialect.doubt])])


def _find_names(
    path: Path, needed: Collection[str], names: Sequence[str], target: str, encoding: str, delimiter: str
) -> list[str]:
    """Return the names of the columns of a file without a header line, by how many they are; none where it has one."""
    if not names:
        return []
    with reader.open_table(path, encoding=encoding, delimiter=delimiter, expected=needed) as source:
        columns, header = list(source.columns), source.dialect.header
        first = columns if header else list(map(tidy_cell, next(iter(source), (0, []))[1]))
    if set(needed) & set(first):
        return []
    candidates = [list(names), [name for name in names if name != target]]
    for candidate in candidates:
        if len(candidate) == len(columns):
            return candidate
    widths = " or ".join(str(len(one)) for one in candidates if one is candidates[0] or one != candidates[0])
    raise DataError(
        f"{path} has {len(columns)} columns and no line that names them; the model knows {widths} by order."
    )
