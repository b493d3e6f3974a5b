"""The records of any CSV file, read in a stream, and the one form the pipeline reads: UTF-8, LF, commas.

A record keeps the number of its line in the source, so that a blank line, or one with only delimiters or a comment,
stays as a blank line in the normal form, as does one that is no row of the table and is set aside with a reason. Only
where the source has no header line, each stands one line lower.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from stages.core.errors import SourceError
from stages.ingest.bounds import BOUNDS, Bounds
from stages.ingest.csv import encodings, headers
from stages.ingest.csv.compression import BLOCK, check_kind, unpack
from stages.ingest.csv.dialect import Dialect, Look, look_at
from stages.ingest.csv.encodings import AUTO
from stages.ingest.csv.nonrows import SAMPLE, find_shape
from stages.ingest.csv.normal_form import write_table
from stages.ingest.csv.streams import open_text, read_beginning, read_records
from stages.ingest.csv.table import Record, Records

SHOWN = 60
"""Characters shown of a line that is no row."""


@dataclass(frozen=True)
class Table:
    """What `normalize` wrote: the columns, how many rows, and how the source was written. notes: as in Records.

    aside: the records that are no rows of the table. doubts: what a person should look at.
    """

    columns: list[str]
    rows: int
    dialect: Dialect
    notes: list[str]
    aside: list[Record] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def header(self) -> bool:
        """Whether the source has a header line."""
        return self.dialect.header


@contextmanager
def open_table(
    path: Path,
    names: Sequence[str] = (),
    encoding: str = AUTO,
    delimiter: str = AUTO,
    like: Sequence[str] = (),
    expected: Collection[str] = (),
    bounds: Bounds = BOUNDS,
    rows_only: bool = True,
) -> Iterator[Records]:
    """The table in the file: plain, or packed with gzip, zip, zstd, bzip2 or xz.

    names: the columns of a file without header line. like: the columns of other files of the table. expected: names of
    columns, of which its header has some. rows_only: records that are no rows are set aside. Memory is bounded by the
    longest record. Raises SourceError, here or while reading, with the line where there is one.
    """
    yield _found(path, names, encoding, delimiter, like, expected, bounds, rows_only)


def normalize(
    path: Path,
    target: Path,
    names: Sequence[str] = (),
    encoding: str = AUTO,
    delimiter: str = AUTO,
    like: Sequence[str] = (),
    expected: Collection[str] = (),
    bounds: Bounds = BOUNDS,
    rows_only: bool = True,
) -> Table:
    """Write the table in the normal form. Arguments and errors as of `open_table`; a table without rows is one."""
    records = _found(path, names, encoding, delimiter, like, expected, bounds, rows_only)
    strays: list[int] = []
    aside: list[Record] = []
    with open_text(path, records.dialect, bounds) as text, target.open("w", encoding="utf-8", newline="") as out:
        rows = write_table(records, text, out, strays, aside)
    if rows < 1:
        raise SourceError(f"{path.name} has a header but no rows. Fetch it again, or leave it out.")
    notes = [*records.notes]
    if strays:
        notes.append(
            f"{len(strays):,} lines have quotes that are not closed, or not doubled within others; they are read as "
            f"they stand, the first is line {strays[0]}"
        )
    notes += _said(aside)
    return Table(records.columns, rows, records.dialect, notes, aside, records.doubts)


def _found(
    path: Path,
    names: Sequence[str],
    encoding: str,
    delimiter: str,
    like: Sequence[str],
    expected: Collection[str],
    bounds: Bounds,
    rows_only: bool,
) -> Records:
    with unpack(path, bounds) as stream:
        sample, whole = read_beginning(stream)
        check_kind(path.name, sample)
        blocks = chain([sample], iter(lambda: stream.read(BLOCK), b""))
        coding = encodings.find_encoding(path.name, blocks, encoding)
    seen = look_at(path.name, sample, coding, delimiter, names, like, whole, expected)
    bounds.check_columns(path.name, seen.width)
    dialect, notes = seen.dialect, list[str]()
    if dialect.start > 1:
        notes.append(f"the table starts on line {dialect.start}" + _below(seen.above))
    cells = _first(path, dialect, bounds) if dialect.header else [*names, *[""] * (seen.width - len(names))]
    bounds.check_columns(path.name, len(cells))
    known = sorted(map(headers.tidy_cell, cells)) in (sorted(like), sorted(names))
    sample_rows = [row for _, row in seen.rows]
    if dialect.header and not known and _has_row_names(cells, sample_rows):
        cells = ["", *cells]
        notes.append("the header has one name less than the rows have cells: their first cells are names of rows")
    valued = _valued(path, dialect, cells, sample_rows, bounds)
    if names and not dialect.header and (len(names) > seen.width or any(place >= len(names) for place in valued)):
        raise SourceError(f"{path.name} has {seen.width} columns, but {len(names)} names are given (ingest.names).")
    places = [place for place, name in enumerate(cells) if name.strip() or place in valued]
    if len(places) < len(cells):
        notes.append(f"{len(cells) - len(places)} columns without a name and without values are left out")
    columns, said = headers.name_columns([cells[place] for place in places])
    if dialect.header:
        notes += said
    if places == list(range(len(places))):  # nothing is left out, or only at the end of each line
        made = Records(path, dialect, columns, len(places), None, notes, bounds=bounds)
    else:
        made = Records(path, dialect, columns, len(cells), tuple(places), notes, bounds=bounds)
    return _with_shape(made, [cells[place] for place in places], seen) if rows_only else made


def _with_shape(records: Records, header: list[str], seen: Look) -> Records:
    """The records with what their rows look like, by the file's beginning."""
    kept = [(line, row) for line, cells in seen.rows[:SAMPLE] if (row := records.kept(cells)) is not None]
    rows = [row for _, row in kept]
    shape = find_shape(header if records.dialect.header else [], rows, [cells for _, cells in seen.above])
    units = shape.units(rows)
    doubts = []
    if records.dialect.header and len(rows) > units + 1 and shape.may_describe(rows[units]):
        doubts.append(
            f"line {kept[units][0]} has only texts where others have numbers, and is kept as a row: is it one?"
        )
    return replace(records, shape=shape, units=[line for line, _ in kept[:units]], doubts=doubts)


