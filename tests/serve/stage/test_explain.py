"""An answer's reasons: what is asked for them, in requests that the service takes, and what is made of the answers."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
import tiny
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from stages.contracts.manifest import Manifest, TrainingProfile
from stages.contracts.served_rows import Reason
from stages.core.errors import RowsRefused
from stages.serve.explain import CONSIDERED, Explainer, split_batches

LIMITS = (1000, 1_048_576)
TYPES = {"rooms": "integer", "area": "number", "note": "text"}
COLUMNS = [{"name": name, "type": kind, "nullable": True} for name, kind in TYPES.items()]
SEEN = [
    {"name": "area", "missing": 0.5, "quantiles": [10.0 * step for step in range(11)]},
    {"name": "rooms", "missing": 0.0, "quantiles": [1.0] * 5 + [3.0] * 6},
    {"name": "note", "missing": 0.0},
]


def manifest(
    positive: str | None = None,
    seen: Sequence[Mapping[str, Any]] = SEEN,
    columns: Sequence[Mapping[str, Any]] = COLUMNS,
) -> Manifest:
    own = {
        "files": {},
        "inputs": columns,
        "target": {"name": "price", "classes": [], "positive": positive},
        "page": {"inputs": seen},
    }
    return msgspec.convert(tiny.manifest(task="regression") | own, Manifest)


def price(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"prediction": 100.0 * row["rooms"] + (row["area"] or 0.0)} for row in rows]


def test_a_reason_is_the_answer_less_its_mean_over_what_the_input_is_in_training() -> None:
    # given houses of one or three rooms (5 and 6 of 11), whose area is 50 on average where it is known, in half of them
    row = {"rooms": 3, "area": 80.0, "note": "as new"}
    # when
    found = Explainer(manifest(), price, *LIMITS).reasons(row, price([row])[0])
    # then by hand
    assert found == [
        Reason("rooms", pytest.approx(380 - (5 / 11 * 180 + 6 / 11 * 380), abs=1e-6)),
        Reason("area", pytest.approx(380 - (300 + 0.5 * 50), abs=1e-6)),
    ]


def test_a_request_holds_whole_numbers_for_an_integer_and_null_only_where_values_were_missing() -> None:
    asked: list[Mapping[str, Any]] = []

    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        asked.extend(rows)
        return price(rows)

    Explainer(manifest(), predict, *LIMITS).reasons({"rooms": 2, "area": 5.5, "note": None}, {"prediction": 205.5})
    assert {type(row["rooms"]) for row in asked} == {int}
    assert {row["area"] for row in asked} == {5.5, None, *(10.0 * step for step in range(11))}
    assert {row["note"] for row in asked} == {None}


@pytest.mark.parametrize(("positive", "about"), [("yes", "yes"), (None, "no")])
def test_of_classes_the_chance_of_the_positive_or_else_of_the_predicted_one_is_explained(
    positive: str | None, about: str
) -> None:
    # given a chance of yes that only the rooms raise
    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        chances = [1 / (1 + math.exp(2.0 - row["rooms"])) for row in rows]
        return [{"prediction": "no", "probabilities": {"no": 1 - one, "yes": one}} for one in chances]

    row = {"rooms": 1, "area": 1.0, "note": None}
    # when
    [reason] = Explainer(manifest(positive), predict, *LIMITS).reasons(row, predict([row])[0])
    # then it is the difference to the chance at the mean log-odds
    odds = 5 / 11 * -1.0 + 6 / 11 * 1.0
    step = 1 / (1 + math.exp(1.0)) - 1 / (1 + math.exp(-odds))
    assert reason == Reason("rooms", pytest.approx(step if about == "yes" else -step, abs=1e-9))


def test_rounding_is_no_reason_however_large_the_numbers_are() -> None:
    # given answers of 1e12 that differ in their last bits only
    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"prediction": 1e12 * (1 + 2e-16 * place)} for place, _ in enumerate(rows)]

    assert Explainer(manifest(), predict, *LIMITS).reasons({"rooms": 1, "area": 1.0, "note": ""}, {}) == []


def test_tiny_numbers_have_reasons_too() -> None:
    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{"prediction": 1e-12 * row["rooms"]} for row in rows]

    row = {"rooms": 3, "area": 1.0, "note": None}
    [reason] = Explainer(manifest(), predict, *LIMITS).reasons(row, predict([row])[0])
    assert reason == Reason("rooms", pytest.approx(1e-12 * (3 - 23 / 11), rel=1e-6))


def test_of_very_many_inputs_the_most_important_ones_are_tried() -> None:
    # given more inputs than are tried, in the order of their importance
    names = [f"input {number}" for number in range(CONSIDERED + 50)]
    seen = [{"name": name, "shares": [["a", 0.5], ["b", 0.5]]} for name in names]
    columns = [{"name": name, "type": "category", "nullable": False} for name in reversed(names)]
    asked: list[Mapping[str, Any]] = []

    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        asked.extend(rows)
        return [{"prediction": float(row[names[0]] == "b") + 9.0 * (row[names[-1]] == "b")} for row in rows]

    row = dict.fromkeys(names, "a")
    found = Explainer(manifest(None, seen, columns), predict, *LIMITS).reasons(row, {"prediction": 0.0})
    assert found == [Reason(names[0], -0.5)]
    assert len(asked) == 1 + 2 * CONSIDERED


def test_a_row_that_the_service_refuses_has_no_reasons() -> None:
    def predict(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        raise RowsRefused(f"row {len(rows)}: too large")

    row = {"rooms": 1, "area": 1.0, "note": None}
    assert Explainer(manifest(), predict, *LIMITS).reasons(row, {"prediction": 1.0}) == []


@pytest.mark.parametrize("page", [None, TrainingProfile()])
def test_a_model_saved_without_what_it_has_seen_has_no_reasons(page: TrainingProfile | None) -> None:
    without = msgspec.structs.replace(manifest(), page=page)
    assert Explainer(without, price, *LIMITS).reasons({"rooms": 1, "area": 1.0, "note": ""}, {"prediction": 1}) == []


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(1, 9), st.integers(60, 400))
@examples(200)
def test_batches_are_all_rows_in_their_order_within_both_limits(texts: list[str], most: int, body: int) -> None:
    rows = [{"text": text} for text in texts]
    made = list(split_batches(rows, most, body))
    assert [row for some in made for row in some] == rows
    for some in made:
        assert 1 <= len(some) <= most
        assert len(some) == 1 or len(json.dumps({"rows": some}).encode()) <= body
