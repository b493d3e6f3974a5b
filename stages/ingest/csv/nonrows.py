"""Records within a file that are no rows of its table: units below the header, notes, totals, the header again.

A record is set aside only where no row could look like it; where one could, it stays and is named as a doubt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import eq
from statistics import median_low
from typing import NamedTuple

from stages.ingest.csv.headers import judge_cell, tidy_cell

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
MADE = r"(generated|exported|created|printed|downloaded|(last )?updated|(data )?as of)"
WORDS = re.compile(
    rf"\W*{MADE}(:|\W*\d|\s+(on|at|by|from)\b)|\W*page \d+ ?(of|/) ?\d|[*†‡]+\)?\s|©"
    r"|\W*(sources?|notes?|remarks?|copyright|legend|disclaimer|footnotes?|(total |number of )?(rows|records)|filters?"
    r"|report|quelle|hinweis|stand)\s*:",
    re.IGNORECASE,
)
"""How notes below a table begin, and names of things do not."""
BOUND = re.compile(r"[<>~≤≥]\s*\d")
"""A value that is known to be below or above a number, or about one."""
SUMS = re.compile(
    r"\W*((grand|sub|over-?all|running)[- ]?)?"
    r"(totals?|sum(me|ma)?|gesamt(summe)?|insgesamt|average|avg|mean|итого)( général| general)?\W*",
    re.IGNORECASE,
)
"""The name of a line that adds up those above it."""
MEANS = re.compile("average|avg|mean", re.IGNORECASE)
COMMA = re.compile(r"[-+]?\d{1,3}((\.\d{3})+,\d+|\d*,\d{1,2})")
"""A number with a decimal comma, which no other form writes so."""
GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")


class Tail(NamedTuple):
    """A record near the end: its line, its cells, and whether a blank line stands above it."""

    line: int
    cells: list[str]
    apart: bool


@dataclass(frozen=True)
class Shape:
    """How the table's rows look: the header's cells (none where there is no header), and which columns have numbers.

    `filled`: how many cells of a row usually are. `comma`: numbers have decimal commas. `above`: the lines of one cell
    above the header, which come again where exports were put one below the other.
    """

    header: tuple[str, ...]
    numbers: tuple[bool, ...]
    filled: int
    comma: bool = False
    above: frozenset[str] = frozenset()

    def reason(self, cells: Sequence[str]) -> str:
        """Why a record is no row wherever it stands; empty for a row."""
        if len(self.numbers) < 2:
            return ""
        if len(cells) == len(self.header) and all(map(eq, map(tidy_cell, cells), self.header)):
            return AGAIN
        if self.filled < 2 or sum(map(bool, map(str.strip, cells))) != 1:  # this is asked of every row
            return ""
        filled = _filled(cells)
        text = cells[filled[0]].strip()
        if text in self.above:
            return NOTE
        wordy = " " in text or WORDS.match(text)
        return NOTE if filled == [0] and self.numbers[0] and wordy and _is_text(text) else ""

    def units(self, rows: Sequence[Sequence[str]]) -> int:
        """How many of the first rows below the header say units, types or descriptions of the columns."""
        count = 0
        while self.header and count < min(MOST_UNITS, len(rows) - 1) and self._describes(rows, count):
            count += 1
        return count

    def texts(self, cells: Sequence[str]) -> list[str]:
        """What the record has in the columns of numbers, where that is texts only and no measured value."""
        if len(cells) != len(self.numbers):
            return []
        found = [cell.strip() for cell, numbers in zip(cells, self.numbers, strict=True) if numbers]
        known = [text for text in found if judge_cell(text) != "missing"]
        return known if all(map(_is_text, known)) else []

    def may_describe(self, cells: Sequence[str]) -> bool:
        """Whether a row has a text in each column of numbers: more than one, or a unit."""
        texts = self.texts(cells)
        return len(texts) == sum(self.numbers) > 0 and (len(texts) > 1 or bool(UNIT.fullmatch(texts[0])))

    def footer(self, records: Sequence[Tail]) -> dict[int, str]:
        """The lines of the last records that are notes, with the reason."""
        start = len(records)
        while start and self.is_narrow(records[start - 1].cells):
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

    def is_narrow(self, cells: Sequence[str]) -> bool:
        """Whether the record has a text at its left and little else, unlike others."""
        filled = _filled(cells)
        short = len(filled) == 1 or (len(cells) < len(self.numbers) and 2 * len(filled) <= len(self.numbers))
        return len(self.numbers) > 1 and self.filled > 1 and short and filled[0] == 0 and _is_text(cells[0])

    def sums(self, cells: Sequence[str]) -> str:
        """The word by which the record says that it adds up those above it: its only text, before the numbers."""
        if len(cells) != len(self.numbers) or not SUMS.fullmatch(word := _first(cells).strip()):
            return ""
        values = [cells[place] for place in _filled(cells)[1:]]
        return word if values and all(judge_cell(value) == "number" for value in values) else ""

    def totals(self, records: Sequence[tuple[int, list[str]]], above: Iterable[Sequence[str]]) -> list[int]:
        """The lines of those of the last records, which all say so, that do add up the rows above: no row could."""
        columns = [Running() for _ in self.numbers]
        for cells in above:
            for column, cell in zip(columns, cells, strict=False):
                column.add(read_number(cell, self.comma))
        return [
            line for line, cells in records if self.numbers[_filled(cells)[0]] or _add_up(cells, columns, self.comma)
        ]

    def _describes(self, rows: Sequence[Sequence[str]], at: int) -> bool:
        """Whether the row's texts where others have numbers are units or types, or sentences, each another one."""
        cells, texts = rows[at], self.texts(rows[at])
        beside = [place for place in _filled(cells) if not self.numbers[place]] if texts else []
        below = [row for row in rows[at + 1 :] if len(row) == len(cells)]
        if not texts or any(row[place].strip() == cells[place].strip() for place in beside for row in below):
            return False
        sentences = len({*texts}) == sum(self.numbers) > 1 and all(text.count(" ") > 1 for text in texts)
        return sentences or all(UNIT.fullmatch(text) for text in [*texts, *(cells[place].strip() for place in beside)])