def _said(aside: Sequence[Record]) -> list[str]:
    """What was set aside, a note for each reason."""
    notes = []
    for reason in dict.fromkeys(record.aside for record in aside):
        found = [record for record in aside if record.aside == reason]
        lines = ", ".join(str(record.line) for record in found[:5]) + (", …" if len(found) > 5 else "")
        first = ",".join(found[0].cells)[:SHOWN]
        notes.append(f"set aside as {reason}: {len(found):,} (line {lines}), such as '{first}'")
    return notes


def _below(above: Sequence[tuple[int, list[str]]]) -> str:
    """What the lines above the table say, for a note."""
    if not above:
        return ""
    said = [" ".join(filter(None, map(str.strip, cells)))[:SHOWN] for _, cells in above[:3]]
    return f", below {', '.join(map(repr, said))}" + (f" and {len(above) - 3} more lines" if len(above) > 3 else "")


def _first(path: Path, dialect: Dialect, bounds: Bounds) -> list[str]:
    """The cells of the first record."""
    with open_text(path, dialect, bounds) as text:
        lines = islice(text, dialect.start - 1, None)
        return next(read_records(path.name, lines, dialect, dialect.start))[1]


def _has_row_names(header: list[str], rows: list[list[str]]) -> bool:
    """Whether the header names all columns but the first, as R writes it."""
    full = [row for row in rows if len(row) == len(header) + 1]
    return 2 * len(full) > len(rows) and any(row[-1].strip() for row in full) and all(map(str.strip, header))


def _valued(path: Path, dialect: Dialect, cells: list[str], rows: list[list[str]], bounds: Bounds) -> set[int]:
    """Which of the columns without a name have a value; the whole file is read only where the sample shows none."""
    blank = {place for place, name in enumerate(cells) if not name.strip()}
    found = {place for place in blank if any(len(row) > place and row[place].strip() for row in rows)}
    if blank == found:
        return found
    everything = Records(path, dialect, cells, max(len(cells), 1), bounds=bounds)
    for _, row in everything:
        found |= {place for place in blank - found if len(row) > place and row[place].strip()}
        if blank == found:
            break
    return found
