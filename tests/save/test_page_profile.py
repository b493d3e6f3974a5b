"""The manifest's part `page`: values that were seen, their shares, and the inputs in the order of their importance."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from stages.contracts.manifest import InputProfile
from stages.save import page_profile
from stages.table.schema import Column, ColumnType, Schema, Target, Task
from stages.transform.derivations import Derivation


def schema(task: Task = "binary") -> Schema:
    kinds: dict[str, ColumnType] = {"size": "integer", "kind": "category", "day": "date", "wet": "boolean"}
    columns = [Column(name, kind, "input", True, "t") for name, kind in kinds.items()]
    classes = [] if task == "regression" else ["no", "yes"]
    return Schema("t", task, Target("y", classes, "yes" if classes else None, ""), [], columns)


def rows() -> pd.DataFrame:
    """101 rows of sizes 0 to 100, the last quarter without a kind."""
    days = pd.date_range("2013-01-01", periods=101).astype("datetime64[ms]")
    kinds = ["b"] * 50 + ["a"] * 26 + [None] * 25
    wet = pd.array([True, False, False] * 33 + [None, None], dtype="boolean")
    return pd.DataFrame({"size": [float(n) for n in range(101)], "kind": kinds, "day": days, "wet": wet,
                         "y": ["yes"] + ["no"] * 100})  # fmt: skip


def test_an_input_has_eleven_values_that_were_seen_or_its_commonest_ones() -> None:
    steps = [Derivation("month", "month", ["day"])]
    page = page_profile.profile_inputs(schema(), rows(), steps, {"month": 0.5, "kind": 0.3, "size": 0.1})
    assert [entry.name for entry in page.inputs] == ["day", "kind", "size", "wet"]
    found = {entry.name: entry for entry in page.inputs}
    assert found["size"].quantiles == [5.0, 14.0, 23.0, 32.0, 41.0, 50.0, 59.0, 68.0, 77.0, 86.0, 95.0]
    assert found["kind"].shares == [("b", pytest.approx(50 / 76)), ("a", pytest.approx(26 / 76))]
    assert found["kind"].missing == pytest.approx(25 / 101)
    assert found["day"].quantiles[0] == "2013-01-06"
    assert found["wet"].shares[0] == (False, pytest.approx(2 / 3))
    assert page.usual.shares == {"no": pytest.approx(100 / 101), "yes": pytest.approx(1 / 101)}
    assert msgspec.json.encode(page)


def test_of_a_number_the_usual_is_its_quantiles() -> None:
    usual = page_profile.profile_target(schema("regression"), pd.Series([float(n) for n in range(101)]))
    assert usual.quantiles[5] == 50.0


def test_the_order_of_the_rows_changes_nothing() -> None:
    mixed = rows().sample(frac=1, random_state=3)
    assert page_profile.profile_inputs(schema(), mixed, [], {}) == page_profile.profile_inputs(schema(), rows(), [], {})


def test_a_column_that_is_always_missing_has_no_values() -> None:
    page = page_profile.profile_inputs(schema(), rows().assign(kind=None), [], {})
    assert InputProfile("kind", 1.0) in page.inputs


def test_save_writes_it_for_every_input(ran: Path) -> None:
    described = json.loads((ran / "model/manifest.json").read_text())
    assert {entry["name"] for entry in described["page"]["inputs"]} == {entry["name"] for entry in described["inputs"]}
    assert len(json.dumps(described["page"])) < 10_000
