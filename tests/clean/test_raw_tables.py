"""The distinct texts of each column, file by file, however the rows are cut."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.raw_tables import Texts, counts, names_without_header
from stages.table.csv_io import FILE, LINE


@given(st.lists(st.sampled_from(["a", " a", "b", "", " ", "A", "\u00a0b"])))
def test_stripped_texts_are_counted(texts: list[str]) -> None:
    found = counts(pd.Series(texts, dtype="str"))

    assert found.to_dict() == pd.Series([text.strip() for text in texts], dtype="str").value_counts().to_dict()


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", " 2"])), min_size=1))
def test_the_files_together_are_the_column(rows: list[tuple[str, str]]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    frame = pd.DataFrame(rows, columns=[FILE, "n"], dtype="str").assign(**{LINE: 2})

    texts = Texts(frame)

    assert texts.columns == ["n"]
    assert texts.counts("n").to_dict() == counts(frame["n"]).to_dict()
    for file, part in texts.by_file("n").items():
        assert part.to_dict() == counts(frame.loc[frame[FILE] == file, "n"]).to_dict()


def test_names_are_those_given_where_files_have_no_header() -> None:
    with_header = {"table": "a", "columns": ["x"], "dialect": {"header": True}}
    without = {"table": "b", "columns": ["y", "z"], "dialect": {"header": False}}

    assert names_without_header("a", [with_header, without]) == []
    assert names_without_header("b", [with_header, without]) == ["y", "z"]
