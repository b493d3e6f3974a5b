"""The records of any CSV file, read in a stream, and the one form the pipeline reads: UTF-8, LF, commas.

A record keeps the number of its line in the source, so that a blank line, or one with only delimiters or a comment,
stays as a blank line in the normal form. Only where the source has no header line, each stands one line lower.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO

from stages.errors import SourceError
from stages.source import encodings, headers
from stages.source.archives import BLOCK, check_kind, unpacked
from stages.source.dialect import COMMENTS, Dialect, look
from stages.source.encodings import AUTO
from stages.source.parser import Form
from stages.source.plain import copied
from stages.source.streams import beginning, records_of, text_of

EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
"""Values that look like comments."""


@dataclass(frozen=True)
class Records:
    """A table of a file: iterate over it, as often as wanted, for (line, cells) of each record below the header.

    columns: their names, each once. notes: what was renamed or left out. width: cells of a record in the file, of
    which those at `places` (None: all) belong to columns. A record of another length comes as it is.
    """

    path: Path
    dialect: Dialect
    columns: list[str]
    width: int
    places: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        with text_of(self.path, self.dialect) as text:
            lines = islice(text, self.dialect.start - 1, None)
            records = records_of(self.path.name, lines, self.dialect, self.dialect.start, self.width)
            if self.dialect.header:
                next(records, None)
            for line, cells in records:
                kept = self.kept(cells)
                if kept is not None:
                    yield line, kept

    def kept(self, cells: list[str]) -> list[str] | None:
        """The record's cells that belong to columns; None for a blank record and for a comment."""
        width = self.width
        if not any(map(str.strip, cells)):
            return None
        if cells[0][:1] in COMMENTS and cells[0] and self._comment(cells):
            return None
        if len(cells) > width and not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        if self.places is not None and len(cells) == width:
            cells = [cells[place] for place in self.places]
        return cells

    def _comment(self, cells: list[str]) -> bool:
        if len(cells) == self.width and (cells[0][0] != self.dialect.comment or cells[0] in EXCEL_ERRORS):
            return False
        return cells[0][0] == self.dialect.comment or self.width > 1


@dataclass(frozen=True)
class Table:
    """What `normal` wrote: the columns, how many rows, and how the source was written. notes: as in Records."""

    columns: list[str]
    rows: int
    dialect: Dialect
    notes: list[str]

    @property
    def header(self) -> bool:
        """Whether the source has a header line."""
        return self.dialect.header


@contextmanager
def opened(
    path: Path,
    names: Sequence[str] = (),
    encoding: str = AUTO,
    delimiter: str = AUTO,
    like: Sequence[str] = (),
) -> Iterator[Records]:
    """The table in the file: plain, or packed with gzip, zip, zstd, bzip2 or xz.

    names: the columns of a file without header line. like: the columns of other files of the table. Memory is bounded
    by the longest record. Raises SourceError, here or while reading, with the line where there is one.
    """
    yield _found(path, names, encoding, delimiter, like)


def normal(
    path: Path,
    target: Path,
    names: Sequence[str] = (),
    encoding: str = AUTO,
    delimiter: str = AUTO,
    like: Sequence[str] = (),
) -> Table:
    """Write the table in the normal form. Arguments and errors as those of `opened`; a table without rows is one."""
    records = _found(path, names, encoding, delimiter, like)
    strays: list[int] = []
    with text_of(path, records.dialect) as text, target.open("w", encoding="utf-8", newline="") as out:
        rows = _written(records, text, out, strays)
    if rows < 1:
        raise SourceError(f"{path.name} has a header but no rows. Fetch it again, or leave it out.")
    notes = [*records.notes]
    if strays:
        notes.append(
            f"{len(strays):,} lines have quotes that are not closed, or not doubled within others; they are read as "
            f"they stand, the first is line {strays[0]}"
        )
    return Table(records.columns, rows, records.dialect, notes)


