"""Rows to fit on and rows to judge by: each row once, each class in all folds, and what is too little is named."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.core.errors import DataError
from stages.model.estimators import fit_encoder
from stages.model.params import Train
from stages.train.splits import encode_splits, split_rows

PARTS = np.array(["train", "validation", "test", "train"] * 10, dtype=object)


def test_without_folds_the_parts_are_the_sides() -> None:
    ((fit, judge),) = split_rows(PARTS, np.arange(40.0), Train(max_rounds=1), "regression")
    assert set(PARTS[fit]) == {"train"}
    assert set(PARTS[judge]) == {"validation"}


def test_with_folds_each_row_outside_the_hold_out_is_judged_once() -> None:
    found = split_rows(PARTS, np.arange(40) % 3, Train(max_rounds=1, folds=4), "multiclass")
    judged = np.concatenate([judge for _, judge in found])
    assert sorted(judged) == np.flatnonzero(PARTS != "test").tolist()
    for fit, judge in found:
        assert not set(fit) & set(judge)
        assert len(fit) + len(judge) == len(judged)


def test_of_fewer_rows_than_folds_each_is_a_fold() -> None:
    part = np.array(["train", "validation", "train", "test"], dtype=object)
    found = split_rows(part, np.arange(4.0), Train(max_rounds=1, folds=5), "regression")
    assert sorted(judge.tolist() for _, judge in found) == [[0], [1], [2]]
    for fit, judge in found:
        assert sorted([*fit, *judge]) == [0, 1, 2]


def test_the_rows_to_judge_by_are_encoded_by_what_the_others_hold() -> None:
    # Given rows whose category stands among the rows to fit on, and one whose category does not
    frame = pd.DataFrame({"kind": ["a", "c", "b", "c"], "size": [1.0, 2.0, 3.0, 4.0]})
    encode = partial(fit_encoder, types={"kind": "category", "size": "number"}, section=Train(max_rounds=1))

    # When they are encoded
    (pair,) = encode_splits(frame, np.arange(4) % 2, [(np.array([0, 1]), np.array([2, 3]))], encode, "binary", 2)

    # Then that one is unknown, and moved no code
    assert pair.train.matrix.tolist() == [[0, 1], [1, 2]]
    assert np.array_equal(pair.validation.matrix, [[np.nan, 3], [1, 4]], equal_nan=True)


@pytest.mark.parametrize(
    ("part", "labels", "settings", "task", "said"),
    [
        (["train", "train"], [0, 1], {}, "binary", "has no validation rows"),
        (["validation"] * 2, [0.0, 1.0], {}, "regression", "has no train rows"),
        (["train", "train", "validation", "validation"], [0, 1, 1, 1], {}, "binary", "validation rows .* of one class"),
        (["train", "train", "validation"], [1, 1, 0], {}, "multiclass", "train rows .* of one class"),
        (["train", "train", "validation"], [0, 1, 1], {"folds": 3}, "binary", "too few rows of a class for train.fold"),
        (["train", "test"], [0.0, 1.0], {"folds": 3}, "regression", "one row outside the hold-out"),
        (["train", "validation"], [0.0, 1e200], {}, "regression", "beyond ±1e.18. Give it in a larger unit"),
        (["test", "test"], [0.0, 1.0], {"folds": 3, "refit": True}, "regression", "has no train rows"),
    ],
)
def test_too_little_is_named(part: list[str], labels: list[Any], settings: Any, task: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        split_rows(np.array(part, dtype=object), np.array(labels), Train(max_rounds=1, **settings), task)
