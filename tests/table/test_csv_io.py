"""What is written is read again, typed as it was; every row keeps its line."""

from __future__ import annotations

import csv
import datetime
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from stages.core.errors import DataError
from stages.ingest.csv.reader import normalize
from stages.table import csv_io

TYPES = {"number": "number", "count": "integer", "kind": "category", "day": "date", "moment": "time", "on": "boolean"}


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """A frame of all types; None is missing."""
    columns = dict(zip(TYPES, zip(*rows, strict=True), strict=True))
    return pd.DataFrame(
        {
            "number": np.array(columns["number"], dtype=float),
            "count": np.array(columns["count"], dtype=float),
            "kind": pd.array(columns["kind"], dtype="str"),
            "day": np.array(columns["day"], dtype="datetime64[ms]"),
            "moment": pd.Series(np.array(columns["moment"], dtype="datetime64[s]")).dt.tz_localize("UTC"),
            "on": pd.array(columns["on"], dtype="boolean"),
        }
    )


days = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))
first, last = datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)  # noqa: DTZ001 they are UTC below
moments = st.datetimes(first, last).map(lambda moment: moment.replace(microsecond=0))
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0\r"), min_size=1)
rows = st.tuples(
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.integers(-(2**53), 2**53),
    st.none() | texts,
    st.none() | days,
    st.none() | moments,
    st.none() | st.booleans(),
)


@examples(50)
@given(st.lists(rows, min_size=1, max_size=5))
def test_every_value_of_every_type_comes_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, ...]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    given_frame = frame(values)

    csv_io.write(path, given_frame)
    found = csv_io.read(path, TYPES)

    assert_frame_equal(found, given_frame, check_exact=True)
    assert csv_io.encode_csv(found) == path.read_bytes()


def test_a_table_looks_as_people_write_it() -> None:
    table = frame([(0.5, 515, "EWR", "2013-01-01", "2013-01-01T10:00:00", True), (2.0, *[None] * 5)])

    assert csv_io.encode_csv(table).decode() == (
        "number,count,kind,day,moment,on\n0.5,515,EWR,2013-01-01,2013-01-01T10:00:00Z,true\n2,,,,,\n"
    )


def test_quotes_are_written_where_a_value_needs_them() -> None:
    table = pd.DataFrame({"name": ['say "hi"', "a,b", "two\nlines", "Köln"]})

    assert list(csv.reader(io.StringIO(csv_io.encode_csv(table).decode(), newline=""))) == [
        ["name"], ['say "hi"'], ["a,b"], ["two\nlines"], ["Köln"],
    ]  # fmt: skip


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n")

    assert list(csv_io.read(path, {"a": "number"}, ["b"]).columns) == ["b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "a.csv is missing. Run `dvc repro`"),
        ("", "a.csv is empty. Run `dvc repro`"),
        ("a,b\n", "a.csv has no rows. Look at data/rejected.csv"),
        ("a,b\nx,1\n", "a.csv does not hold the columns its schema promises: .*invalid value 'x'"),
        ("a,b\n1,2,3\n", "a.csv does not hold the columns its schema promises: .*Expected 2 columns, got 3"),
        ("a\n1\n", "a.csv does not hold the columns its schema promises: .*'b'"),
    ],
)
def test_a_table_that_is_not_what_its_schema_says_is_named(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "a.csv"
    if text is not None:
        path.write_text(text)

    with pytest.raises(DataError, match=message):
        csv_io.read(path, {"a": "number", "b": "number"}, ["a", "b"])


def test_lines_are_right_below_blank_lines_quoted_line_breaks_and_ragged_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,"x\ny"\n\n1,2,3\n"p\nq",2,3\n4,5\n\n7\n8,9\n')

    table, ragged = csv_io.read_text(path)

    assert table.to_pydict() == {"a": ["1", "4", "8"], "b": ["x\ny", "5", "9"], csv_io.LINE: [2, 8, 11]}
    assert [(row.line, row.text, row.expected, row.found) for row in ragged] == [
        (5, "1,2,3", 2, 3),
        (6, '"p\nq",2,3', 2, 3),
        (10, "7", 2, 1),
    ]


def test_nothing_is_guessed_and_nothing_is_missing_yet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n007,\nNA,null\n")

    table, _ = csv_io.read_text(path)

    assert table.select(["a", "b"]).to_pydict() == {"a": ["007", "NA"], "b": ["", "null"]}


@given(
    st.lists(st.lists(st.sampled_from(["1", "", "two\nlines", "a\n\n\nb", 'q"q', "x,y"]), max_size=4), max_size=12),
    st.booleans(),
)
def test_each_row_stands_on_the_line_it_says(
    tmp_path_factory: pytest.TempPathFactory, values: list[list[str]], last: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "lines.csv"
    expected, text = dict[int, list[str]](), "a,b\n"
    for row in [*values, ["1", "1"]]:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerow(row)
        if any(cell.strip() for cell in row):
            expected[text.count("\n") + 1] = row if any(row[2:]) else row[:2]  # a delimiter at the end is no cell
        text += out.getvalue()
    source = path.with_name("source.csv")
    source.write_bytes(text.encode() if last else text.rstrip("\n").encode())
    normalize(source, path, delimiter=",", like=["a", "b"])

    table, ragged = csv_io.read_text(path)

    found = {row[csv_io.LINE]: [row["a"], row["b"]] for row in table.to_pylist()}
    assert found == {line: row for line, row in expected.items() if len(row) == 2}
    assert {row.line: row.found for row in ragged} == {n: len(row) for n, row in expected.items() if len(row) != 2}


def test_a_file_larger_than_a_block_keeps_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = [f"{number},x" if number % 50_000 else f"{number},x,y" for number in range(2, 200_000)]
    path.write_text("a,b\n" + "\n".join(lines) + "\n")

    table, ragged = csv_io.read_text(path)

    assert table["a"].to_pylist() == [str(line) for line in table[csv_io.LINE].to_pylist()]
    assert [row.line for row in ragged] == [50_000, 100_000, 150_000]
