"""Records within a file that are no rows of its table: units below the header, notes, totals, the header again.

A record is set aside only where no row could look like it; where one could, it stays and is named as a doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stages.source.headers import kind, tidy

TAIL = 40
"""Records at the end of a file that notes and totals are looked for among."""
MOST_UNITS = 3
"""Lines of units, types or descriptions directly below a header, at most."""
SAMPLE = 120
"""Rows that a column of numbers is told by."""
SURE = 0.95
"""Share of a column's values that are numbers or dates where it is one of numbers."""
TOLERANCE = 1e-6
"""How far a total may be from the sum or the mean, as a share of it: it may have been rounded."""
UNITS, AGAIN = "no row but units or descriptions below the header", "no row but the header again"
NOTE, TOTAL = "no row but a note", "no row but a total"
UNIT = re.compile(
    r"[\[(<{].{0,40}[\])>}]|[%‰°#$€£¥]|-+"
    r"|(n|µ|u|m|c|d|k|M|G|T)?(g|m|s|l|L|W|Wh|V|A|J|Pa|Hz|B|b|t|mol|bar)([23²³]|\^[23])?"
    r"|(°|deg ?)?[CFK]|in|ft|yd|mi|miles|lbs?|oz|mph|knots?|kn|ha|acres?|gal|rpm|ppm|ppb|dB|psi|mmHg|inHg|bpm"
    r"|sec(onds?)?|min(utes?)?|h(ours?|rs?)?|d(ays?)?|weeks?|months?|y(ears?|rs?)?"
    r"|usd|eur|gbp|chf|jpy|cny|dollars?|euros?|percent|pct|units?|pcs|pieces|count|number|years old"
    r"|\w{1,4}/\w{1,4}[23²³]?|(dd|mm|yyyy|yy|hh)([-/.: ]?(dd|mm|yyyy|yy|hh|ss)){1,6}"
    r"|u?int(eger)?\d*|float\d*|double|decimal(\(.*\))?|numeric|real|str(ing)?|text|(var)?char(\(\d+\))?|bool(ean)?"
    r"|date(time)?|timestamp|categor(y|ical)|factor|object",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"\W*(sources?|notes?|remarks?|generated|exported|created|printed|downloaded|copyright|legend|disclaimer|footnote"
    r"|end of|page \d|rows?\b|records?\b|data as of|as of|last updated?|updated|filters?|report|quelle|hinweis|stand"
    r"|total (rows?|records?|number)|number of)\b|\W*[©*†‡]",
    re.IGNORECASE,
)
"""How notes below a table begin."""
SUMS = re.compile(
    r"\W*((grand|sub|over-?all|running)[- ]?)?"
    r"(totals?|sum(me|ma)?|gesamt(summe)?|insgesamt|average|avg|mean|итого)( général| general)?\W*",
    re.IGNORECASE,
)
"""The name of a line that adds up those above it."""
MEANS = re.compile("average|avg|mean", re.IGNORECASE)
GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


class Tail(NamedTuple):
    """A record near the end: its line, its cells, and whether a blank line stands above it."""

    line: int
    cells: list[str]
    apart: bool


