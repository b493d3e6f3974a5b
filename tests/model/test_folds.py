"""Folds: as even as can be, for each class and for whole groups; the seed decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import DataError
from stages.model.folds import deal_folds

MAKE = np.random.default_rng(7)


@given(st.lists(st.integers(0, 3), min_size=10, max_size=80), st.integers(2, 10), st.integers(0, 3))
def test_folds_are_equal_in_size_and_each_class_is_dealt_out_evenly(classes: list[int], number: int, seed: int) -> None:
    # Given rows of up to four classes
    fold = deal_folds(np.array(classes), number, (seed, 0))

    # Then folds differ by a row at most, and so does each class's part of them
    assert np.ptp(np.bincount(fold, minlength=number)) <= 1
    for one in set(classes):
        assert np.ptp(np.bincount(fold[np.array(classes) == one], minlength=number)) <= 1


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 11)), min_size=12, max_size=80), st.integers(2, 4))
def test_rows_that_belong_together_are_in_one_fold(rows: list[tuple[int, int]], number: int) -> None:
    # Given rows in groups
    classes = np.array([row[0] for row in rows])
    together = np.unique([row[1] for row in rows], return_inverse=True)[1]
    if together.max() + 1 < number:
        return
    fold = deal_folds(classes, number, (7, 0), together)

    # Then no group is cut, and no fold is empty
    assert all(len(set(fold[together == group].tolist())) == 1 for group in range(together.max() + 1))
    assert set(fold.tolist()) == set(range(number))


def test_whole_groups_are_balanced_by_rows_and_by_a_rare_class() -> None:
    # Given forty groups of unequal size, of which ten hold the rare class
    sizes = MAKE.integers(5, 30, size=40)
    together = np.repeat(np.arange(40), sizes)
    classes = (together % 4 == 0).astype(np.int64) * (MAKE.random(len(together)) < 0.3)

    # When they are dealt into five folds
    fold = deal_folds(classes, 5, (7, 0), together)

    # Then each has about a fifth of all rows and of the rare class
    assert np.bincount(fold) / len(fold) == pytest.approx(np.full(5, 0.2), abs=0.05)
    assert np.bincount(fold[classes == 1], minlength=5) / classes.sum() == pytest.approx(np.full(5, 0.2), abs=0.09)


def test_the_seed_and_the_repeat_decide_and_nothing_else() -> None:
    classes = MAKE.integers(2, size=100)
    first = deal_folds(classes, 5, (7, 0))
    assert np.array_equal(first, deal_folds(classes, 5, (7, 0)))
    assert not np.array_equal(first, deal_folds(classes, 5, (7, 1)))
    assert not np.array_equal(first, deal_folds(classes, 5, (8, 0)))


def test_too_few_rows_or_groups_are_refused() -> None:
    with pytest.raises(DataError, match=r"3 rows cannot make 5 folds. Set evaluate.folds in params.yaml to 3"):
        deal_folds(np.zeros(3, dtype=np.int64), 5, (7, 0))
    with pytest.raises(DataError, match="2 groups of rows that belong together cannot make 5 folds"):
        deal_folds(np.zeros(9, dtype=np.int64), 5, (7, 0), np.arange(9) % 2)
