"""The task is the one the target's values tell of, and the positive class the one a person would name."""

from __future__ import annotations

import pandas as pd
import pytest

from stages.clean import targets
from stages.clean.columns.inference import infer_column
from stages.clean.raw_tables import count_texts
from stages.core.errors import DataError


def labels(*texts: str) -> pd.Series[str]:
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("texts", "quantity"),
    [
        ([str(n) for n in range(21)], True),
        ([str(n) for n in range(20)], False),
        (["0.5", "1.5", "2.5"], True),
        (["0.0", "1.0"], False),
        (["0.5", "1.5"], False),
        (["1,5", "2,5", "3,5"], True),
        (["a", "b", "c"], False),
        (["2013-01-01", "2013-01-02"], False),
    ],
)
def test_many_numbers_are_a_quantity(texts: list[str], quantity: bool) -> None:
    counted = count_texts(labels(*texts))

    found_so, reason = targets.is_quantity(infer_column("y", counted, []), counted)

    assert found_so == quantity
    assert bool(reason) == quantity


@pytest.mark.parametrize(
    ("classes", "ordered"),
    [
        (["10", "9", "1"], ["1", "9", "10"]),
        (["1.0", "0.0"], ["0.0", "1.0"]),
        (["b", "10", "9"], ["10", "9", "b"]),
        ([], []),
    ],
)
def test_classes_that_are_numbers_stand_in_their_order(classes: list[str], ordered: list[str]) -> None:
    assert targets.sort_classes(classes) == ordered


@pytest.mark.parametrize(
    ("rows", "positive", "reason"),
    [
        (["no", "yes", "yes"], "yes", "it says so"),
        (["True", "False", "True"], "True", "it says so"),
        (["0", "1", "1"], "1", "it says so"),
        (["-1", "1", "1"], "1", "it says so"),
        (["0.0", "1.0", "1.0"], "1.0", "it says so"),
        (["1", "2", "1"], "2", "the rarer one, 1 of 3 rows"),
        (["good", "bad", "good"], "bad", "the rarer one, 1 of 3 rows"),
        (["a", "b"], "b", "the rarer one, 1 of 2 rows"),
    ],
)
def test_the_positive_class_says_so_or_is_the_rarer_one(rows: list[str], positive: str, reason: str) -> None:
    found_so, why = targets.choose_positive(targets.sort_classes(sorted(set(rows))), labels(*rows).value_counts())

    assert found_so == positive
    assert reason in why


@pytest.mark.parametrize(
    ("task", "rows", "expected"),
    [(None, ["a", "b"], "binary"), (None, ["a", "b", "c"], "multiclass"), ("multiclass", ["a", "b"], "multiclass")],
)
def test_the_task_goes_by_the_number_of_classes(task: str | None, rows: list[str], expected: str) -> None:
    assert targets.list_classes("y", task, None, labels(*rows).value_counts()) == (expected, rows)


@pytest.mark.parametrize(
    ("task", "positive", "rows", "message"),
    [
        (None, None, ["a", "a"], "the target y has the classes a in 2 rows; two are needed at least"),
        ("binary", None, ["a", "b", "c"], "a binary task has two. Set clean.task to multiclass"),
        (None, "a", ["a", "b", "c"], "two are needed, one of them 'a'"),
        (None, "x", ["a", "b"], "two are needed, one of them 'x'"),
        (None, None, [f"c{n}" for n in range(101)], "101, more than 100. Is it the right target?"),
    ],
)
def test_classes_that_do_not_fit_are_an_error(
    task: str | None, positive: str | None, rows: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        targets.list_classes("y", task, positive, labels(*rows).value_counts())


def test_a_number_that_never_changes_is_nothing_to_predict() -> None:
    with pytest.raises(DataError, match=r"the target y .* is 5 in all 3 rows: there is nothing to predict"):
        targets.check_quantity("y", "number", pd.Series([5.0, 5.0, 5.0]))
