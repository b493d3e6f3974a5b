"""Blocks: what a draw takes, sums and tallies over drawn rows, groups of about equal size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.evaluate.bootstrap import (
    TOGETHER,
    add_up,
    draw_resamples,
    group_equal_rows,
    mean,
    share,
    take_part,
    tally,
    unit_weights,
)


def test_a_draw_takes_as_many_blocks_as_there_are_and_the_seed_decides_which() -> None:
    # Given three blocks named by text, in no order
    blocks = np.array(["b", "a", "b", "c"])

    # When they are drawn
    of_row, weights = draw_resamples(blocks, draws=50, seed=1)

    # Then rows know their block, each draw holds three, and the same seed draws the same
    assert of_row.tolist() == [1, 0, 1, 2]
    assert set(weights.sum(axis=1)) == {3}
    assert np.array_equal(weights, draw_resamples(blocks, draws=50, seed=1)[1])
    assert not np.array_equal(weights, draw_resamples(blocks, draws=50, seed=2)[1])


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.floats(-5, 5)), min_size=1, max_size=40))
def test_sums_and_tallies_are_those_of_the_rows_written_out(table: list[tuple[int, int, float]]) -> None:
    # Given rows in blocks, more draws than are added up together
    numbers, values = np.array([row[1] for row in table]), np.array([row[2] for row in table])
    of_row, weights = draw_resamples(np.array([row[0] for row in table]), draws=TOGETHER + 3, seed=3)

    # When they are added up and counted
    added = add_up(np.stack([values, values**2], axis=1), (of_row, weights))
    counted = tally(numbers, 3, (of_row, weights))
    some = tally(numbers, 3, (of_row, weights), among=values > 0)

    # Then each draw's numbers are those of its rows, each as often as it was drawn
    for draw, weight in enumerate(weights):
        rows = np.repeat(np.arange(len(table)), weight[of_row])
        assert added[draw] == pytest.approx([values[rows].sum(), (values[rows] ** 2).sum()], abs=1e-9)
        assert counted[draw].tolist() == np.bincount(numbers[rows], minlength=3).tolist()
        assert some[draw].tolist() == np.bincount(numbers[rows][values[rows] > 0], minlength=3).tolist()


def test_the_rows_as_they_are_are_one_draw_of_every_block() -> None:
    blocks = draw_resamples(np.array([5, 5, 7]), draws=10, seed=1)
    assert unit_weights(blocks)[1].tolist() == [[1, 1]]
    assert add_up(np.array([[1.0], [2.0], [4.0]]), unit_weights(blocks)).tolist() == [[7.0]]


def test_a_part_of_the_rows_keeps_its_blocks_and_the_draws() -> None:
    of_row, weights = take_part(draw_resamples(np.array([0, 1, 1]), draws=4, seed=1), np.array([True, False, True]))
    assert of_row.tolist() == [0, 1]
    assert weights.shape == (4, 2)


def test_a_share_of_nothing_is_none_and_a_mean_of_nothing_is_not_defined() -> None:
    assert share(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist() == [0.25, 0.0]
    assert np.array_equal(mean(np.array([1.0, 0.0]), np.array([4.0, 0.0])), [0.25, np.nan], equal_nan=True)


def test_groups_are_ten_of_about_equal_size_and_ties_stay_together() -> None:
    assert np.bincount(group_equal_rows(np.linspace(0, 1, 1000))).tolist() == [100] * 10
    assert len(set(group_equal_rows(np.full(50, 0.3)).tolist())) == 1