@dataclass
class Running:
    """What is kept of the numbers of a column to tell its sum or mean."""

    total: float = 0.0
    count: int = 0
    low: float = math.inf
    high: float = -math.inf

    def add(self, value: float | None) -> None:
        """Add the next number."""
        if value is not None:
            self.total += value
            self.count += 1
            self.low, self.high = min(self.low, value), max(self.high, value)


def find_shape(header: Sequence[str], rows: Sequence[Sequence[str]], above: Sequence[Sequence[str]] = ()) -> Shape:
    """The shape of the rows below the header, which stands below the records `above`."""
    width = len(header) or max(map(len, rows), default=0)
    full = [row for row in rows if len(row) == width][:SAMPLE]
    columns = ([judge_cell(row[place]) for row in full] for place in range(width))
    return Shape(
        tuple(map(tidy_cell, header)),
        tuple(map(_is_of_numbers, columns)),
        median_low([len(_filled(row)) for row in rows] or [0]),
        any(COMMA.fullmatch(cell.strip()) for row in full for cell in row),
        frozenset(_first(cells).strip() for cells in above if len(_filled(cells)) == 1),
    )


def read_number(cell: str, comma: bool = False) -> float | None:
    """The number in the cell as far as it is plain, has commas between thousands, or a sign of money."""
    text = cell.strip().strip("$€£¥% ")
    if comma:
        text = text.replace(".", "").replace(",", ".")
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


def _is_text(cell: str) -> bool:
    """Whether the cell is a text, and no measured value."""
    return judge_cell(cell) == "text" and not BOUND.search(cell)


def _add_up(cells: Sequence[str], above: Sequence[Running], comma: bool) -> bool:
    """Whether each number of the record is the sum or the mean of its column, and no row's by chance.

    A sum may be if it lies among the values, a mean if all are alike, or if it is that of one column alone.
    """
    mean, telling = bool(MEANS.search(_first(cells))), 0
    for place in _filled(cells)[1:]:
        column, value = above[place], read_number(cells[place], comma)
        whole = column.total / (max(1, column.count) if mean else 1)
        decimals = max(2, len(cells[place].strip().partition(".")[2]))
        if value is None or not math.isclose(value, round(whole, decimals), rel_tol=TOLERANCE):
            return False
        telling += column.low < column.high if mean else not column.low <= value <= column.high
    return telling > mean
