"""How a CSV file is written, and the same table in the one form the pipeline reads: UTF-8, LF, comma."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import asdict, dataclass

from stages.errors import SourceError

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
DELIMITERS = ",;\t|"
HEADER_CHARACTERS = 100_000
BLANK_LINE = re.compile(r"^\n", re.MULTILINE)


@dataclass(frozen=True)
class Dialect:
    """What was found: encoding, delimiter and line end."""

    encoding: str
    delimiter: str
    line_end: str

    def as_dict(self) -> dict[str, str]:
        """The dialect as the manifest records it."""
        return asdict(self)


@dataclass(frozen=True)
class Table:
    """A CSV table in the pipeline's form, with what was found on the way."""

    content: bytes
    columns: list[str]
    rows: int
    dialect: Dialect


def normalised(name: str, content: bytes, encoding: str) -> Table:
    """The table in UTF-8, with LF and commas; each line keeps its number.

    Raises SourceError for text of another encoding, no header, no row, or quotes that are not closed.
    """
    found = next((kind for mark, kind in MARKS.items() if content.startswith(mark)), encoding)
    text = _decoded(name, content, found)
    line_end = "crlf" if "\r\n" in text else "cr" if "\r" in text else "lf"
    if line_end != "lf":
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    unquoted = re.sub(r'"[^"]*"', "", text[:HEADER_CHARACTERS]).partition("\n")[0]
    delimiter = max(DELIMITERS, key=unquoted.count)
    if delimiter == "," and '"' not in text:
        plain = text if text.endswith("\n") else text + "\n"
        columns = plain.partition("\n")[0].split(",")
        rows = plain.count("\n") - len(BLANK_LINE.findall(plain)) - 1
    else:
        plain, columns, rows = _rewritten(name, text, delimiter)
    _check_header(name, columns)
    if rows < 1:
        raise SourceError(f"{name} has a header but no rows. Fetch it again, or remove it from ingest.tables.")
    return Table(plain.encode(), columns, rows, Dialect(found, delimiter, line_end))


def _decoded(name: str, content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SourceError(
            f"{name}, line {line}: byte 0x{content[error.start]:02x} is not {encoding}. "
            "Set ingest.encoding (cp1252 is common), or save the file as UTF-8."
        ) from None
    except LookupError:
        raise SourceError(f"ingest.encoding: Python knows no encoding '{encoding}'. Try utf-8 or cp1252.") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise SourceError(f"{name}, line {line}: a NUL character, so this is no CSV text. Fetch the file again.")
    return text


def _check_header(name: str, columns: list[str]) -> None:
    blank = [position for position, column in enumerate(columns, 1) if not column.strip()]
    if not columns or blank:
        raise SourceError(f"{name}, line 1: column {blank[0] if blank else 1} has no name. Give each column a name.")
    double = next((column for column in columns if columns.count(column) > 1), None)
    if double is not None:
        raise SourceError(f"{name}, line 1: column '{double}' stands there twice. Rename one of them.")


def _rewritten(name: str, text: str, delimiter: str) -> tuple[str, list[str], int]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns: list[str] = []
    rows = -1  # the header is none
    start = 1
    try:
        for record in records:
            columns = columns or record
            writer.writerow(record)  # a blank line stays one, so that no later line changes its number
            rows += bool(record)
            start = records.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"{name}, line {start}: {error}. Close each quote, and double each quote inside a quoted value."
        ) from None
    return out.getvalue(), columns, rows
