"""What the features are, as data: checked by name and type, and the same rows whichever way the table is cut."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from stages.core.errors import DataError, ParamsError
from stages.table import csv_io, schema
from stages.table.schema import Column
from stages.transform import definition
from stages.transform.definition import Derivation, Feature, build_features, define_features

INPUTS = [
    Column(name, kind, "input", True, "trips")
    for name, kind in [
        ("day", "date"),
        ("moment", "time"),
        ("clock", "integer"),
        ("distance", "number"),
        ("car", "category"),
    ]
]
DROP = ["day", "moment"]
TARGET = "late"


def test_features_are_the_inputs_kept_then_those_derived() -> None:
    made = define_features(INPUTS, [Derivation("hour", "hour", ["moment"])], [*DROP, "clock"], TARGET)

    assert made.columns == [Feature("distance", "number"), Feature("car", "category"), Feature("hour", "number")]
    assert made.types == {"distance": "number", "car": "category", "hour": "number"}


def test_a_step_may_take_one_before_it_and_that_one_may_be_dropped() -> None:
    steps = [Derivation("minutes", "clock_minutes", ["clock"]), Derivation("pace", "ratio", ["distance", "minutes"])]

    made = define_features(INPUTS, steps, [*DROP, "minutes", "clock"], TARGET)

    assert list(made.types) == ["distance", "car", "pace"]


@pytest.mark.parametrize(
    ("steps", "drop", "message"),
    [
        ([("a", "mnth", ["day"])], DROP, r"features.derive: a: no kind 'mnth'. It can be .* Did you mean 'month'\?"),
        ([("a", "month", ["dya"])], DROP, r"features.derive: a: no input 'dya'. Did you mean 'day'\?"),
        ([("a", "month", ["late"])], DROP, "features.derive: a: no input 'late'"),
        ([("a", "month", ["car"])], DROP, "features.derive: a: 'month' takes a date, but 'car' is a category"),
        ([("a", "hour", ["day"])], DROP, "features.derive: a: 'hour' takes a time, but 'day' is a date"),
        ([("a", "ratio", ["clock"])], DROP, "features.derive: a: 'ratio' takes 2 columns, not 1"),
        ([("car", "month", ["day"])], DROP, "features.derive: car: a column of this name exists already"),
        ([("late", "month", ["day"])], DROP, "'late' is no name for a feature"),
        ([], [*DROP, "cra"], r"features.drop: no input 'cra'. Did you mean 'car'\?"),
        ([], ["day"], "'moment' is a time, which no estimator takes as it is"),
        ([], [*DROP, "clock", "distance", "car"], "features.drop leaves no feature"),
    ],
)
def test_a_definition_that_cannot_be_is_told(
    steps: list[tuple[str, str, list[str]]], drop: list[str], message: str
) -> None:
    with pytest.raises(ParamsError, match=f"params.yaml: .*{message}|params.yaml: {message}"):
        define_features(INPUTS, [Derivation(*step) for step in steps], drop, TARGET)


def test_cutting_the_table_changes_no_feature(ran: Path) -> None:
    columns = schema.read(ran / "data/schema.json")
    made = definition.read(ran / "data/features.json")
    rows = csv_io.read(ran / "data/clean.csv", columns.types)[[column.name for column in columns.inputs]]
    whole = build_features(rows, columns.types, made)

    for seed in range(5):
        cuts = sorted(random.Random(seed).sample(range(1, len(rows)), 7))
        pieces = [rows.iloc[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
        apart = pd.concat([build_features(piece, columns.types, made) for piece in pieces])
        assert_frame_equal(apart, whole)


def test_building_fits_nothing_and_changes_nothing(ran: Path) -> None:
    columns = schema.read(ran / "data/schema.json")
    made = definition.read(ran / "data/features.json")
    rows = csv_io.read(ran / "data/clean.csv", columns.types)[[column.name for column in columns.inputs]]
    before = rows.copy(deep=True)

    alone = build_features(rows.iloc[[100]], columns.types, made)

    assert_frame_equal(rows, before)
    assert_frame_equal(alone, build_features(rows, columns.types, made).iloc[[100]])


def test_a_definition_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "features.json"
    made = define_features(INPUTS, [Derivation("hour", "hour", ["moment"])], DROP, TARGET)
    path.write_bytes(msgspec.json.encode(made))

    assert definition.read(path) == made


@pytest.mark.parametrize("text", [None, "", "{}", "{"])
def test_a_missing_or_damaged_definition_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "features.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(DataError, match=r"features.json is missing or damaged .* Run `dvc repro`"):
        definition.read(path)
