"""The stage: features, target and part of each clean row, in the order of the clean rows."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import small

from stages.core.errors import DataError, ParamsError
from stages.features import __main__ as features
from stages.table import csv_io, schema
from stages.transform import definition


def test_each_row_stands_where_its_clean_row_stands(ran: Path) -> None:
    columns = schema.read(ran / "data/schema.json")
    rows = csv_io.read(ran / "data/clean.csv", columns.types)
    made = csv_io.read(ran / "data/features.csv", definition.read(ran / "data/features.json").types)

    assert len(made) == len(rows)
    assert list(made.columns) == [*definition.read(ran / "data/features.json").types, "late", "split"]
    assert (made["late"] == rows["late"]).all()
    assert (made["distance"] == rows["distance"]).all()
    assert (made["weekday"] == rows["date"].dt.day_of_week).all()
    assert (made["dep_minutes"] == rows["sched_dep_time"] // 100 * 60 + rows["sched_dep_time"] % 100).all()
    month = rows["date"].dt.month
    assert ((made["split"] == "train") == (month <= 8)).all()
    assert ((made["split"] == "test") == (month >= 11)).all()


def test_adding_rows_moves_no_old_row_and_changes_no_old_feature(repo: Path) -> None:
    with Path("data/features.csv").open(encoding="utf-8", newline="") as file:
        old = list(csv.reader(file))
    clean = Path("data/clean.csv")
    lines = clean.read_text(encoding="utf-8").splitlines(keepends=True)
    clean.write_text("".join([*lines, *lines[1:60]]), encoding="utf-8")

    features.work()

    with Path("data/features.csv").open(encoding="utf-8", newline="") as file:
        new = list(csv.reader(file))
    assert new[: len(old)] == old
    assert new[len(old) :] == old[1:60]
    assert repo == Path.cwd()


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        (
            '    test_from: "2013-11-01"',
            '    test_from: "2015-11-01"',
            DataError,
            "the test part has no rows. Move the borders",
        ),
        ("    column: date", "    column: dates", ParamsError, r"no column 'dates'. Did you mean 'date'\?"),
        ("    by: time ", "    by: tim ", ParamsError, "features.split.by: 'tim' is not allowed. It can be time, "),
        ("kind: weekday,", "kind: weekdy,", ParamsError, r"no kind 'weekdy'. .* Did you mean 'weekday'\?"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_wrong_params_are_told_and_the_old_features_stay(
    old: str, new: str, error: type[Exception], message: str
) -> None:
    before = Path("data/features.csv").read_bytes()
    small.edit(Path("params.yaml"), old, new)

    with pytest.raises(error, match=message):
        features.work()

    assert Path("data/features.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "data/clean.csv is empty"),
        (None, "data/clean.csv is missing"),
        ("late,date\n", "data/clean.csv does not hold"),
    ],
)
@pytest.mark.usefixtures("repo")
def test_a_clean_table_that_is_none_is_told(text: str | None, message: str) -> None:
    Path("data/clean.csv").unlink()
    if text is not None:
        Path("data/clean.csv").write_text(text)

    with pytest.raises(DataError, match=message):
        features.work()


@pytest.mark.usefixtures("repo")
def test_an_empty_clean_table_is_told() -> None:
    clean = Path("data/clean.csv")
    clean.write_text(clean.read_text(encoding="utf-8").partition("\n")[0] + "\n")

    with pytest.raises(DataError, match=r"data/clean.csv has no rows. Look at data/rejected.csv"):
        features.work()


@pytest.mark.usefixtures("repo")
def test_nothing_is_fitted_before_the_split() -> None:
    written = json.loads(Path("data/features.json").read_text(encoding="utf-8"))

    small.edit(Path("params.yaml"), '    validation_from: "2013-09-01"', '    validation_from: "2013-05-01"')
    features.work()

    made = json.loads(Path("data/features.json").read_text(encoding="utf-8"))
    assert made.pop("rule") != written.pop("rule")
    assert made == written
