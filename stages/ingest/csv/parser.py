"""Records of text lines, each with the line it starts on, even where quotes are broken."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

WHITESPACE = "whitespace"
"""The delimiter of columns that runs of blanks separate."""
LARGEST_CELL = 1 << 24
csv.field_size_limit(LARGEST_CELL)  # of the whole process; the module's own limit is 128 KiB
QUOTED = {quote: re.compile(rf"{quote}((?:[^{quote}]|{quote}{quote})*){quote}(?=\s|$)|(\S+)") for quote in ('"', "'")}


@dataclass(frozen=True)
class Form:
    """How cells are told apart: delimiter ("" for one column), quote ("" for none), escape, blanks after delimiters."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    spaces: bool = False


class UnclosedError(Exception):
    """A quote that is opened on `line` and never closed, or only after more than any cell holds."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}: a quote is opened and never closed")
        self.line = line


class Parser:
    """Iterates over (line, cells) of the text's records; `strays` are the lines of those whose quotes make no sense.

    Such a record is read by its first line alone, as it stands, and the next begins on the next line: one stray quote
    does not swallow what follows. Blank lines give a record without cells. width: how many cells a record usually
    has, if that is known. Raises UnclosedError.
    """

    def __init__(self, lines: Iterable[str], form: Form, first: int = 1, width: int = 0) -> None:
        self.form = form
        self.width = width
        self.strays: list[int] = []
        self._feed = _Feed(iter(lines))  # each line ends with "\n", but perhaps the last
        self._line = first  # of the next record

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        if self.form.delimiter in ("", WHITESPACE):
            return self._simple()
        return self._delimited()

    def _simple(self) -> Iterator[tuple[int, list[str]]]:
        pattern = QUOTED.get(self.form.quote)
        for line, text in enumerate(self._feed.lines, self._line):
            bare = text.rstrip("\n")
            if not self.form.delimiter:
                yield line, [bare] if bare.strip() else []
            elif pattern is None or self.form.quote not in bare:
                yield line, bare.split()
            else:
                yield line, _blank_separated(bare, pattern, self.form.quote)

    def _delimited(self) -> Iterator[tuple[int, list[str]]]:
        options = _options(self.form)
        reader = csv.reader(self._feed, strict=True, **options)
        record = self._feed.record
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = self._as_it_stands(str(error), options)
            line = self._line
            self._line += len(record)
            record.clear()
            yield line, cells

    def _as_it_stands(self, said: str, options: dict[str, Any]) -> list[str]:
        """The record's first line alone; the others come again."""
        first, *others = self._feed.record
        bare = next(csv.reader([first], **{**options, "quoting": csv.QUOTE_NONE}))
        if ("field larger" in said or "unexpected end" in said) and not self._goes_on(bare, others, options):
            raise UnclosedError(self._line + _opening(self._feed.record, self.form.quote)) from None
        self.strays.append(self._line)
        self._feed.again(others)
        self._feed.record[:] = [first]
        line = first.rstrip("\n")
        try:
            return next(csv.reader([line], strict=True, **options))
        except csv.Error as alone:
            if "unexpected end" not in str(alone):
                return next(csv.reader([line], **options))
            return bare if len(bare) == (self.width or len(bare)) else [line]

    def _goes_on(self, first: list[str], others: list[str], options: dict[str, Any]) -> bool:
        """Whether the lines below a quote that is never closed are records of their own, so that it is a stray one."""
        if len(first) != self.width or self.width < 2:
            return False
        below = list(csv.reader(others[:50], **{**options, "quoting": csv.QUOTE_NONE}))
        return len(below) > 2 and sum(len(cells) == self.width for cells in below) >= 0.8 * len(below)


class _Feed:
    """The lines for a reader: `record` holds those it has taken since that was last cleared; some can come again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.record: list[str] = []
        self._again: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._again.pop() if self._again else next(self.lines)
        self.record.append(text)
        return text

    def again(self, lines: list[str]) -> None:
        """These lines come next."""
        self._again.extend(reversed(lines))


def _options(form: Form) -> dict[str, Any]:
    return {
        "delimiter": form.delimiter,
        "quotechar": form.quote or None,
        "quoting": csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        "escapechar": form.escape or None,
        "skipinitialspace": form.spaces,
    }


def _blank_separated(line: str, pattern: re.Pattern[str], quote: str) -> list[str]:
    found = pattern.finditer(line)
    return [match[2] if match[2] is not None else match[1].replace(quote * 2, quote) for match in found]


def _opening(lines: list[str], quote: str) -> int:
    """Which of the lines holds the quote that is never closed: the last one, unless it is one of a doubled pair."""
    text = "".join(lines)
    place = text.rfind(quote)
    while place > 0 and text[place - 1] == quote:
        place = text.rfind(quote, 0, place - 1)
    return text.count("\n", 0, max(place, 0))
