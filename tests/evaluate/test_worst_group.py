"""The search for the group furthest off finds one that is there, and confirms none that is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.evaluate.bootstrap import Blocks, Floats, draw_resamples
from stages.evaluate.worst_group import VALUES, find_worst_group

TAILS = (0.005, 0.995)
SIZE = 4_000


def table(seed: int = 1) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "kind": draw.choice(["a", "b", "c"], SIZE),
            "place": draw.choice(["north", "south"], SIZE),
            "age": draw.normal(40, 10, SIZE),
            "name": [f"person {number}" for number in range(SIZE)],
        }
    )


def alone(seed: int = 1) -> Blocks:
    return draw_resamples(np.arange(SIZE), 300, seed)


def noise(seed: int = 1) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.5, SIZE)


def test_two_columns_that_are_off_only_together_are_found_and_confirmed() -> None:
    # given rows that are off where kind is b in the south, and nowhere by kind or place alone
    rows, off = table(), noise()
    there = (rows["kind"] == "b") & (rows["place"] == "south")
    off[there] += 0.3
    # when
    found = find_worst_group(rows, list(rows), off, alone(), 100, TAILS, 7)
    # then, on the half that the search did not see
    assert found
    assert (found.columns, found.values, found.confirmed) == (["kind", "place"], ["b", "south"], True)
    assert 0.35 * there.sum() < found.rows < 0.65 * there.sum()
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.3 < found.high
    # and of a number the quarters were tried, of names none
    assert found.searched == 3 + 2 + 4 + 6 + 12 + 8


def test_of_noise_a_search_confirms_no_more_than_chance_does() -> None:
    found = [find_worst_group(table(seed), ["kind", "place", "age"], noise(seed), alone(seed), 50, TAILS, seed)
             for seed in range(30)]  # fmt: skip
    assert all(found)
    assert sum(one.confirmed for one in found if one) <= 1


def test_what_all_rows_are_off_by_is_no_groups_own() -> None:
    rows = table()
    found = find_worst_group(rows, ["kind", "place"], noise() + 2.0, alone(), 50, TAILS, 7)
    assert found
    assert found.gap == pytest.approx(2.0, abs=0.2)
    assert not found.confirmed


def test_a_group_that_is_less_off_than_all_are_is_not_told() -> None:
    # given rows that are all too high, but for those of one kind
    rows = table()
    off = noise() + np.where(rows["kind"] == "a", 0.0, 0.6)
    found = find_worst_group(rows, ["kind"], off, alone(), 50, TAILS, 7)
    assert found
    assert (found.values, found.confirmed) == (["a"], False)


def test_a_group_that_is_off_to_the_other_side_on_the_other_half_is_not_told() -> None:
    rows, off = table(), noise()
    first = np.random.default_rng(7).permutation(SIZE)[np.arange(SIZE)] % 2 == 0
    off += np.where(rows["kind"] == "b", np.where(first, 0.4, -0.4), 0.0)
    found = find_worst_group(rows, ["kind"], off, alone(), 50, TAILS, 7)
    assert found
    assert (found.values, found.confirmed) == (["b"], False)


def test_a_block_is_on_one_side_whole() -> None:
    # given days of which one is far off as a whole, and a column that tells the days' parity
    day = np.arange(SIZE) // 100
    rows = pd.DataFrame({"even": np.where(day % 2 == 0, "yes", "no")})
    off = noise() + np.where(day == 4, 8.0, 0.0)
    # then what one day is off by is not confirmed by others
    found = find_worst_group(rows, ["even"], off, draw_resamples(day, 300, 1), 50, TAILS, 7)
    assert found
    assert not found.confirmed
    assert found.rows % 100 == 0


def test_without_a_group_that_is_large_enough_there_is_none() -> None:
    rows = table()
    assert find_worst_group(rows, ["kind"], noise(), alone(), SIZE, TAILS, 7) is None
    assert find_worst_group(rows, [], noise(), alone(), 10, TAILS, 7) is None
    many = pd.DataFrame({"code": [str(number % (VALUES + 1)) for number in range(SIZE)]})
    assert find_worst_group(many, ["code"], noise(), alone(), 10, TAILS, 7) is None
