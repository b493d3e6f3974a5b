"""The schema is written once and read as it was; a frame's columns become the arrays that derivations take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from stages.core.errors import DataError
from stages.table import schema
from stages.table.schema import Column, LeftOut, Reading, Schema, SourceColumn, SourceJoin, Target

SCHEMA = Schema(
    "trips",
    "binary",
    Target("late", ["no", "yes"], "yes", "delay > 15", reason="two classes"),
    ["number"],
    [
        Column("number", "integer", "id", False, "trips", "all 3 values are of type integer"),
        Column("built", "integer", "input", True, "cars"),
        Column("size", "ordinal", "input", False, "trips", "a scale", "S < M", ["S", "M"]),
        Column("late", "category", "target", False, "trips"),
    ],
    [LeftOut("delay", "known only afterwards")],
    Reading(
        ["NA"],
        {"size": SourceColumn("ordinal", "S < M", ["S", "M"]), "car": SourceColumn("category", missing=["?"])},
        {"date": ["year", "month", "day"]},
        {"far": "distance > 3"},
        {"cars": SourceJoin(["car"], {"year": "built"})},
    ),
)


TYPES = {"count": "integer", "kind": "category", "size": "ordinal", "day": "date", "moment": "time"} | {
    "smoker": "boolean",
    "whole": "boolean",
}


def test_a_schema_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_bytes(schema.encode_schema(SCHEMA))

    assert schema.read(path) == SCHEMA
    assert '"from": "cars"' in path.read_text()


def test_a_schema_knows_its_types_and_inputs() -> None:
    assert SCHEMA.types == {"number": "integer", "built": "integer", "size": "ordinal", "late": "category"}
    assert [column.name for column in SCHEMA.inputs] == ["built", "size"]
    assert SCHEMA.target.negative == "no"


@pytest.mark.parametrize("text", ["", "{", "{}", '{"table": "trips"}', "[]"])
def test_a_damaged_schema_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "schema.json"
    path.write_text(text)

    with pytest.raises(DataError, match=r"schema.json is damaged: .* Run `dvc repro`"):
        schema.read(path)


def test_a_missing_schema_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"schema.json is missing. Run `dvc repro`"):
        schema.read(tmp_path / "schema.json")


def test_columns_become_float64_seconds_in_utc_and_text_with_none() -> None:
    moment = pd.Series(np.array(["2013-01-01T10:00:00", "NaT"], dtype="datetime64[s]"))
    frame = pd.DataFrame(
        {
            "count": pd.array([1, None], dtype="Int64").astype("float64"),
            "kind": pd.array(["a", None], dtype="str"),
            "size": pd.array([None, "S"], dtype="str"),
            "smoker": pd.array([True, None], dtype="boolean"),
            "whole": np.array([True, False]),
            "day": moment.astype("datetime64[ms]"),
            "moment": moment.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        }
    )

    made = schema.to_arrays(frame, TYPES)

    expected = np.array(["2013-01-01T10:00:00", "NaT"], dtype="datetime64[s]")
    np.testing.assert_array_equal(made["count"], [1.0, np.nan])
    assert made["kind"].tolist() == ["a", None]
    assert made["size"].tolist() == [None, "S"]
    np.testing.assert_array_equal(made["smoker"], [1.0, np.nan])
    np.testing.assert_array_equal(made["whole"], [1.0, 0.0])
    for name in ("day", "moment"):
        assert made[name].dtype == expected.dtype
        np.testing.assert_array_equal(made[name], expected)
