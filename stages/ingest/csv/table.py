"""A table of a file as its records: which of their cells belong to columns, and which of them are no rows."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice, takewhile
from pathlib import Path
from typing import NamedTuple

from stages.ingest.bounds import BOUNDS, Bounds
from stages.ingest.csv.dialect import COMMENTS, Dialect
from stages.ingest.csv.nonrows import TAIL, TOTAL, UNITS, Shape, Tail
from stages.ingest.csv.streams import open_text, read_records

EXCEL_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
"""Values that look like comments."""


class Record(NamedTuple):
    """A record below the header: its line, its cells, and why it is no row of the table (empty: it is one)."""

    line: int
    cells: list[str]
    aside: str = ""


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
            self.bounds.check_cells(self.path.name, line, kept or ())
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
        with open_text(self.path, self.dialect, self.bounds) as text:
            lines = islice(text, self.dialect.start - 1, None)
            parsed = read_records(self.path.name, lines, self.dialect, self.dialect.start, self.width)
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
        ends = list(takewhile(lambda record: self._word(record.cells), reversed(rows)))[::-1]
        totals = (
            self.shape.totals([(line, cells) for line, cells, _ in ends], self._above(ends[0].line)) if ends else []
        )
        while rows and rows[-1].line in totals:
            found[rows.pop().line] = TOTAL
        if rows and (word := self._word(rows[-1].cells)):
            self._doubt(
                f"line {rows[-1].line} says '{word}', but may not add up those above, and is kept as a row: is it one?"
            )
        elif rows and self.shape.is_narrow(rows[-1].cells):
            self._doubt(f"line {rows[-1].line} has a text and little else, and is kept as a row: is it one?")
        return found

    def _word(self, cells: list[str]) -> str:
        return self.shape.sums(cells) if self.shape else ""

    def _doubt(self, said: str) -> None:
        if said not in self.doubts:
            self.doubts.append(said)

    def _above(self, line: int) -> Iterator[list[str]]:
        """The rows above the line."""
        for place, cells in takewhile(lambda record: record[0] < line, self._parsed()):
            kept = self.kept(cells)
            if kept is not None and not self.reason(place, kept):
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
