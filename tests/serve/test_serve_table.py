"""A file to be scored is read as ingest reads one: the same lines are its header and its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from serve.predict import input_file
from serve.predict.inputs import InputReader
from stages.contracts.manifest import Input
from stages.core.errors import DataError
from stages.ingest.csv import reader
from stages.ingest.csv.nonrows import NOTE, TOTAL, UNITS
from stages.table.schema import Reading, SourceColumn

ROWS = "EUR,count,\n5.5,1,Rome\n6.5,2,Bonn\n7.5,2,Oslo\n"
TEXT = f"May export,,\nby Ann,,\n\namount,visits,town\n{ROWS}\nAll paid in cash,,\n"


def read(path: Path, needed: list[str]) -> tuple[list[str], list[input_file.Block]]:
    with input_file.open_source(path, needed) as opened:
        return opened.columns, list(opened.read_blocks())


def test_lines_that_are_no_rows_keep_their_place_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TEXT, encoding="utf-8")

    columns, [block] = read(path, ["town", "amount"])
    table = reader.normalize(path, tmp_path / "normal.csv")

    assert columns == table.columns == ["amount", "visits", "town"]
    assert {block.lines[place]: reason for place, reason in block.aside.items()} == {5: UNITS, 10: NOTE}
    assert [record.line for record in table.aside] == [5, 10]
    assert block.table_columns["town"].to_pylist() == ["Rome", "Bonn", "Oslo"]


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


FEW = "brand,price,sold\nEUR,EUR,\nShell,10,1\nEsso,20,0\nTotal,30,\nSource: books\n"
READING = Reading(columns={"brand": SourceColumn("category"), "price": SourceColumn("number")}, missing=[""])
INPUTS = [Input("brand", "category", nullable=True), Input("price", "number", nullable=True)]


def test_a_line_that_ingest_sets_aside_is_scored_if_its_inputs_can_be_read(tmp_path: Path) -> None:
    # given a file of so few rows that one of them adds up those above it by chance
    path = tmp_path / "a.csv"
    path.write_text(FEW, encoding="utf-8")
    with input_file.open_source(path, ["brand", "price"]) as opened:
        [block] = list(opened.read_blocks())

    # when its rows are read
    found = InputReader(READING, INPUTS, [], set()).read(block)

    # then each that can be scored is, and of the others it says what they are
    assert block.aside == {0: UNITS, 3: TOTAL, 4: NOTE}
    assert found.places.tolist() == [1, 2, 3]
    assert found.inputs["brand"].tolist() == ["Shell", "Esso", "Total"]
    assert found.reasons == {0: UNITS, 4: NOTE}
