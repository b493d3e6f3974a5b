"""A file is scored row for row, and what cannot be scored says why."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from serve import model
from serve.model import Model
from serve.predict import predict
from stages.errors import DataError

GOOD = ["UA", "2013-11-30", "1815", "39.5", "180", "false", "2013-11-30T17:00:00Z", "jet"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Model:
    root = tmp_path_factory.mktemp("model")
    tiny.write(root / "model")
    (root / "model" / "champion.json").write_text('{"version": null}')
    return model.load(root)


def table(path: Path, *lines: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return path


def changed(**cells: str) -> list[str]:
    return [cells.get(name.replace(" ", "_"), cell) for name, cell in zip(tiny.ROW, GOOD, strict=True)]


def answers(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_clean_table_is_scored_as_the_service_scores_it(served: Model, tmp_path: Path) -> None:
    # given a clean table with columns that are no inputs
    tiny.write_hold_out(tmp_path, count=2500)
    # when
    assert predict(served, tmp_path / "clean.csv", tmp_path / "out.csv") == (2500, 0)
    # then the table is there as it was, and the predictions beside it
    source, result = answers(tmp_path / "clean.csv"), answers(tmp_path / "out.csv")
    assert list(result[0]) == [*source[0], "prediction", "probability_no", "probability_yes", "reason"]
    for before, after, row in zip(source, result, tiny.rows(2500), strict=True):
        assert before.items() <= after.items()
        assert float(after["probability_yes"]) == pytest.approx(tiny.chance(row), abs=1e-9)
        assert after["prediction"] == ("yes" if tiny.chance(row) >= tiny.THRESHOLD else "no")
        assert after["reason"] == ""


def test_rows_that_cannot_be_scored_stand_in_their_place_and_say_why(served: Model, tmp_path: Path) -> None:
    # given good rows and one of each kind of bad row
    bad = [
        (changed(carrier=""), "carrier: must be a string, not null"),
        (changed(day="30.11.2013"), "day: must be a date"),
        (changed(sched="18.5"), "sched: must be an integer, not a string"),
        (changed(sched="true"), "sched: must be an integer"),
        (changed(temp="warm"), "temp: must be a number or null"),
        (changed(temp="nan"), "temp: must be a number or null"),
        (changed(temp="inf"), "temp: must be a number or null"),
        (changed(temp="1e999"), "temp: must be a number or null"),
        (changed(temp="1_0"), "temp: must be a number or null"),
        (changed(temp="٣"), "temp: must be a number or null"),
        (changed(seats="9" * 17), "seats: must lie between"),
        (changed(holiday="no"), "holiday: must be true or false or null"),
        (changed(seen="2013-11-30 17:00"), "seen: must be a time in UTC"),
        (GOOD[:-1], "has 7 cells, but the header has 8"),
        ([*GOOD, "more"], "has 9 cells, but the header has 8"),
        ([], "has 0 cells"),
    ]
    lines = [line for row, _ in bad for line in (GOOD, row)]
    source = table(tmp_path / "in.csv", list(tiny.ROW), *lines)
    # when
    assert predict(served, source, tmp_path / "out.csv") == (len(bad), len(bad))
    # then
    result = answers(tmp_path / "out.csv")
    assert len(result) == 2 * len(bad)
    assert all(row["prediction"] and not row["reason"] for row in result[::2])
    for row, (_, reason) in zip(result[1::2], bad, strict=True):
        assert (row["prediction"], row["probability_yes"]) == ("", "")
        assert reason in row["reason"]


def test_nullable_columns_may_be_absent_and_spellings_differ(served: Model, tmp_path: Path) -> None:
    # given a file with a byte order mark, in another order, with only what must be there
    source = tmp_path / "in.csv"
    source.write_text("\ufeffsched,carrier,day\r\n515.0,UA,2013-11-30\r\n", encoding="utf-8")
    # when, then
    assert predict(served, source, tmp_path / "out.csv") == (1, 0)
    [row] = answers(tmp_path / "out.csv")
    expected = tiny.chance({"carrier": "UA", "day": "2013-11-30", "sched": 515})
    assert float(row["probability_yes"]) == pytest.approx(expected, abs=1e-9)


def test_a_file_may_be_written_over_itself(served: Model, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", list(tiny.ROW), GOOD)
    assert predict(served, source, source) == (1, 0)
    assert answers(source)[0]["prediction"] == "no"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "in.csv is missing"),
        (b"", "has no column 'carrier'"),
        (b"carier,day,sched\n", "no column 'carrier'. Did you mean 'carier'?"),
        (b"carrier,day,sched,day\n", "the column 'day' twice"),
        (b"carrier,day,sched,prediction\n", "already has a column 'prediction'"),
        (b"carrier,day,sched\nUA,2013-11-30,515\nU\xff,2013-11-30,515\n", "is not UTF-8"),
        (b'carrier,day,sched\n"UA,' + b"x" * 200_000, "is no table after 0 rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_nothing_is_written(
    served: Model, tmp_path: Path, content: bytes | None, said: str
) -> None:
    # given a bad file and the last good answer
    source, result = tmp_path / "in.csv", tmp_path / "out.csv"
    if content is not None:
        source.write_bytes(content)
    result.write_text("the last good one")
    # when, then
    with pytest.raises(DataError, match=said.replace("?", r"\?")):
        predict(served, source, result)
    assert result.read_text() == "the last good one"
    assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", "out.csv"}


def test_a_table_without_rows_is_answered_with_a_header(served: Model, tmp_path: Path) -> None:
    assert predict(served, table(tmp_path / "in.csv", list(tiny.ROW)), tmp_path / "out.csv") == (0, 0)
    assert answers(tmp_path / "out.csv") == []


def test_the_command_scores_a_large_file_in_little_memory(repo: Path, tmp_path: Path) -> None:
    # given 60,000 rows with a long note each, 60 MB, and a process that may hold 700 MB
    source = table(tmp_path / "in.csv", [*tiny.ROW, "note"], *[[*GOOD, "n" * 1000]] * 60_000)

    code = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_DATA, (700 * 2**20,) * 2)\n"
        "runpy.run_module('serve.predict', run_name='__main__')"
    )
    # when
    ended = subprocess.run(
        [sys.executable, "-c", code, source, tmp_path / "out.csv"],
        cwd=repo,
        capture_output=True,
        text=True,
        timeout=120,
    )
    # then
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("60000 rows scored, 0 could not be")


def test_the_command_says_what_is_wrong(repo: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "serve.predict", "none.csv", "out.csv"], cwd=repo, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == "predict: none.csv is missing."
