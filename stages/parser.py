"""Records of text lines, each with the line it starts on, even where quotes are broken."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    """Iterates over (line, cells) of the text's records; `malformed` counts those whose quotes make no sense.

    A malformed record is read by its first line alone, and the next begins on the next line: one stray quote does not
    swallow what follows. Blank lines give a record without cells. Raises UnclosedError.
    """

    def __init__(self, lines: Iterable[str], form: Form, first: int = 1) -> None:
        self.form = form
        self.malformed = 0
        self.malformed_line = 0
        self._lines = iter(lines)  # each ends with "\n", but perhaps the last
        self._line = first  # of the next record
        self._record: list[str] = []
        self._again: list[str] = []
        self._ended = False

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        if self.form.delimiter in ("", WHITESPACE):
            return self._simple()
        return self._delimited()

    def _simple(self) -> Iterator[tuple[int, list[str]]]:
        split = list if self.form.delimiter else None
        pattern = QUOTED.get(self.form.quote)
        for line, text in enumerate(self._lines, self._line):
            bare = text.rstrip("\n")
            if split is None:
                yield line, [bare] if bare.strip() else []
            elif pattern is None or self.form.quote not in bare:
                yield line, bare.split()
            else:
                yield line, _blank_separated(bare, pattern, self.form.quote)

    def _delimited(self) -> Iterator[tuple[int, list[str]]]:
        options = _options(self.form)
        reader = csv.reader(self._feed(), strict=True, **options)  # type: ignore[arg-type]
        record = self._record
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = self._repaired(error, options)
            line = self._line
            self._line += len(record)
            record.clear()
            yield line, cells

    def _feed(self) -> Iterator[str]:
        record, again = self._record, self._again
        for text in self._lines:
            record.append(text)
            yield text
            while again:
                text = again.pop()
                record.append(text)
                yield text
        self._ended = True

    def _repaired(self, error: csv.Error, options: dict[str, object]) -> list[str]:
        """The record's first line alone; the others come again."""
        first, *others = self._record
        if "field larger" in str(error) or (self._ended and "unexpected end" in str(error)):
            raise UnclosedError(self._line + _opening(self._record, self.form.quote)) from None
        self.malformed += 1
        self.malformed_line = self.malformed_line or self._line
        self._again.extend(reversed(others))
        self._record[:] = [first]
        try:
            return next(csv.reader([first], strict=True, **options))  # type: ignore[arg-type]
        except csv.Error as alone:
            if "unexpected end" in str(alone):
                return [first.rstrip("\n")]
            return next(csv.reader([first], **options))  # type: ignore[arg-type]


def _options(form: Form) -> dict[str, object]:
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
    """Which of the lines holds the quote that is never closed: the last one after which the quotes are odd."""
    opening, odd = 0, False
    for number, line in enumerate(lines):
        if line.count(quote) % 2:
            odd = not odd
            opening = number if odd else opening
    return opening
