"""How a CSV file is written, found from its beginning: encoding, delimiter, quotes, comments, header."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stages.core.errors import SourceError
from stages.ingest.csv import encodings, headers
from stages.ingest.csv.compression import check_kind
from stages.ingest.csv.delimiters import Candidate, choose_delimiter, test_form
from stages.ingest.csv.encodings import AUTO, Encoding
from stages.ingest.csv.parser import WHITESPACE, Form
from stages.ingest.csv.start import find_first, has_expected, is_known, trim

COMMENTS = "#%"
NO_TABLE = {
    r"<(!doctype|html|head|body)\b": "a web page, perhaps an error page or a log-in",
    r"<\?xml|<[a-z]+[^,;\t|]*>\s*<": "an XML document",
    r"\{\s*(\"|\})|\[\s*[\[{]": "JSON",
    r"(%[^\n]*\n|\s)*@relation\b": "an ARFF file",
    r"version https://git-lfs\.github\.com": "a pointer of Git LFS (run `git lfs pull`)",
}
"""How texts begin that are no CSV."""


@dataclass(frozen=True)
class Dialect:
    """What was found. `start` is the line of the header, or of the first record where there is none."""

    encoding: str
    delimiter: str
    line_end: str = "lf"
    quote: str = '"'
    escape: str = ""
    spaces: bool = False
    comment: str = ""
    header: bool = True
    start: int = 1
    errors: str = "strict"
    doubt: str = ""

    @property
    def form(self) -> Form:
        """How a line's cells are told apart."""
        return Form(self.delimiter, self.quote, self.escape, self.spaces)


def find_dialect(
    name: str,
    sample: bytes,
    encoding: str = AUTO,
    delimiter: str = AUTO,
    names: Sequence[str] = (),
    like: Sequence[str] = (),
) -> Dialect:
    """The dialect of the file that begins with the sample.

    names: the columns of a file without header line. like: the columns of files of the same table.
    Raises SourceError when the sample is no text, no table, or not in the encoding that was told.
    """
    check_kind(name, sample)
    coding = encodings.find_encoding(name, [sample], encoding, whole=False)
    return look_at(name, sample, coding, delimiter, names, like).dialect


class Look(NamedTuple):
    """What the beginning of a file shows: its dialect, the usual number of cells, and the first records.

    `above` are the records above the table, `rows` those of it (line, cells), without the header.
    """

    dialect: Dialect
    width: int
    rows: list[tuple[int, list[str]]]
    above: list[tuple[int, list[str]]]


def look_at(
    name: str,
    sample: bytes,
    coding: Encoding,
    delimiter: str = AUTO,
    names: Sequence[str] = (),
    like: Sequence[str] = (),
    whole: bool = False,
    expected: Collection[str] = (),
) -> Look:
    """The dialect of a file in a known encoding, by its beginning (`whole`: by all of it).

    expected: names of columns of which the header, if there is one, has some.
    """
    raw = codecs.getincrementaldecoder(coding.name)(coding.errors).decode(sample, final=whole)
    text, line_end = _unified(raw.removeprefix("\ufeff"))
    start = text.lstrip()
    for pattern, what in NO_TABLE.items():
        if re.match(pattern, start, re.IGNORECASE):
            raise SourceError(f"{name} is {what}, not CSV. Fetch the table itself.")
    if not start:
        raise SourceError(f"{name} holds only blank lines. Fetch it again, or leave it out.")
    lines, comment, told = _preface(text)
    body = "".join(text.split("\n", lines)[lines:])
    if not body.strip():
        raise SourceError(f"{name} holds only comments, no table. Fetch it again, or leave it out.")
    sign = _delimiter(told if told and delimiter == AUTO else delimiter)
    top, doubt = choose_delimiter(body, lines + 1, sign, whole)
    if not top.records:
        raise SourceError(
            f"{name}, line {lines + 1}: a quote is opened in the first record and not closed. Close it, or double it "
            "inside a quoted value."
        )
    begin = find_first(top, names, like, expected)
    above, table = top.records[:begin], top.records[begin:]
    (line, first), records = table[0], [cells for _, cells in table]
    commented = _commented_header(text, line, top, comment, records)
    if commented:
        line, first = commented
        table = [(line, first), *table]
        records = [first, *records]
    header, doubtful = (True, "") if commented else _header(records, top.width, names, like, expected)
    doubts = [coding.doubt, doubt, doubtful]
    dialect = Dialect(
        encoding=coding.name,
        delimiter=top.form.delimiter,
        line_end=line_end,
        quote=top.form.quote,
        escape=top.form.escape,
        spaces=top.form.spaces,
        comment=comment,
        header=header,
        start=line,
        errors=coding.errors,
        doubt="; ".join(filter(None, doubts)),
    )
    return Look(dialect, top.width, table[1:] if dialect.header else table, above)