def _found(path: Path, names: Sequence[str], encoding: str, delimiter: str, like: Sequence[str]) -> Records:
    with unpacked(path) as stream:
        sample, whole = beginning(stream)
        check_kind(path.name, sample)
        blocks = chain([sample], iter(lambda: stream.read(BLOCK), b""))
        coding = encodings.found(path.name, blocks, encoding)
    seen = look(path.name, sample, coding, delimiter, names, like, whole)
    dialect, notes = seen.dialect, list[str]()
    if dialect.start > 1:
        notes.append(f"the table starts on line {dialect.start}")
    cells = _first(path, dialect) if dialect.header else [*names, *[""] * (seen.width - len(names))]
    known = sorted(map(headers.tidy, cells)) in (sorted(like), sorted(names))
    if dialect.header and not known and _has_row_names(cells, seen.rows):
        cells = ["", *cells]
        notes.append("the header has one name less than the rows have cells: their first cells are names of rows")
    valued = _valued(path, dialect, cells, seen.rows)
    if names and not dialect.header and (len(names) > seen.width or any(place >= len(names) for place in valued)):
        raise SourceError(f"{path.name} has {seen.width} columns, but {len(names)} names are given (ingest.names).")
    places = [place for place, name in enumerate(cells) if name.strip() or place in valued]
    if len(places) < len(cells):
        notes.append(f"{len(cells) - len(places)} columns without a name and without values are left out")
    columns, said = headers.called([cells[place] for place in places])
    if dialect.header:
        notes += said
    if places == list(range(len(places))):  # nothing is left out, or only at the end of each line
        return Records(path, dialect, columns, len(places), None, notes)
    return Records(path, dialect, columns, len(cells), tuple(places), notes)


def _first(path: Path, dialect: Dialect) -> list[str]:
    """The cells of the first record."""
    with text_of(path, dialect) as text:
        lines = islice(text, dialect.start - 1, None)
        return next(records_of(path.name, lines, dialect, dialect.start))[1]


def _has_row_names(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the header names all columns but the first, as R writes it."""
    full = [row for row in rows if len(row) == len(header) + 1]
    return 2 * len(full) > len(rows) and any(row[-1].strip() for row in full) and all(map(str.strip, header))


def _valued(path: Path, dialect: Dialect, cells: list[str], rows: list[list[str]]) -> set[int]:
    """Which of the columns without a name have a value; the whole file is read only where the sample shows none."""
    blank = {place for place, name in enumerate(cells) if not name.strip()}
    found = {place for place in blank if any(len(row) > place and row[place].strip() for row in rows)}
    if blank == found:
        return found
    everything = Records(path, dialect, cells, max(len(cells), 1))
    for _, row in everything:
        found |= {place for place in blank - found if len(row) > place and row[place].strip()}
        if blank == found:
            break
    return found


def _written(records: Records, text: io.TextIOWrapper, out: IO[str], strays: list[int]) -> int:
    """Write the header and the records below it; how many there are."""
    dialect = records.dialect
    out.write("\n" * (dialect.start - 1))
    for _ in range(dialect.start - 1):
        text.readline()
    csv.writer(out, lineterminator="\n").writerow(records.columns)
    if dialect.header and _is_plain(dialect) and records.places is None:
        header = text.readline()
        if header.rstrip("\n") == ",".join(records.columns) and '"' not in header:
            rows, left, line = copied(text, out, dialect.start + 1, len(records.columns), records.kept)
            parsed = records_of(records.path.name, left, dialect, line, records.width, strays)
            return rows + _rewritten(records, parsed, line, out)
        lines: Iterable[str] = chain([header], text)
    else:
        lines = text
    parsed = records_of(records.path.name, lines, dialect, dialect.start, records.width, strays)
    if dialect.header:
        next(parsed, None)
    return _rewritten(records, parsed, dialect.start + 1, out)


def _rewritten(records: Records, parsed: Iterable[tuple[int, list[str]]], at: int, out: IO[str]) -> int:
    """Write each record on its line, the next line being `at`; how many there are."""
    shift = 0 if records.dialect.header else 1
    writer = csv.writer(out, lineterminator="\n")
    write, kept = writer.writerow, records.kept
    rows, before = 0, at - 1
    last: list[str] | None = []
    for line, cells in parsed:
        place = line + shift
        if last and place > before + 1:
            at += sum(cell.count("\n") for cell in last)
        last, before = kept(cells), place
        if last is None:
            continue
        rows += 1
        if place > at:
            out.write("\n" * (place - at))
            at = place
        write(last)
        at += 1
    if last is None:
        out.write("\n" * (before + 1 - at))  # blank lines at the end
    return rows


def _is_plain(dialect: Dialect) -> bool:
    """Whether a line without quotes is the same line in the normal form."""
    return dialect.form in (Form(), Form(quote="")) and not dialect.comment
