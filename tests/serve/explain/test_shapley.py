"""Contributions by walks: what they add up to, and that they are the Shapley values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from serve.explain.shapley import Walks

Row = tuple[float, ...]
Model = Callable[[Sequence[float]], float]


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[Row], Row]:
    """Return rows to start from, and one to go to."""
    row = st.tuples(*[st.floats(-9, 9)] * draw(st.integers(1, 5)))
    return draw(st.lists(row, min_size=1, max_size=6)), draw(row)


def contributions(model: Model, starts: Sequence[Row], goal: Row) -> tuple[float, list[float]]:
    walks = Walks(starts)
    mean, moved = walks.contributions(np.array([model(step) for step in walks.steps(goal)]))
    return mean, moved.tolist()


def exact(model: Model, starts: Sequence[Row], goal: Row) -> list[float]:
    """Return the Shapley values by their definition: over all orders from every start."""
    moved = [0.0] * len(goal)
    orders = list(itertools.permutations(range(len(goal))))
    for start, order in itertools.product(starts, orders):
        values = list(start)
        for player in order:
            before = model(values)
            values[player] = goal[player]
            moved[player] += (model(values) - before) / len(orders) / len(starts)
    return moved


@given(rows())
@examples(100)
def test_they_add_up_to_the_answer_less_the_mean_at_the_starts(drawn: tuple[list[Row], Row]) -> None:
    # given a model in which everything acts on everything
    starts, goal = drawn

    def model(values: Sequence[float]) -> float:
        return math.prod(value + 1 for value in values)

    # when
    mean, moved = contributions(model, starts, goal)
    # then
    size = max(1.0, *(abs(model(step)) for step in Walks(starts).steps(goal)))
    assert mean == pytest.approx(sum(map(model, starts)) / len(starts), abs=1e-9 * size)
    assert mean + sum(moved) == pytest.approx(model(goal), abs=1e-9 * size)


def test_they_are_the_shapley_values() -> None:
    # given a model whose players act together, which one at a time would not show: 0 and 1 only both
    def model(values: Sequence[float]) -> float:
        return 40 * values[0] * values[1] + 10 * values[2] * max(values[0], values[3]) + 0 * values[4]

    draw = np.random.default_rng(3)
    starts = [tuple(map(float, draw.integers(0, 2, 5))) for _ in range(100)]
    # when
    _, moved = contributions(model, starts, (1.0, 1.0, 1.0, 1.0, 1.0))
    # then, but for the chance of the orders drawn
    assert moved == pytest.approx(exact(model, starts, (1.0, 1.0, 1.0, 1.0, 1.0)), abs=0.8)
    assert moved[4] == 0


def test_of_two_players_they_are_exact() -> None:
    starts = [(0.0, 0.0), (0.0, 2.0), (3.0, 1.0)]

    def model(values: Sequence[float]) -> float:
        return values[0] * values[1]

    assert contributions(model, starts, (5.0, 7.0))[1] == pytest.approx(exact(model, starts, (5.0, 7.0)))
