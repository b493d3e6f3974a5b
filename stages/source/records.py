"""The records of any CSV file, read in a stream, and the one form the pipeline reads: UTF-8, LF, commas.

A record keeps the number of its line in the source, so that a blank line, or one with only delimiters or a comment,
stays as a blank line in the normal form, as does one that is no row of the table and is set aside with a reason. Only
where the source has no header line, each stands one line lower.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from stages.errors import SourceError
from stages.source import encodings, headers
from stages.source.archives import BLOCK, check_kind, unpacked
from stages.source.bounds import Bounds
from stages.source.dialect import COMMENTS, Dialect, Look, look
from stages.source.encodings import AUTO
from stages.source.nonrows import TAIL, TOTAL, UNITS, Shape, Tail, shape_of
from stages.source.parser import Form
from stages.source.plain import Kept, copied
from stages.source.streams import beginning, records_of, text_of

EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
"""Values that look like comments."""
SHOWN, SHOWN_ABOVE = 200, 60
"""Characters kept of a record that is set aside, and of a line above the table."""
BOUNDS = Bounds()


class Record(NamedTuple):
    """A record below the header: its line, its cells, and why it is no row of the table (empty: it is one)."""

    line: int
    cells: list[str]
    aside: str = ""

    def as_dict(self) -> dict[str, Any]:
        """What the manifest says of a record that is set aside."""
        return {"line": self.line, "text": ",".join(self.cells)[:SHOWN], "reason": self.aside}


@dataclass(frozen=True)
class Records:
    """A table of a file: iterate over it, as often as wanted, for (line, cells) of each row.

    columns: their names, each once. notes: what was renamed or left out. width: cells of a record in the file, of
    which those at `places` (None: all) belong to columns. A row of another length comes as it is. shape: how rows look,
    None where every record is one. units: lines below the header that describe the columns.
    """

    path: Path
    dialect: Dialect
    columns: list[str]
    width: int
    places: tuple[int, ...] | None = None
    notes: list[str] = field(default_factory=list)
    bounds: Bounds = BOUNDS
    doubts: list[str] = field(default_factory=list)
    shape: Shape | None = None
    units: Collection[int] = ()

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return ((line, cells) for line, cells, aside in self.judged() if not aside)

    def judged(self) -> Iterator[Record]:
        """Each record below the header that is neither blank nor a comment, row of the table or not."""
        for line, cells, aside in self.sifted(self._parsed()):
            if cells is not None:
                yield Record(line, cells, aside)

    def sifted(self, parsed: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str] | None, str]]:
        """Each record with its cells (None where it is blank or a comment) and, if it is no row, the reason.

        The last ones are held back until the end is known: notes and totals stand there.
        """
        held: deque[tuple[int, list[str] | None]] = deque()
        full = 0
        for line, cells in parsed:
            kept = self.kept(cells)
            if kept is None and held and held[-1][1] is None:
                held[-1] = (line, None)  # of blank lines in a row the last one stands for all
                continue
            held.append((line, kept))
            full += kept is not None
            while full > TAIL:
                place, first = held.popleft()
                full -= first is not None
                yield place, first, self.reason(place, first)
        footer = self._footer(held)
        for line, kept in held:
            yield line, kept, footer.get(line) or self.reason(line, kept)

    def reason(self, line: int, cells: list[str] | None) -> str:
        """Why a record is no row of the table wherever it stands; empty for a row."""
        if self.shape is None or cells is None:
            return ""
        return UNITS if line in self.units else self.shape.reason(cells)

    def _parsed(self) -> Iterator[tuple[int, list[str]]]:
        with text_of(self.path, self.dialect, self.bounds) as text:
            lines = islice(text, self.dialect.start - 1, None)
            parsed = records_of(self.path.name, lines, self.dialect, self.dialect.start, self.width)
            if self.dialect.header:
                next(parsed, None)
            yield from parsed

    def _footer(self, held: Iterable[tuple[int, list[str] | None]]) -> dict[int, str]:
        """The reasons of the last records that are no rows, by line; a total that may be a row is a doubt."""
        if self.shape is None:
            return {}
        tail: list[Tail] = []
        apart = False
        for line, cells in held:
            if cells is not None:
                tail.append(Tail(line, cells, apart))
            apart = cells is None
        found = self.shape.footer(tail)
        rows = [record for record in tail if record.line not in found]
        while rows and (word := self.shape.sums(rows[-1].cells)):
            last = rows.pop()
            if not any(self.shape.is_sum(last.cells, self._above(last.line, sums)) for sums in (True, False)):
                said = f"line {last.line} says '{word}' and adds up no column, so it is kept as a row: is it one?"
                self.doubts[:] = [said]
                break
            found[last.line] = TOTAL
        return found

    def _above(self, line: int, sums: bool) -> Iterator[list[str]]:
        """The rows above the line, with or without those that say that they are sums themselves."""
        assert self.shape is not None
        for place, cells in self._parsed():
            kept = self.kept(cells) if place < line else None
            if kept is not None and not self.reason(place, kept) and (sums or not self.shape.sums(kept)):
                yield kept

    def check_lines(self, first: int, lines: str) -> None:
        """Raise SourceError for a cell of plain lines that is too long."""
        self.bounds.check_lines(self.path.name, first, lines, self.dialect.delimiter)

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
    """What `normal` wrote: the columns, how many rows, and how the source was written. notes: as in Records.

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
def opened(
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


def normal(
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
    """Write the table in the normal form. Arguments and errors as those of `opened`; a table without rows is one."""
    records = _found(path, names, encoding, delimiter, like, expected, bounds, rows_only)
    strays: list[int] = []
    aside: list[Record] = []
    with text_of(path, records.dialect, bounds) as text, target.open("w", encoding="utf-8", newline="") as out:
        rows = _written(records, text, out, strays, aside)
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
    with unpacked(path, bounds) as stream:
        sample, whole = beginning(stream)
        check_kind(path.name, sample)
        blocks = chain([sample], iter(lambda: stream.read(BLOCK), b""))
        coding = encodings.found(path.name, blocks, encoding)
    seen = look(path.name, sample, coding, delimiter, names, like, whole, expected)
    bounds.check_columns(path.name, seen.width)
    dialect, notes = seen.dialect, list[str]()
    if dialect.start > 1:
        notes.append(f"the table starts on line {dialect.start}" + _below(seen.above))
    cells = _first(path, dialect, bounds) if dialect.header else [*names, *[""] * (seen.width - len(names))]
    bounds.check_columns(path.name, len(cells))
    known = sorted(map(headers.tidy, cells)) in (sorted(like), sorted(names))
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
    columns, said = headers.called([cells[place] for place in places])
    if dialect.header:
        notes += said
    if places == list(range(len(places))):  # nothing is left out, or only at the end of each line
        made = Records(path, dialect, columns, len(places), None, notes, bounds=bounds)
    else:
        made = Records(path, dialect, columns, len(cells), tuple(places), notes, bounds=bounds)
    return _with_shape(made, [cells[place] for place in places], seen) if rows_only else made


def _with_shape(records: Records, header: list[str], seen: Look) -> Records:
    """The records with what their rows look like, by the file's beginning."""
    kept = [(line, row) for line, cells in seen.rows if (row := records.kept(cells)) is not None]
    rows = [row for _, row in kept]
    shape = shape_of(header if records.dialect.header else [], rows, [cells for _, cells in seen.above])
    return replace(records, shape=shape, units=[line for line, _ in kept[: shape.units(rows)]])


def _said(aside: Sequence[Record]) -> list[str]:
    """What was set aside, a note for each reason."""
    notes = []
    for reason in dict.fromkeys(record.aside for record in aside):
        found = [record for record in aside if record.aside == reason]
        lines = ", ".join(str(record.line) for record in found[:5]) + (", …" if len(found) > 5 else "")
        first = found[0].as_dict()["text"][:SHOWN_ABOVE]
        notes.append(f"set aside as {reason}: {len(found):,} (line {lines}), such as '{first}'")
    return notes


def _below(above: Sequence[tuple[int, list[str]]]) -> str:
    """What the lines above the table say, for a note."""
    if not above:
        return ""
    said = [" ".join(filter(None, map(str.strip, cells)))[:SHOWN_ABOVE] for _, cells in above[:3]]
    return f", below {', '.join(map(repr, said))}" + (f" and {len(above) - 3} more lines" if len(above) > 3 else "")


def _first(path: Path, dialect: Dialect, bounds: Bounds) -> list[str]:
    """The cells of the first record."""
    with text_of(path, dialect, bounds) as text:
        lines = islice(text, dialect.start - 1, None)
        return next(records_of(path.name, lines, dialect, dialect.start))[1]


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


def _written(records: Records, text: io.TextIOWrapper, out: IO[str], strays: list[int], aside: list[Record]) -> int:
    """Write the header and the rows below it; how many there are. What is no row is noted in `aside`."""
    dialect = records.dialect
    out.write("\n" * (dialect.start - 1))
    for _ in range(dialect.start - 1):
        text.readline()
    csv.writer(out, lineterminator="\n").writerow(records.columns)
    if dialect.header and _is_plain(dialect) and records.places is None and not records.units:
        header = text.readline()
        if header.rstrip("\n") == ",".join(records.columns) and '"' not in header:
            kept = _keeping(records, aside)
            rows, left, line = copied(text, out, dialect.start + 1, records.columns, kept, records.check_lines)
            parsed = records_of(records.path.name, left, dialect, line, records.width, strays)
            return rows + _rewritten(records, parsed, line, out, aside)
        lines: Iterable[str] = chain([header], text)
    else:
        lines = text
    parsed = records_of(records.path.name, lines, dialect, dialect.start, records.width, strays)
    if dialect.header:
        next(parsed, None)
    return _rewritten(records, parsed, dialect.start + 1, out, aside)


def _keeping(records: Records, aside: list[Record]) -> Kept:
    """What is kept of a record: None of a blank line, a comment, or what is set aside."""

    def keep(line: int, cells: list[str]) -> list[str] | None:
        kept = records.kept(cells)
        reason = records.reason(line, kept)
        if kept is None or not reason:
            return kept
        aside.append(Record(line, kept, reason))
        return None

    return keep


def _rewritten(
    records: Records, parsed: Iterable[tuple[int, list[str]]], at: int, out: IO[str], aside: list[Record]
) -> int:
    """Write each row on its line, the next line being `at`; how many there are."""
    shift = 0 if records.dialect.header else 1
    writer = csv.writer(out, lineterminator="\n")
    write, check = writer.writerow, records.bounds.check_cells
    rows, before = 0, at - 1
    last: list[str] | None = []
    for line, cells, reason in records.sifted(parsed):
        place = line + shift
        if last and place > before + 1:
            at += sum(cell.count("\n") for cell in last)
        last, before = cells, place
        if cells is None:
            continue
        check(records.path.name, line, cells)
        if reason:
            aside.append(Record(line, cells, reason))
            last = None
            continue
        rows += 1
        if place > at:
            out.write("\n" * (place - at))
            at = place
        write(cells)
        at += 1
    if last is None:
        out.write("\n" * (before + 1 - at))  # blank lines at the end
    return rows


def _is_plain(dialect: Dialect) -> bool:
    """Whether a line without quotes is the same line in the normal form."""
    return dialect.form in (Form(), Form(quote="")) and not dialect.comment
