"""A file to be scored is read as ingest reads one: the same lines are its header and its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from serve.table import source
from stages.errors import DataError
from stages.source import records
from stages.source.nonrows import NOTE, UNITS

ROWS = "EUR,count,\n5.5,1,Rome\n6.5,2,Bonn\n7.5,2,Oslo\n"
TEXT = f"May export,,\nby Ann,,\n\namount,visits,town\n{ROWS}\nAll paid in cash,,\n"


def read(path: Path, needed: list[str]) -> tuple[list[str], list[source.Block]]:
    with source.opened(path, needed) as opened:
        return opened.columns, list(opened.blocks())


def test_lines_that_are_no_rows_keep_their_place_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8")

    columns, [block] = read(path, ["town", "amount"])
    table = records.normal(path, tmp_path / "normal.csv")

    assert columns == table.columns == ["amount", "visits", "town"]
    assert {block.lines[place]: reason for place, reason in block.aside.items()} == {5: UNITS, 10: NOTE}
    assert [record.line for record in table.aside] == [5, 10]
    assert block.of_rows["town"].to_pylist() == ["Rome", "Bonn", "Oslo"]
    assert not block.ragged


def test_the_names_that_the_model_needs_show_the_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("from,to,of\nMay,June,all\n" + TEXT.partition("\n\n")[2], encoding="utf-8")

    assert read(path, ["town", "amount"])[0] == ["amount", "visits", "town"]


def test_one_row_below_its_header_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("town,kind\nRome,big\n", encoding="utf-8")

    assert read(path, ["kind"])[1][0].columns["town"].to_pylist() == ["Rome"]


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2\n3,4\n", encoding="utf-8")

    with pytest.raises(DataError, match="has no line with the names of its columns"):
        read(path, ["town"])