def _unified(text: str) -> tuple[str, str]:
    """The text with LF, and how its lines end."""
    pairs, returns, feeds = text.count("\r\n"), text.count("\r"), text.count("\n")
    if not returns:
        return text, "lf"
    end = "crlf" if pairs == returns == feeds else "cr" if not feeds else "mixed"
    if text.endswith("\r") and pairs == feeds == returns - 1:
        end = "crlf"  # the sample ends within a line end
    return text.replace("\r\n", "\n").replace("\r", "\n"), end


def _preface(text: str) -> tuple[int, str, str]:
    """How many blank and comment lines stand before the table, the comments' sign, and a delimiter told by `sep=`."""
    lines, comment, told = 0, "", ""
    for line in text.split("\n"):
        bare = line.strip().strip('"')
        if re.fullmatch(r"sep=[^\w\"'\\]", bare, re.IGNORECASE) or line.lower() == "sep=\t":
            told = line.strip('"\n')[4:5] or bare[4]
        elif bare[:1] in tuple(COMMENTS) and line.lstrip()[:1] != '"' and not re.match(r"#[,;|\t]", line):
            comment = bare[0]
        elif bare:
            break
        lines += 1
    return lines, comment, told


def _delimiter(asked: str) -> str:
    """The delimiter as told in params. Raises SourceError unless it is one character, auto, tab or whitespace."""
    asked = {"tab": "\t", "\\t": "\t", " ": WHITESPACE}.get(asked, asked)
    if asked in (AUTO, WHITESPACE) or (len(asked) == 1 and asked not in "\"'\\\n\r"):
        return asked
    raise SourceError(f"ingest.delimiter: '{asked}' is no delimiter. Write auto, whitespace or one character.")


def _commented_header(
    text: str, line: int, top: Candidate, comment: str, rows: list[list[str]]
) -> tuple[int, list[str]] | None:
    """The last comment line before the record on `line`, if it names the columns, as `# a b c` does."""
    if not comment or line < 2 or top.width < 2:
        return None
    last = text.split("\n", line - 1)[line - 2].strip()
    cells = next((cells for _, cells in test_form(last.lstrip(comment).strip(), 1, top.form, True).records), [])
    full = [row for row in rows[:200] if len(row) == top.width]
    if not last.startswith(comment) or len(cells) != top.width or not full or headers.judge_header(full).header:
        return None
    return (line - 1, cells) if headers.judge_header([cells, *full]).header else None


def _header(
    records: list[list[str]], width: int, names: Sequence[str], like: Sequence[str], expected: Collection[str]
) -> tuple[bool, str]:
    first = [headers.tidy_cell(cell) for cell in records[0]]
    if is_known(first, names, like) or has_expected(first, expected):
        return True, ""
    if not names and len(first) != width and len(records) > 1 and len(trim(first)) < width:
        return True, ""  # narrower than what it stands above
    rows = [cells for cells in records[1:] if len(cells) == width]
    padded = [*first[:width], *[""] * (width - len(first))]
    verdict = headers.judge_header([padded, *rows[:200]])
    if names:
        said = "names are given, but the first line looks like a header with others: it is read as values"
        return False, said if verdict.header and rows and not verdict.doubt else ""
    return verdict.header, verdict.doubt