@dataclass(frozen=True)
class Shape:
    """How the table's rows look: the header's cells (none where there is no header), and which columns have numbers.

    `above`: the cells of lines above the header, which come again where exports were put one below the other.
    """

    header: tuple[str, ...]
    numbers: tuple[bool, ...]
    above: frozenset[tuple[str, ...]] = frozenset()

    def reason(self, cells: Sequence[str]) -> str:
        """Why a record is no row wherever it stands; empty for a row."""
        width = len(self.numbers)
        if width < 2:
            return ""
        if len(cells) == len(self.header) and tuple(map(tidy, cells)) == self.header:
            return AGAIN
        filled = _filled(cells)
        if self.above and tuple(cells[place].strip() for place in filled) in self.above:
            return NOTE
        if len(filled) == 1 and filled[0] < width and self.numbers[filled[0]] and kind(cells[filled[0]]) == "text":
            return NOTE
        return ""

    def units(self, rows: Sequence[Sequence[str]]) -> int:
        """How many of the first rows below the header say units, types or descriptions of the columns."""
        count = 0
        while self.header and count < min(MOST_UNITS, len(rows) - 1) and self._describes(rows[count]):
            count += 1
        return count

    def footer(self, records: Sequence[Tail]) -> dict[int, str]:
        """The lines of the last records that are notes, with the reason."""
        start = len(records)
        while start and self._narrow(records[start - 1].cells):
            start -= 1
        block = records[start:]
        gaps = any(record.apart for record in records[:start])
        apart = bool(block) and block[0].apart and not gaps and len(self.numbers) > 2
        found: dict[int, str] = {}
        for record in reversed(block):
            if not (apart or WORDS.match(_first(record.cells)) or self.reason(record.cells)):
                break
            found[record.line] = NOTE
        return found

    def sums(self, cells: Sequence[str]) -> str:
        """The word by which the record says that it adds up those above it; empty where it says none."""
        if len(cells) != len(self.numbers) or len(cells) < 2:
            return ""
        words = [cells[place].strip() for place in _filled(cells) if kind(cells[place]) == "text"]
        return words[0] if words and SUMS.fullmatch(words[0]) and any(kind(cell) == "number" for cell in cells) else ""

    def is_sum(self, cells: Sequence[str], above: Iterable[Sequence[str]]) -> bool:
        """Whether the record, which says so, does add up the rows above it: no row could look like it."""
        if any(self.numbers[place] and SUMS.fullmatch(cells[place].strip()) for place in _filled(cells)):
            return True  # a word where each row has a number
        mean = bool(MEANS.search(self.sums(cells)))
        places = [place for place, cell in enumerate(cells) if self.numbers[place] and number(cell) is not None]
        columns: list[list[float]] = [[] for _ in places]
        for row in above:
            if len(row) == len(cells):
                for column, place in zip(columns, places, strict=True):
                    value = number(row[place])
                    column.extend([] if value is None else [value])
        return any(
            len(column) > 1 and _adds_up(number(cells[place]), column, mean)
            for column, place in zip(columns, places, strict=True)
        )

    def _describes(self, cells: Sequence[str]) -> bool:
        """Whether no column of numbers has one here, and what stands there instead is no single stray text."""
        if len(cells) != len(self.numbers):
            return False
        kinds = [kind(cell) for cell in cells]
        if any(numbers and found in ("number", "date") for numbers, found in zip(self.numbers, kinds, strict=True)):
            return False
        instead = [cell for cell, numbers, found in zip(cells, self.numbers, kinds, strict=True)
                   if numbers and found == "text"]  # fmt: skip
        if len(instead) > 2 or (len(instead) == 2 and sum(self.numbers) == 2):
            return True
        beside = [cell for cell, numbers in zip(cells, self.numbers, strict=True) if not numbers and cell.strip()]
        return bool(instead) and all(UNIT.fullmatch(cell.strip()) for cell in [*instead, *beside])

    def _narrow(self, cells: Sequence[str]) -> bool:
        """Whether the record has a text at its left and little else."""
        filled = _filled(cells)
        short = len(filled) == 1 or (len(cells) < len(self.numbers) and 2 * len(filled) <= len(self.numbers))
        return len(self.numbers) > 1 and short and filled[0] == 0 and kind(cells[0]) == "text"


def shape_of(header: Sequence[str], rows: Sequence[Sequence[str]], above: Sequence[Sequence[str]] = ()) -> Shape:
    """The shape of the rows below the header, which stands below the records `above`."""
    width = len(header) or max(map(len, rows), default=0)
    full = [row for row in rows if len(row) == width][:SAMPLE]
    columns = ([kind(row[place]) for row in full] for place in range(width))
    titles = (tuple(cell.strip() for cell in cells if cell.strip()) for cells in above)
    return Shape(
        tuple(map(tidy, header)),
        tuple(map(_is_of_numbers, columns)),
        frozenset(title for title in titles if len(title) < width),
    )


def number(cell: str) -> float | None:
    """The number in the cell as far as it is plain, has commas between thousands, or a sign of money."""
    text = cell.strip().strip("$€£¥% ")
    try:
        value = float(text.replace(",", "") if GROUPED.fullmatch(text) else text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _is_of_numbers(kinds: Sequence[str]) -> bool:
    known = [one for one in kinds[1:] if one != "missing"]  # the first may be a unit
    values = sum(one in ("number", "date") for one in known)
    notes = min(MOST_UNITS, len(known) // 5)
    return values > 0 and values >= SURE * (len(known) - notes)


def _filled(cells: Sequence[str]) -> list[int]:
    return [place for place, cell in enumerate(cells) if cell.strip()]


def _first(cells: Sequence[str]) -> str:
    return next((cell for cell in cells if cell.strip()), "")


def _adds_up(total: float | None, values: Sequence[float], mean: bool) -> bool:
    whole = math.fsum(values) / (len(values) if mean else 1)
    return bool(total) and math.isclose(total or 0.0, whole, rel_tol=TOLERANCE, abs_tol=0.005)
