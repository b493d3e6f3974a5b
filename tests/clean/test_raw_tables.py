"""The distinct texts of each column, file by file, however the rows are cut."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import snapshot
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.raw_tables import RawTable, Texts, count_texts, read_table
from stages.table.csv_io import FILE, LINE


@given(st.lists(st.sampled_from(["a", " a", "b", "", " ", "A", "\u00a0b"])))
def test_stripped_texts_are_counted(texts: list[str]) -> None:
    found = count_texts(pd.Series(texts, dtype="str"))

    assert found.to_dict() == pd.Series([text.strip() for text in texts], dtype="str").value_counts().to_dict()


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2", " 2"])), min_size=1))
def test_the_files_together_are_the_column(rows: list[tuple[str, str]]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    frame = pd.DataFrame(rows, columns=[FILE, "n"], dtype="str").assign(**{LINE: 2})

    texts = Texts(frame)

    assert texts.columns == ["n"]
    assert texts.counts("n").to_dict() == count_texts(frame["n"]).to_dict()
    for file, part in texts.by_file("n").items():
        assert part.to_dict() == count_texts(frame.loc[frame[FILE] == file, "n"]).to_dict()


@pytest.mark.parametrize(("header", "names"), [(True, []), (False, ["y", "z"])])
def test_names_are_those_given_where_files_have_no_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: bool, names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data/raw").mkdir(parents=True)
    Path("data/raw/b.csv").write_text("y,z\n1,2\n")
    files = [snapshot.entry("b.csv", "b", ["y", "z"], header=header)]

    assert read_table("b", files).bare_names == names


def test_a_frame_is_a_table_of_text_without_a_file() -> None:
    made = RawTable.of(pd.DataFrame({"a": [1, None], "b": ["x", "y"]}, index=[7, 8]))

    assert made.rows[["a", "b"]].to_numpy().tolist() == [["1.0", "x"], ["", "y"]]
    assert made.rows[LINE].tolist() == [2, 3]
    assert made.sources == made.rows[FILE].unique().tolist()
