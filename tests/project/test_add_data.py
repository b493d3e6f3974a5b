"""make add-data: a month arrives; what it brings is told, what does not fit is refused, and then the story goes on."""

from __future__ import annotations

import gzip
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import small

LAST = "flights-2013-12.csv.gz"


@pytest.fixture(scope="module")
def before(ran: Path, shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The repository before December arrived, everything run, its model approved. Copy it."""

    def make(folder: Path) -> None:
        shutil.copytree(ran, folder, symlinks=True, dirs_exist_ok=True)
        (folder / "data/source" / LAST).rename(folder.parent / LAST)
        fixed = '    validation_from: "2013-09-01"\n    test_from: "2013-11-01"\n'
        small.edit(folder / "params.yaml", fixed, "    validation: 2 months before\n    test: last 2 months\n")
        assert small.repro(folder)
        small.commit(folder, "January to November")
        done = run(folder, "approve", "--by", "Ada")
        assert done.returncode == 0, done.stderr

    return shared("before", make)


@pytest.fixture
def repo(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(before, tmp_path / "repo", symlinks=True))


@pytest.fixture
def month(before: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(before.parent / LAST, tmp_path))


def run(folder: Path, command: str, *arguments: str) -> CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", f"stages.{command}", *arguments)


def borders(folder: Path) -> tuple[str, str]:
    rule = json.loads((folder / "data/features.json").read_text())["rule"]
    return rule["validation_from"], rule["test_from"]


def rows_of(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode().splitlines()


def test_a_month_arrives_and_the_story_goes_on(repo: Path, month: Path) -> None:
    # given a model in use, when the next month is added
    added = run(repo, "add_data", str(month))

    # then what it brings is told: rows, the period, and where they go
    assert added.returncode == 0, added.stderr
    lines = added.stdout.splitlines()
    assert lines[0].startswith(f"{LAST}: a file of the table flights. It adds ")
    assert any(line.startswith("date: 2013-01-01 to 2013-11-30 becomes 2013-01-01 to 2013-12-31") for line in lines)
    assert next(line for line in lines if line.startswith("Rows by part: ")).count(" to ") == 3
    assert lines[-1] == "Placed. Next: make repro"
    assert (repo / "data/source" / LAST).read_bytes() == month.read_bytes()

    # and the windows move with it: the candidate learns from a month more, and is held against the model in use on
    # rows that neither has learnt from
    assert borders(repo) == ("2013-08-01", "2013-10-01")
    made = run(repo, "repro")
    assert made.returncode == 0, made.stderr
    assert borders(repo) == ("2013-09-01", "2013-11-01")
    manifest, pointer, evaluation = (
        json.loads((repo / name).read_text())
        for name in ("model/manifest.json", "model/champion.json", "metrics/evaluation.json")
    )
    assert manifest["version"] != pointer["version"]
    assert evaluation["champion_state"] == {"version": pointer["version"]}
    assert evaluation["gates"]["no_worse_than_champion"]["result"] == "met"
    small.commit(repo, "December")

    # when it is approved, then it is published
    assert run(repo, "approve", "--by", "Bo").returncode == 0
    assert run(repo, "publish").returncode == 0
    assert (repo / "reports/published/v1.1.0.pdf").exists()


def test_the_same_file_again_is_refused(repo: Path, month: Path) -> None:
    assert run(repo, "add_data", str(month)).returncode == 0
    again = run(repo, "add_data", str(month))
    assert again.returncode == 1
    assert f"data/source/{LAST} is there already, with these very bytes. Nothing was placed." in again.stderr


def rename_column(rows: list[str]) -> list[str]:
    return [rows[0].replace("distance", "miles"), *rows[1:]]


def break_rows(rows: list[str]) -> list[str]:
    return [row.replace("EWR", "9,99") if number % 2 else row for number, row in enumerate(rows)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (rename_column, "miles"),
        (break_rows, "20 fields where the header has 19"),
    ],
    ids=["a column of another name", "broken rows"],
)
def test_what_does_not_fit_is_refused_and_nothing_placed(
    repo: Path, month: Path, change: Callable[[list[str]], list[str]], said: str
) -> None:
    month.write_bytes(gzip.compress("\n".join(change(rows_of(month))).encode(), mtime=0))
    before = sorted(path.name for path in (repo / "data/source").iterdir())
    refused = run(repo, "add_data", str(month))
    assert refused.returncode == 1
    assert said in refused.stderr
    assert refused.stderr.rstrip().endswith("Nothing was placed.")
    assert sorted(path.name for path in (repo / "data/source").iterdir()) == before
    assert small.run(repo, "git", "status", "--porcelain").stdout == ""


def test_rows_that_are_there_are_told_and_alone_refused(repo: Path, month: Path) -> None:
    # given a month that is there, under a name that is not
    twin = month.with_name("flights-2013-10b.csv.gz")
    shutil.copy(repo / "data/source/flights-2013-10.csv.gz", twin)
    refused = run(repo, "add_data", str(twin))
    assert refused.returncode == 1
    assert "flights-2013-10b.csv.gz" in refused.stderr


def test_a_name_that_no_table_takes_is_refused(repo: Path, month: Path) -> None:
    refused = run(repo, "add_data", str(month.rename(month.with_name("december.csv.gz"))))
    assert "no table takes a file named december.csv.gz: params.yaml (ingest.tables) has flights-" in refused.stderr
