"""A day after the last one of training is normal; one that makes of a row what training cannot have had is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny

from serve.scoring import loader
from serve.scoring.decode import Decoder
from serve.scoring.input_warnings import InputChecker


def warnings(steps: list[dict[str, Any]], **values: Any) -> list[str]:
    """What is said of a row to a model that has the derived columns, too."""
    columns = [*tiny.COLUMNS, *({"name": step["name"], "type": "number"} for step in steps)]
    features = {"derive": [*tiny.DERIVE, *steps], "columns": columns}
    document = tiny.manifest() | {"files": {}, "features": features}
    manifest = loader._manifest(json.dumps(document).encode(), Path("manifest.json"))
    return InputChecker(manifest).find_warnings(Decoder(manifest.inputs, 1).convert_row(tiny.ROW | values))


def test_a_weekday_and_an_hour_make_no_day_strange() -> None:
    assert warnings([], day="9999-12-31", seen="9999-12-31T00:00:00Z") == []


@pytest.mark.parametrize("kind", ["year", "days"])
def test_a_year_is_strange_when_it_is_longer_after_training_than_that_lasted(kind: str) -> None:
    # given a model trained on 2013
    step = {"name": "then", "kind": kind, "of": ["day"]}
    assert warnings([step], day="2014-12-30") == []
    assert warnings([step], day="2014-12-31") == [
        "day: 2014-12-31 is so long after the last day of training, 2013-12-31, that the model has seen no such then"
    ]
    assert len(warnings([step], day="9999-12-31")) == 1
    assert len(warnings([step | {"of": ["seen"]}], seen="9999-12-31T00:00:00Z")) == 1


def test_an_age_is_strange_when_no_row_of_training_can_have_been_so_old() -> None:
    # given a model of 2013 that knows years of birth from 10 on, so that the oldest was 2003
    step = {"name": "age", "kind": "years_since", "of": ["day", "temp"]}
    assert warnings([step], day="2050-01-01", temp=50.0) == []
    assert warnings([step], day="2050-01-01", temp=47.0) == []
    assert warnings([step], day="2050-01-01", temp=46.0) == [
        "day: 2050-01-01 is so long after the last day of training, 2013-12-31, that the model has seen no such age"
    ]
    assert warnings([step], day="9999-12-31", temp=None) == []
    # a start before the first is its own warning, not the day's
    assert warnings([step], temp=5.0) == ["temp: 5 is outside the training range, 10 to 100"]


def test_a_column_that_the_model_does_not_have_is_not_looked_at() -> None:
    document = tiny.manifest() | {"files": {}}
    document["features"]["derive"] = [*tiny.DERIVE, {"name": "then", "kind": "year", "of": ["day"]}]
    manifest = loader._manifest(json.dumps(document).encode(), Path("manifest.json"))
    assert (
        InputChecker(manifest).find_warnings(Decoder(manifest.inputs, 1).convert_row(tiny.ROW | {"day": "9999-12-31"}))
        == []
    )
