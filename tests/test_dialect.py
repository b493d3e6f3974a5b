"""However a CSV file is written, the same table comes out: UTF-8, LF, comma, each line on its number."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.dialect import Dialect, normalised
from stages.errors import SourceError

PLAIN = "city,note\nKöln,a\nParis,b\n"


@pytest.mark.parametrize(
    ("content", "encoding", "dialect"),
    [
        (PLAIN.encode(), "utf-8", Dialect("utf-8", ",", "lf")),
        (PLAIN.encode().rstrip(b"\n"), "utf-8", Dialect("utf-8", ",", "lf")),
        (codecs.BOM_UTF8 + PLAIN.encode(), "utf-8", Dialect("utf-8-sig", ",", "lf")),
        (codecs.BOM_UTF8 + PLAIN.encode(), "cp1252", Dialect("utf-8-sig", ",", "lf")),
        (codecs.BOM_UTF16_LE + PLAIN.encode("utf-16-le"), "utf-8", Dialect("utf-16", ",", "lf")),
        (codecs.BOM_UTF16_BE + PLAIN.encode("utf-16-be"), "utf-8", Dialect("utf-16", ",", "lf")),
        (PLAIN.encode("cp1252"), "cp1252", Dialect("cp1252", ",", "lf")),
        (PLAIN.replace(",", ";").encode(), "utf-8", Dialect("utf-8", ";", "lf")),
        (PLAIN.replace(",", "\t").encode(), "utf-8", Dialect("utf-8", "\t", "lf")),
        (PLAIN.replace(",", "|").encode(), "utf-8", Dialect("utf-8", "|", "lf")),
        (PLAIN.replace("\n", "\r\n").encode(), "utf-8", Dialect("utf-8", ",", "crlf")),
        (PLAIN.replace("\n", "\r").encode(), "utf-8", Dialect("utf-8", ",", "cr")),
        (b'"city","note"\n"K\xc3\xb6ln","a"\n"Paris","b"\n', "utf-8", Dialect("utf-8", ",", "lf")),
        (PLAIN.replace(",", ";").replace("\n", "\r\n").encode("cp1252"), "cp1252", Dialect("cp1252", ";", "crlf")),
    ],
)
def test_however_it_is_written_the_table_is_the_same(content: bytes, encoding: str, dialect: Dialect) -> None:
    table = normalised("a.csv", content, encoding)

    assert table.content.decode() == PLAIN
    assert table.columns == ["city", "note"]
    assert table.rows == 2
    assert table.dialect == dialect


def test_quoted_delimiters_line_breaks_and_quotes_are_part_of_their_value() -> None:
    content = b'"a,b";c\r\n"1;2";"two\r\nlines"\r\n"say ""hi""";x\r\n'

    table = normalised("a.csv", content, "utf-8")

    assert table.content == b'"a,b",c\n1;2,"two\nlines"\n"say ""hi""",x\n'
    assert table.columns == ["a,b", "c"]
    assert table.rows == 2


def test_a_blank_line_is_no_row_and_moves_no_other_line() -> None:
    plain = normalised("a.csv", b"a,b\n1,2\n\n3,4\n\n", "utf-8")
    rewritten = normalised("a.csv", b"a;b\n1;2\n\n3;4\n\n", "utf-8")

    assert plain.rows == rewritten.rows == 2
    assert plain.content == rewritten.content == b"a,b\n1,2\n\n3,4\n\n"


def test_a_header_of_two_lines_is_one_header() -> None:
    table = normalised("a.csv", b'"name\nof city",note\nParis,a\n', "utf-8")

    assert table.columns == ["name\nof city", "note"]
    assert table.rows == 1


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"a,b\n1,\xff\n", "utf-8", "a.csv, line 2: byte 0xff is not utf-8"),
        ("a,b\n1,2\n".encode("utf-16-le"), "utf-8", "line 1: a NUL character"),
        (b"a,b\n1,2\n", "utf9", "ingest.encoding: Python knows no encoding 'utf9'"),
        (b"\na,b\n1,2\n", "utf-8", "line 1: column 1 has no name"),
        (b"a,b,a\n1,2,3\n", "utf-8", "line 1: column 'a' stands there twice"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "utf-8", "line 3: unexpected end of data"),
        (b'a,b\n"1"x,2\n', "utf-8", "line 2: ',' expected after '\"'"),
        (b'a,b\n"' + 200_000 * b"x" + b'",2\n', "utf-8", r"line 2: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_an_error_that_says_where(content: bytes, encoding: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        normalised("a.csv", content, encoding)


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=8)


@settings(max_examples=50)
@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_every_value_survives(rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["first", "second", "third", "fourth"], *rows])

    table = normalised("a.csv", out.getvalue().encode(), "utf-8")

    assert list(csv.reader(io.StringIO(table.content.decode(), newline="")))[1:] == rows
    assert table.rows == len(rows)
