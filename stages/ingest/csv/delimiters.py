"""Which delimiter and quotes make a table of a text: each candidate is tried, and what makes most sense is taken."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from stages.ingest.csv.headers import judge_cell
from stages.ingest.csv.parser import WHITESPACE, Form, Parser, UnclosedError

DELIMITERS = (",", ";", "\t", "|", WHITESPACE)
RARE = ":^~¦§\x01\x1f"
"""Delimiters that are only thought of where no usual one makes sense."""
RECORDS = 400
CELLS = 5_000
"""Records and cells of the text that are looked at."""
LIBRARY_CHARACTERS = 10_000
"""How much of the text clevercsv looks at: it takes a tenth of a second for so much."""
POOR, GOOD, CLEAR = 0.15, 0.5, 1.3
"""The scores below which there is only one column, and from which a candidate is believed, if it is so many times
better than the next one."""


@dataclass(frozen=True)
class Candidate:
    """A form, the text's records (line, cells) by it, their usual width, and how much sense that makes (0 to 1).

    broken: the share of records whose quotes make no sense.
    """

    form: Form
    records: list[tuple[int, list[str]]]
    width: int
    score: float
    broken: float = 0.0


def choose_delimiter(text: str, first: int, delimiter: str, whole: bool) -> tuple[Candidate, str]:
    """The best candidate for the text, whose first line has the number `first`, and what is doubtful about it.

    `delimiter`: as told, or "auto". `whole`: the text is the whole file, not its beginning.
    """
    told = delimiter != "auto"
    tried = [
        test_form(text, first, Form(sign, quote, escape), whole)
        for sign in ([delimiter] if told else [sign for sign in DELIMITERS if sign == WHITESPACE or sign in text])
        for quote in _quotes(text, sign)
        for escape in (["", "\\"] if f"\\{quote}" in text and sign != WHITESPACE else [""])
    ]
    tried.sort(key=lambda candidate: -candidate.score)
    top = tried[0]
    doubt = ""
    if not told:
        rivals = [candidate.score for candidate in tried if candidate.form.delimiter != top.form.delimiter]
        if top.score < GOOD or top.score < CLEAR * max(rivals, default=0.0):
            top, doubt = _asked(text, first, tried, whole)
    if top.score < POOR and not told:
        return _one_column(text, first, whole), doubt
    return _refined(text, first, top, whole), doubt


def test_form(text: str, first: int, form: Form, whole: bool) -> Candidate:
    """The text by this form."""
    parser = Parser(io.StringIO(text, newline="\n"), form, first)
    records = list(_some(parser))
    if not whole and len(records) > 1 and len(records) < RECORDS:
        records.pop()  # it may be cut
    full = [(line, cells) for line, cells in records if any(cell.strip() for cell in cells)]
    if not full:
        return Candidate(form, full, 0, 0.0)
    widths = Counter(len(cells) for _, cells in full)
    width = max(widths, key=lambda size: (widths[size] if size > 1 else widths[size] * 0.5, size))
    share = widths[width] / len(full)
    sense = _sense([cells for _, cells in full if len(cells) == width], form, text) if width > 1 else 0.0
    broken = min(0.9, len(parser.strays) / len(full))
    score = share**2 * sense**2 * math.sqrt((width - 1) / width) * (1 - broken)
    return Candidate(form, full, width, score, broken)


def _some(parser: Parser) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from islice(parser, RECORDS)
    except UnclosedError:
        return  # the text may be cut within quotes


def _quotes(text: str, delimiter: str) -> list[str]:
    """The quotes to try with a delimiter: single ones only where they stand at the ends of cells."""
    if "'" not in text:
        return ['"']
    sign = r"\s" if delimiter == WHITESPACE else re.escape(delimiter)
    single = len(re.findall(rf"(?:^|{sign})\s?'", text, re.MULTILINE))
    closed = len(re.findall(rf"'\s?(?:{sign}|$)", text, re.MULTILINE))
    if single > 2 and single == closed and single > text.count('"'):
        return ["'"]
    return ['"']


def _sense(rows: Sequence[Sequence[str]], form: Form, text: str) -> float:
    """How much the cells look like values: numbers, dates and words do, cells with other delimiters do not."""
    signs = [sign for sign in DELIMITERS if sign not in (form.delimiter, WHITESPACE)]
    total, count, numbers = 0.0, 0, 0
    for row in rows[: max(2, CELLS // len(rows[0]))]:
        for cell in row[:CELLS]:
            found = judge_cell(cell)
            numbers += found in ("number", "missing")
            count += 1
            if found != "text":
                total += 1.0
            elif any(sign in cell for sign in signs):
                total += 0.7 if re.search(r"[,;|] ", cell) and form.delimiter != WHITESPACE else 0.1
            else:
                total += 0.9 if len(cell) < 100 else 0.8
    if form.delimiter == WHITESPACE and numbers < 0.25 * count and not _aligned(text):
        return 0.2 * total / count  # words of a sentence are no columns
    return total / count


def _aligned(text: str) -> bool:
    """Whether most lines have two blanks in a row between words."""
    lines = [line for line in text[:LIBRARY_CHARACTERS].split("\n") if line.strip()]
    return sum(bool(re.search(r"\S[ \t]{2,}\S", line)) for line in lines) > 0.9 * len(lines)


def _asked(text: str, first: int, tried: list[Candidate], whole: bool) -> tuple[Candidate, str]:
    """Where the scores leave it open, the library decides among what is possible."""
    import clevercsv  # most files need no second look
    from clevercsv.cparser import Error
    from clevercsv.exceptions import NoDetectionResult

    sample = text[:LIBRARY_CHARACTERS]
    sample = sample[: sample.rfind("\n") + 1] or sample
    try:
        found = clevercsv.Detector().detect(sample, delimiters=[*DELIMITERS[:-1], " ", *RARE])
    except (Error, NoDetectionResult):
        found = None
    sign = found.delimiter if found is not None else ""
    sign = WHITESPACE if sign == " " else sign
    top = tried[0]
    if sign == top.form.delimiter or sign not in (*DELIMITERS, *RARE):
        return top, ""
    known = next((candidate for candidate in tried if candidate.form.delimiter == sign), None)
    other = known or test_form(text, first, Form(str(sign)), whole)
    if other.score > max(0.8 * top.score, 0.3):
        return other, f"the delimiter may be {top.form.delimiter!r} instead of {sign!r}" if top.width > 1 else ""
    return top, ""


def _one_column(text: str, first: int, whole: bool) -> Candidate:
    """Lines of one cell each: a comma as delimiter if no cell is cut by it, else none."""
    comma = test_form(text, first, Form(","), whole)
    if comma.records and all(len(cells) == 1 for _, cells in comma.records):
        return replace(comma, width=1)
    lone = test_form(text, first, Form("", ""), whole)
    return replace(lone, width=1)


def _refined(text: str, first: int, top: Candidate, whole: bool) -> Candidate:
    """The candidate with an escape, without quotes or with blanks after delimiters, where that makes more sense."""
    if top.form.delimiter in ("", WHITESPACE):
        return top
    sign = top.form.delimiter
    if not sign.isspace():
        followed = text.count(f"{sign} ")
        if followed and followed >= 0.9 * (text.count(sign) - text.count(f"{sign}\n")):
            top = test_form(text, first, replace(top.form, spaces=True), whole)
    if f"\\{sign}" in text and not top.form.escape:
        escaped = test_form(text, first, replace(top.form, escape="\\"), whole)
        top = escaped if escaped.score > top.score else top
    if top.broken and _strays(text, first, top, whole):
        top = test_form(text, first, replace(top.form, quote=""), whole)
    return top


def _strays(text: str, first: int, top: Candidate, whole: bool) -> bool:
    """Whether quotes only stand within texts, as files without any quoting have them."""
    quote = top.form.quote
    bare = test_form(text, first, replace(top.form, quote=""), whole)
    cells = [cell for _, row in bare.records for cell in row if cell.startswith(quote)]
    proper = sum(1 for cell in cells if len(cell) > 1 and cell.endswith(quote))
    if bare.score <= top.score or bare.width != top.width:
        return False
    return 2 * proper <= len(cells) if top.form.delimiter == "\t" else not proper and bool(cells)
