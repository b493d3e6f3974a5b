"""The manifest: names, codes and ranges from which a service makes just what the estimator was given."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.contracts.manifest import Column, Input, Manifest
from stages.core.files import read_struct
from stages.model.encoding import encode_matrix
from stages.model.estimators import fit_encoder
from stages.model.params import Train
from stages.save import manifest
from stages.table import csv_io, schema
from stages.table.schema import Column as SchemaColumn
from stages.table.schema import ColumnType, Schema, Target, to_arrays
from stages.transform import definition
from stages.transform.definition import Definition, Feature
from stages.transform.derivations import Derivation


def test_a_clean_row_becomes_what_the_fitted_encoder_makes_of_its_features(ran: Path) -> None:
    # Given the clean rows, what the manifest says of them, and the pipeline
    described = read_struct(ran / "model/manifest.json", Manifest)
    columns = schema.read(ran / "data/schema.json")
    clean = csv_io.read(ran / "data/clean.csv", columns.types)
    types = definition.read(ran / "data/features.json").types
    features = csv_io.read(ran / "data/features.csv", types)
    encode = joblib.load(ran / "model/trained.pkl")["encode"]

    # When the matrix is made by the manifest alone
    inputs = to_arrays(clean[[column.name for column in described.inputs]], columns.types)
    made = encode_matrix(inputs, described.features)

    # Then it is the encoder's, hold-out values nobody trained on and missing ones included
    assert np.array_equal(made, encode.transform(features[list(types)]), equal_nan=True)
    assert [column.name for column in described.features.columns] == list(encode.get_feature_names_out())
    assert np.isnan(made).any()


def test_pooled_categories_share_their_code_and_all_known_ones_have_one() -> None:
    # Given two categories, one with more values than there are codes, a missing value in the other
    rows = pd.DataFrame(
        {
            "n": np.arange(400.0),
            "tail": [f"v{min(at, 299)}" for at in range(400)],
            "carrier": [None, *["AA", "UA", "B6"] * 133],
        }
    )
    types = {"n": "number", "tail": "category", "carrier": "category"}
    encode = fit_encoder(rows, types, Train(max_rounds=10, max_bins=10))

    # When the manifest describes them
    made = manifest.describe_features(
        Pipeline([("encode", encode)]),
        Definition([Derivation("n", "month", ["date"])], [Feature(name, kind) for name, kind in types.items()]),
    )

    # Then codes are the encoder's, value by value, in its order of columns
    tail, carrier, number = made.columns
    assert [tail.name, carrier.name, number.name] == ["tail", "carrier", "n"]
    assert number == Column("n", "number")
    assert carrier.codes == {"AA": 0, "B6": 1, "UA": 2}
    codes, given = tail.codes or {}, encode.transform(rows)[:, 0]
    assert [codes[value] for value in rows["tail"]] == given.tolist()
    assert len(codes) == 300
    assert len(set(codes.values())) == 10
    assert made.derive == [Derivation("n", "month", ["date"])]


def test_without_categories_there_are_no_codes() -> None:
    rows = pd.DataFrame({"n": [1.0, 2.0]})
    encode = fit_encoder(rows, {"n": "number"}, Train(max_rounds=10))
    made = manifest.describe_features(Pipeline([("encode", encode)]), Definition([], [Feature("n", "number")]))
    assert made.columns == [Column("n", "number")]


def test_an_ordinal_has_its_levels_and_their_positions() -> None:
    # Given an ordinal whose first level no row has
    rows = pd.DataFrame({"size": [1.0, 2.0], "n": [1.0, 2.0]})
    levels = ["small", "medium", "large"]
    known = Definition([], [Feature("size", "ordinal", levels), Feature("n", "number")])
    encode = fit_encoder(rows, known.types, Train(max_rounds=10))

    # Then all levels have their position, and the input names them
    made = manifest.describe_features(Pipeline([("encode", encode)]), known).columns
    assert made[0] == Column("size", "ordinal", {"small": 0, "medium": 1, "large": 2})
    column = SchemaColumn("size", "ordinal", "input", False, "table", levels=levels)
    clean = pd.DataFrame({"size": ["medium", "large"]})
    (entry,) = manifest.describe_inputs(
        Schema("t", "binary", Target("y", ["no", "yes"], "yes", ""), [], [column]), clean
    )
    assert entry == Input("size", "ordinal", False, levels=levels)


def test_a_category_that_is_always_missing_has_no_codes() -> None:
    rows = pd.DataFrame({"c": pd.Series([None, None], dtype="str"), "n": [1.0, 2.0]})
    encode = fit_encoder(rows, {"c": "category", "n": "number"}, Train(max_rounds=10))
    made = manifest.describe_features(Pipeline([("encode", encode)]), Definition([], []))
    assert made.columns[0] == Column("c", "category", {})


def test_inputs_have_the_range_of_the_train_rows() -> None:
    # Given a table with each type of input, one never known, and a column that is no input
    named: dict[str, ColumnType] = {
        "n": "number",
        "i": "integer",
        "d": "date",
        "t": "time",
        "c": "category",
        "never": "number",
    }
    columns = [SchemaColumn(name, kind, "input", name == "n", "table") for name, kind in named.items()]
    columns.append(SchemaColumn("key", "category", "id", False, "table"))
    rows = pd.DataFrame(
        {
            "n": [1.5, np.nan, -2.0],
            "i": [3.0, 1.0, 2.0],
            "d": pd.to_datetime(["2013-01-02", "2013-01-01", "2013-08-31"]),
            "t": pd.to_datetime(["2013-01-02T05:00:00Z", "2013-01-01T06:00:00Z", "2013-01-01T07:00:00Z"]),
            "c": ["a", "b", "c"],
            "never": [np.nan] * 3,
            "key": ["x", "y", "z"],
        }
    )

    # When they are described
    made = manifest.describe_inputs(
        Schema("table", "binary", Target("y", ["no", "yes"], "yes", ""), ["key"], columns), rows
    )

    # Then ranges are in the spelling of the clean table, and where nothing was known there is none
    assert [(entry.name, entry.low, entry.high) for entry in made] == [
        ("n", -2.0, 1.5),
        ("i", 1.0, 3.0),
        ("d", "2013-01-01", "2013-08-31"),
        ("t", "2013-01-01T06:00:00Z", "2013-01-02T05:00:00Z"),
        ("c", None, None),
        ("never", None, None),
    ]
    assert [entry.nullable for entry in made] == [True, False, False, False, False, False]


def test_the_manifest_of_the_pipeline_tells_no_day_place_or_commit(ran: Path) -> None:
    text = (ran / "model/manifest.json").read_text()
    described = json.loads(text)
    assert str(ran) not in text
    assert set(described) == {
        *("format", "version", "task", "target", "threshold", "files", "inputs", "features", "onnx", "parity"),
        *("metrics", "provenance", "estimator", "interval", "reading", "reference", "page", "split"),
    }
    assert described["inputs"][0] | {"reason": ""} == {
        "name": "date", "type": "date", "nullable": False, "low": "2013-01-01", "high": "2013-08-31", "reason": "",
    }  # fmt: skip
