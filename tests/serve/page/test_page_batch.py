"""The result of a file, as it is counted and made harmless before it is handed back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import asked
import pytest

from serve.page import batch
from serve.page.csv_injection import neutralize

HEADER = ["carrier", "temp", "prediction", "probability_no", "probability_yes", "warnings", "reason"]


def result(*rows: list[str], header: list[str] = HEADER) -> io.StringIO:
    made = io.StringIO(newline="")
    csv.writer(made).writerows([header, *rows])
    made.seek(0)
    return made


def test_rows_are_counted_summed_up_and_named_by_their_lines(tmp_path: Path) -> None:
    model = asked.model(tmp_path)
    rows = [["UA", "50", "no", "0.75", "0.25", ""], ["AA", "x", "", "", "", "temp is not of type number: 'x'"],
            ["AA", "60", "yes", "0.25", "0.75", ""]]  # fmt: skip
    found = batch.read_result(result(*rows), model.manifest)
    assert (found.rows, found.scored, found.mean) == (3, 2, 0.5)
    assert found.predictions == {"no": 1, "yes": 1}
    assert found.bad == [(3, "temp is not of type number: 'x'")]
    assert found.head == [HEADER, *rows]
    assert list(csv.reader(io.StringIO(found.csv, newline=""))) == [HEADER, *rows]


def test_of_many_bad_rows_the_first_are_told_and_all_are_counted(tmp_path: Path) -> None:
    model = asked.model(tmp_path)
    found = batch.read_result(result(*([["UA", "x", "", "", "", "why"]] * 100)), model.manifest)
    assert (found.rows, found.scored, len(found.bad), found.mean) == (100, 0, batch.MAX_REASONS, None)
    assert len(found.head) == 1 + batch.HEAD_ROWS


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0", "-", "+"]
)
def test_no_cell_begins_a_formula_wherever_it_stands(tmp_path: Path, cell: str) -> None:
    model = asked.model(tmp_path)
    found = batch.read_result(
        result([cell, cell, "no", "1", "0", "", cell], header=[cell, *HEADER[1:]]), model.manifest
    )
    made = list(csv.reader(io.StringIO(found.csv, newline="")))
    assert made[0][0] == f"'{cell}"
    assert made[1] == [f"'{cell}", f"'{cell}", "no", "1", "0", "", f"'{cell}"]


@pytest.mark.parametrize("cell", ["", "-3.5", "+1e-7", "-1,234.5", "12%", "a=b", "2013-11-30", "Größe"])
def test_numbers_and_words_stay_as_they_are(cell: str) -> None:
    assert neutralize(cell) == cell


@pytest.mark.parametrize("cell", [" =1+1", "\u00a0@SUM(A1)", "  -2+3", "\t +x", "\u3000\uff1d1"])
def test_blanks_before_a_formula_hide_it_from_nobody(cell: str) -> None:
    assert neutralize(cell) == f"'{cell}"
    assert neutralize(" -3.5 ") == " -3.5 "


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b",".join(b"c%d" % number for number in range(100_000)) + b"\n1\n", "5,000 columns"),
        (b"a;b\n" + b";" * 6000, "5,000 columns"),
        (b"a\r" + b"1\r" * 60_000, "50,000 rows"),
    ],
)
def test_a_file_that_is_too_wide_or_too_long_is_refused_before_it_is_read(content: bytes, said: str) -> None:
    with pytest.raises(batch.FileRefused, match=said) as refused:
        batch.check_file(content)
    assert refused.value.status == 413
    batch.check_file(b",".join(b"c%d" % number for number in range(5000)) + b"\n1\n")


def test_a_very_long_cell_is_handed_back(tmp_path: Path) -> None:
    model = asked.model(tmp_path)
    assert batch.read_result(result(["x" * 200_000, "1", "no", "1", "0", "", ""]), model.manifest).scored == 1


def test_why_a_file_was_not_scored_is_a_sentence_without_the_names_of_our_files() -> None:
    said = "predict: note: x\npredict: rows.csv: there is no column 'day'. Nothing was written.\n"
    assert batch._find_reason(1, said, "rows.csv") == ("There is no column 'day'. The example file shows the columns.")
    assert batch._find_reason(-9, "", "rows.csv") == "The file could not be scored (code -9)."


def test_one_file_at_a_time(tmp_path: Path) -> None:
    model = asked.model(tmp_path)
    with batch._slots, pytest.raises(batch.FileRefused, match="Another file is being scored") as refused:
        batch.score_file(b"a\n1\n", "rows.csv", model)
    assert refused.value.status == 503


def test_a_carriage_return_within_a_cell_begins_no_row(tmp_path: Path) -> None:
    model = asked.model(tmp_path)
    found = batch.read_result(result(["x\r=cmd", "1", "no", "1", "0", "", ""]), model.manifest)
    assert found.csv.count('"x\r=cmd"') == 1
