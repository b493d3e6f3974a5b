"""Inputs on the scored rows: how predictions move with one, which move together, which have shifted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.evaluate import correlated_inputs, partial_dependence, shift

MAKE = np.random.default_rng(7)
ROWS = 900
FRAME = pd.DataFrame(
    {
        "up": MAKE.normal(size=ROWS),
        "few": MAKE.choice([1.0, 2.0, 5.0], ROWS),
        "kind": MAKE.choice(["red", "green", "blue"], ROWS, p=[0.5, 0.45, 0.05]),
        "same": 1.0,
    }
).astype({"kind": "str"})


def expects(weight: float, frame: pd.DataFrame) -> Any:
    """A model whose answer is known: it rises with `up`, falls with `few`, and red is 10 more."""
    return weight * (2 * frame["up"] - frame["few"] + 10 * (frame["kind"] == "red")).to_numpy(dtype=np.float64)


def test_dependence_is_the_mean_prediction_with_all_else_as_it_is() -> None:
    # Given two fits of one recipe, the second three times as strong, when inputs are moved
    fits = [(1.0, FRAME.iloc[:450], np.zeros(450)), (3.0, FRAME.iloc[450:], np.zeros(450))]
    table = pd.DataFrame(partial_dependence.tabulate_dependence(fits, ["kind", "same", "up", "few"], expects, 7))

    # Then only numbers that vary are, the few values each, and a straight line comes out straight
    assert table["column"].drop_duplicates().tolist() == ["up", "few"]
    up, few = (table[table["column"] == name] for name in ("up", "few"))
    assert few["value"].tolist() == [1, 2, 5]
    assert few["predicted"].diff().iloc[1:].tolist() == pytest.approx([-2, -6])
    slope = np.diff(up["predicted"]) / np.diff(up["value"])
    assert slope == pytest.approx(4)
    assert few["share"].iloc[-1] == 1
    assert up["share"].is_monotonic_increasing


def test_all_else_equal_a_category_shows_what_it_does_itself() -> None:
    # Given what came, where red rows had luck besides
    came = np.where(FRAME["kind"] == "red", 20.0, 0.0)
    table = partial_dependence.tabulate_adjusted([(1.0, FRAME, came)], ["up", "kind"], came, expects, 7)

    # Then the raw difference stands beside the model's own, the frequent first
    assert [row["value"] for row in table] == ["red", "green", "blue"]
    assert [row["observed"] for row in table] == [20, 0, 0]
    assert table[0]["predicted"] - table[1]["predicted"] == pytest.approx(10)
    assert sum(row["rows"] for row in table) == ROWS


def test_a_category_without_two_frequent_values_is_not_shown() -> None:
    frame = FRAME.assign(kind="red").astype({"kind": "str"})
    assert (
        partial_dependence.tabulate_adjusted([(1.0, frame, np.zeros(ROWS))], ["kind"], np.zeros(ROWS), expects, 7) == []
    )


def test_what_moves_together_is_named_with_its_strength() -> None:
    frame = FRAME.assign(down=-(FRAME["up"] ** 3))
    assert correlated_inputs.find_correlated(frame, ["up", "few", "same", "down", "kind"], 7) == [
        {"column": "up", "other": "down", "correlation": pytest.approx(-1)}
    ]


def test_two_draws_of_one_population_differ_by_no_more_than_chance() -> None:
    # Given two halves of one table, when they are compared, then no shift is larger than chance makes it
    for row in shift.tabulate_shift(FRAME.iloc[:450], FRAME.iloc[450:]):
        assert row["psi"] <= row["chance"], row["column"]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("up", FRAME["up"] + 1),
        ("kind", pd.Series("violet", index=FRAME.index, dtype="str")),
        ("few", FRAME["few"].where(FRAME["few"] < 5)),
    ],
)
def test_a_shift_a_new_category_and_values_gone_missing_are_found(column: str, values: Any) -> None:
    first, *rest = shift.tabulate_shift(FRAME, FRAME.assign(**{column: values}))
    assert first["column"] == column
    assert first["psi"] > 0.25 > first["chance"]
    assert first["missing_test"] == pytest.approx(values.isna().mean())
    assert all(row["psi"] < 1e-9 for row in rest)


def test_no_rows_to_compare_make_no_table() -> None:
    assert shift.tabulate_shift(FRAME, FRAME.iloc[:0]) == []
