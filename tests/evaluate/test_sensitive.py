"""Groups of persons beside all others: what they are compared by, and when a difference is clear."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.contracts.evaluation import Costs
from stages.contracts.train_metrics import Interval
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import draw_resamples
from stages.evaluate.multiclass.task import Multiclass
from stages.evaluate.regression.task import Regression
from stages.evaluate.sensitive import TABLE, compare_groups
from stages.table.schema import Target

TAILS = (0.005, 0.995)
SIZE = 2_000


def test_of_two_classes_the_share_found_is_compared_and_the_share_acted_on_told() -> None:
    # given women of whom 40% of the positive rows are found, and men of whom 80% are; no row else is called
    draw = np.random.default_rng(1)
    rows = pd.DataFrame({"sex": draw.choice(["f", "m"], SIZE)})
    y_true = draw.random(SIZE) < 0.5
    found = draw.random(SIZE) < np.where(rows["sex"] == "f", 0.4, 0.8)
    probability = np.where(y_true & found, 0.9, 0.1)
    task = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(1, 1))
    # when
    measure = task.measure_rows(y_true, probability)
    women, men = sorted(
        compare_groups(rows, ["sex"], measure, draw_resamples(np.arange(SIZE), 400, 1), 50, TAILS),
        key=lambda row: row["value"],
    )
    # then, worked out by hand
    of_women = (rows["sex"] == "f").to_numpy()
    recall = [(found[y_true & part]).mean() for part in (of_women, ~of_women)]
    assert list(women) == TABLE
    assert (women["score"], men["score"]) == pytest.approx(tuple(recall))
    assert women["acted"] == pytest.approx((y_true & found)[of_women].mean())
    assert women["difference"] == pytest.approx(recall[0] - recall[1]) == -men["difference"]
    assert women["difference_low"] < -0.4 < women["difference_high"] < 0
    assert women["low"] < women["score"] < women["high"]


def test_groups_that_are_served_alike_do_not_differ_clearly_and_small_ones_are_left_out() -> None:
    draw = np.random.default_rng(2)
    rows = pd.DataFrame({"age": draw.normal(40, 9, SIZE), "sex": ["x"] * 9 + ["f", "m"] * ((SIZE - 9) // 2) + ["f"]})
    y_true = draw.normal(0, 1, SIZE)
    task = Regression(y_true, Interval(0.8, 1.0, 1.0), 1, None)
    predictions = np.stack([y_true + draw.normal(0, 1, SIZE), y_true, y_true], axis=1)
    measure = task.measure_rows(y_true, predictions)
    found = compare_groups(rows, ["sex", "age"], measure, draw_resamples(np.arange(SIZE), 400, 1), 50, TAILS)
    # then there are two groups and four quarters, none of which stands out
    assert [row["column"] for row in found] == ["sex"] * 2 + ["age"] * 4
    assert all(row["difference_low"] < 0 < row["difference_high"] for row in found)
    assert all(row["acted"] is None for row in found)


def test_rows_of_unknown_value_are_nobodys_others() -> None:
    # given rows of whom half are not known, which are all wrong
    rows = pd.DataFrame({"sex": ["f", "m", None, None] * 100})
    right = np.tile([True, True, False, False], 100)
    task = Multiclass(Target("kind", ["a", "b"], None, ""), usual=0)
    measure = task.measure_rows(np.zeros(400, dtype=np.int64), np.where(right[:, None], [[0.9, 0.1]], [[0.1, 0.9]]))
    blocks = draw_resamples(np.arange(400), 200, 1)
    found = {row["value"]: row for row in compare_groups(rows, ["sex"], measure, blocks, 50, TAILS)}
    assert (found["f"]["score"], found["f"]["difference"]) == (1.0, 0.0)
    assert found["missing"]["difference"] == -1.0


def test_a_group_without_any_of_the_rows_it_is_measured_by_has_no_score() -> None:
    rows = pd.DataFrame({"sex": ["f"] * 100 + ["m"] * 100})
    y_true = np.r_[np.zeros(100, dtype=bool), np.ones(100, dtype=bool)]
    task = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(1, 1))
    measure = task.measure_rows(y_true, np.full(200, 0.7))
    found = compare_groups(rows, ["sex"], measure, draw_resamples(np.arange(200), 200, 1), 50, TAILS)
    women = next(row for row in found if row["value"] == "f")
    assert [women[name] for name in ("score", "low", "high", "difference", "difference_low")] == [None] * 5


def test_scored_several_times_a_row_counts_each_time() -> None:
    rows = pd.DataFrame({"sex": ["f", "m"] * 100})
    y_true = np.ones(400, dtype=bool)
    task = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(1, 1))
    measure = task.measure_rows(y_true, np.tile([0.9, 0.1], 200))
    of_row, weights = draw_resamples(np.arange(200), 200, 1)
    found = compare_groups(rows, ["sex"], measure, (np.tile(of_row, 2), weights), 50, TAILS, repeats=2)
    assert {row["value"]: (row["rows"], row["score"]) for row in found} == {"f": (100, 1.0), "m": (100, 0.0)}
