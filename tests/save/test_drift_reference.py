"""The reference: what the train rows looked like, in a few shares that add up."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from stages.contracts.manifest import Manifest, Shares
from stages.core.files import read_struct
from stages.save import drift_reference


def total(entry: Shares) -> float:
    return float(sum(entry.shares or [*(entry.levels or {}).values(), entry.other])) + entry.missing


def test_numbers_are_cut_at_their_deciles() -> None:
    # given 1 … 1,000 in any order, and as many missing as a fifth of all
    values = np.concatenate([np.random.default_rng(1).permutation(1000) + 1.0, np.full(250, np.nan)])
    # when
    found = drift_reference.count_numbers(values)
    # then
    assert found.edges == [100.5 + 100 * place for place in range(9)]
    assert found.shares == [0.08] * 10
    assert found.missing == 0.2


@pytest.mark.parametrize(
    ("values", "edges", "shares"),
    [
        ([0.0] * 95 + [1.0] * 5, [0.5], [0.95, 0.05]),  # rain: nearly always none
        ([0.0] * 5 + [1.0] * 95, [0.5], [0.05, 0.95]),
        ([0.0] * 45 + [1.0] * 10 + [2.0] * 45, [0.5, 1.5], [0.45, 0.1, 0.45]),
        ([7.0] * 10, [], [1.0]),
        ([-3.0, 5.0], [1.0], [0.5, 0.5]),
        ([], [], [0.0]),
        ([np.nan], [], [0.0]),
        ([1e308, 1.7e308], [1.35e308], [0.5, 0.5]),
        ([5e-324, 1.0], [0.5], [0.5, 0.5]),
        ([1e-12, 2e-12, 1e12], [1.5e-12, 5e11], [0.333333, 0.333333, 0.333333]),
    ],
)
def test_numbers_that_repeat_or_are_far_apart_have_fewer_bins(
    values: list[float], edges: list[float], shares: list[float]
) -> None:
    found = drift_reference.count_numbers(np.array(values, dtype=float))
    assert found.edges == pytest.approx(edges, rel=1e-9)
    assert found.shares == shares


def test_no_value_lies_on_an_edge_so_the_last_digits_do_not_matter() -> None:
    # given scores of few values, as a forest gives them, and the same with another CPU's last digits
    values = np.random.default_rng(2).integers(0, 20, 500) / 20
    shaken = values * (1 + np.random.default_rng(3).uniform(-1e-15, 1e-15, 500))
    # then both are described alike
    assert drift_reference.count_numbers(values) == drift_reference.count_numbers(shaken)


def test_levels_beyond_the_most_frequent_are_counted_together() -> None:
    # given 30 levels, of which the first come most often, and missing ones
    values = [f"v{place:02d}" for place in range(30) for _ in range(60 - place)] + [None] * 100
    found = drift_reference.count_levels(values)
    assert list(found.levels or {}) == [f"v{place:02d}" for place in range(20)]
    assert found.other == pytest.approx(sum(60 - place for place in range(20, 30)) / len(values), abs=1e-6)
    assert total(found) == pytest.approx(1, abs=1e-5)


def test_each_kind_of_column_is_described_by_what_it_can_tell() -> None:
    text = np.array(["a", None, "b", "a"], dtype=object)
    days = np.array(["2013-01-01", "NaT", "2013-01-02", "2013-01-03"], dtype="datetime64[D]")
    flags = np.array([1.0, 0.0, np.nan, 1.0])
    assert drift_reference.count_column(text, "text") == Shares(missing=0.25)
    assert (
        drift_reference.count_column(days, "date") == drift_reference.count_column(days, "time") == Shares(missing=0.25)
    )
    assert drift_reference.count_column(flags, "boolean") == Shares(missing=0.25, levels={"true": 0.5, "false": 0.25})
    for kind in ("category", "ordinal"):
        assert drift_reference.count_column(text, kind) == Shares(missing=0.25, levels={"a": 0.5, "b": 0.25})
    empty = np.array([None, None], dtype=object)
    assert drift_reference.count_column(empty, "category") == Shares(missing=1.0, levels={})


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_score_is_described_as_its_task_has_it(task: str) -> None:
    rows = {"n": np.arange(100.0)}
    answers = np.random.default_rng(4).uniform(size=(200, 3 if task == "multiclass" else 1))
    found = drift_reference.describe_rows(rows, {"n": "number"}, answers, task, ["a", "b", "c"])
    assert (found.rows, found.score.rows) == (100, 200)
    assert total(found.score) == pytest.approx(1, abs=1e-5)
    if task == "multiclass":
        assert list(found.score.levels or {}) == ["a", "b", "c"]
    else:
        assert len(found.score.edges or []) == 9
    json.dumps(msgspec.to_builtins(found), allow_nan=False)


def test_the_manifest_of_the_pipeline_has_the_reference_of_its_inputs(ran: Path) -> None:
    described = read_struct(ran / "model/manifest.json", Manifest)
    found = described.reference
    assert found is not None
    assert described.parity is not None
    assert list(found.inputs) == sorted(column.name for column in described.inputs)
    assert found.score.rows == described.parity.rows
    assert len(msgspec.json.encode(found)) < 500 * len(found.inputs)
    for entry in [*found.inputs.values(), found.score]:
        if entry.edges is not None or entry.levels is not None:
            assert total(entry) == pytest.approx(1, abs=2e-5)
