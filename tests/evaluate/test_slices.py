"""Slices and weeks: their names, who is large enough, and rows without a date."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.contracts.evaluation import Costs
from stages.contracts.train_metrics import Interval
from stages.evaluate import slices
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import draw_resamples
from stages.evaluate.multiclass.task import Multiclass
from stages.evaluate.regression.task import Regression
from stages.table.schema import Target

TAILS = (0.025, 0.975)
BINARY = Binary(Target("late", ["no", "yes"], "yes", ""), Costs(4, 1))
MULTICLASS = Multiclass(Target("kind", ["a", "b", "c"], None, ""), usual=1)
REGRESSION = Regression(np.arange(10.0), Interval(0.8, 1.0, 1.0), 1, None)


def test_slices_are_named_as_people_read_them_and_numbers_rise() -> None:
    # Given hours as float64, one of them missing, and carriers
    rows = pd.DataFrame({"hour": [10.0] * 300 + [5.0] * 200 + [np.nan] * 150, "carrier": ["UA"] * 650})
    labels = np.arange(650) % 2 == 0

    # When slices of at least 100 rows are made
    listed = slices.list_slices(rows, ["hour", "carrier"], 100, labels)
    found = [(column, value, int(mask.sum())) for column, value, mask in listed]

    # Then an hour is 10, not 10.0
    assert found == [("hour", "5", 200), ("hour", "10", 300), ("hour", "missing", 150), ("carrier", "UA", 650)]


def test_a_number_keeps_its_digits_in_its_name() -> None:
    rows = pd.DataFrame({"flight": [1234567.0] * 200, "rate": [0.25] * 200})
    found = list(slices.list_slices(rows, ["flight", "rate"], 100, np.arange(200) % 2 == 0))
    assert [value for _, value, _ in found] == ["1234567", "0.25"]


def test_a_number_of_many_values_is_cut_into_quarters() -> None:
    # Given one of 100 values, one that is mostly 0, and one where the largest value is the usual one
    rows = pd.DataFrame(
        {
            "age": np.arange(400.0) % 100,
            "rain": np.where(np.arange(400) < 350, 0.0, np.arange(400) / 100),
            "sight": np.where(np.arange(400) < 40, np.arange(400) / 10, 10.0),
        }
    )
    rows.loc[:49, "age"] = np.nan

    # When slices are made
    found = [(column, value) for column, value, _ in slices.list_slices(rows, list(rows), 40)]

    # Then each is named by its ends, the missing ones last, and no value is in two
    assert found == [
        *(("age", value) for value in ("below 29", "29 to below 56", "56 to below 78", "78 or more", "missing")),
        *(("rain", value) for value in ("below 3.5", "3.5 or more")),
        *(("sight", value) for value in ("below 10", "10 or more")),
    ]


def test_slices_too_small_or_of_nearly_one_class_are_left_out() -> None:
    # Given a slice of too few rows, and a large one with 49 positive rows
    rows = pd.DataFrame({"origin": ["small"] * 99 + ["one-sided"] * 500 + ["fine"] * 150})
    labels = np.r_[np.arange(99) % 2 == 0, np.arange(500) < 49, np.arange(150) % 2 == 0]

    # Then neither is looked at
    assert [value for _, value, _ in slices.list_slices(rows, ["origin"], 100, labels)] == ["fine"]

    # But where the target is no pair of classes, only its size counts
    assert [value for _, value, _ in slices.list_slices(rows, ["origin"], 100)] == ["one-sided", "fine"]


def test_a_slices_interval_comes_from_the_blocks_of_the_whole_without_warnings() -> None:
    # Given a slice that lies in one of three days: draws without that day say nothing of it
    make = np.random.default_rng(7)
    labels = make.random(600) < 0.4
    models = {"candidate": (labels * 0.3 + make.random(600)).clip(0, 1), "baseline": make.random(600)}
    rows = pd.DataFrame({"origin": np.repeat(["EWR", "JFK", "LGA"], 200)})
    blocks = draw_resamples(np.repeat([0, 1, 2], 200), draws=50, seed=7)

    # When the rows of slices.csv are made
    table = slices.score_slices(
        slices.list_slices(rows, ["origin"], 100, labels), BINARY, labels, models, blocks, TAILS
    )

    # Then each has finite values, its own AUC by each model among them
    assert [row["value"] for row in table] == ["EWR", "JFK", "LGA"]
    for row in table:
        assert 0 < row["low"] <= row["high"] <= 1
        assert row["low"] - 1e-9 <= row["auc"] <= row["high"] + 1e-9
        assert row["baseline_auc"] is not None


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_weeks_begin_on_monday_in_utc_and_a_row_without_a_date_is_in_none(zone: str | None) -> None:
    # Given a Sunday just before midnight, the Monday after, a row without a date, and another week of one class
    times = ["2013-11-03T23:59:59", "2013-11-04T00:00:00", None, "2013-11-10T12:00:00", "2013-11-11T12:00:00"]
    dates = pd.Series(pd.to_datetime(times)).dt.as_unit("s").dt.tz_localize(zone)
    labels = np.array([True, False, True, True, False])

    # When they are counted by week
    models = {"candidate": np.array([0.9, 0.1, 0.5, 0.6, 0.2])}
    table = slices.score_weeks(dates, BINARY, labels, models, draw_resamples(np.arange(5), 100, 7), TAILS)

    # Then each week is named by its Monday, and AUC is left empty where there is one class
    assert [(row["week"], row["rows"], row["auc"]) for row in table] == [
        ("2013-10-28", 1, None),
        ("2013-11-04", 2, 1.0),
        ("2013-11-11", 1, None),
    ]


def test_months_are_counted_by_part() -> None:
    # Given rows of two months in two parts
    dates = pd.Series(pd.to_datetime(["2013-08-31", "2013-09-01", "2013-09-02", "2013-09-03"]))
    part = np.array(["train", "validation", "validation", "test"], dtype=object)

    # When they are counted
    table = slices.count_months(dates, part, np.array([1.0, 1.0, 0.0, 0.0]))

    # Then there is a row for each month and part
    assert [(row["period"], row["split"], row["rows"], row["rate"]) for row in table] == [
        ("2013-08", "train", 1, 1.0),
        ("2013-09", "test", 1, 0.0),
        ("2013-09", "validation", 2, 0.5),
    ]


def test_calibration_has_ten_groups_that_hold_all_rows() -> None:
    # Given probabilities that are right
    make = np.random.default_rng(7)
    probability = make.random(5000)
    came = (make.random(5000) < probability).astype(np.float64)

    # When they are grouped, days of fifty rows resampled
    table = slices.tabulate_calibration(came, probability, draw_resamples(np.arange(5000) // 50, 200, 7), TAILS)

    # Then predicted and observed rates agree, and the interval is about the observed rate
    assert [row["group"] for row in table] == list(range(1, 11))
    assert sum(row["rows"] for row in table) == 5000
    for row in table:
        assert row["observed"] == pytest.approx(row["predicted"], abs=0.06)
        assert row["low"] <= row["observed"] <= row["high"]


def test_one_probability_for_all_is_one_group() -> None:
    came = (np.arange(5000) % 4 == 0).astype(np.float64)
    (row,) = slices.tabulate_calibration(
        came, np.full(5000, 0.25), draw_resamples(np.arange(5000) // 50, 100, 7), TAILS
    )
    assert row["rows"] == 5000
    assert row["observed"] == 0.25


def test_a_slice_of_several_classes_is_told_by_its_accuracy_and_the_usual_class() -> None:
    # Given two slices of two rows, the first right in both, the second in none; class b is the usual one
    rows = pd.DataFrame({"origin": ["EWR", "EWR", "JFK", "JFK"]})
    truth = np.array([0, 1, 1, 1])
    said = {
        "candidate": np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8]]),
        "baseline": np.tile([0.2, 0.5, 0.3], (4, 1)),
    }

    # When they are looked at
    found = slices.list_slices(rows, ["origin"], 2)
    first, second = slices.score_slices(found, MULTICLASS, truth, said, draw_resamples(np.arange(4), 100, 7), TAILS)

    # Then each has its accuracy, and how often b came and was predicted
    assert (first["accuracy"], first["baseline_accuracy"], first["rate"]) == (1.0, 0.5, 0.5)
    assert first["predicted"] == pytest.approx(0.4)
    assert (second["accuracy"], second["baseline_accuracy"], second["rate"]) == (0.0, 1.0, 1.0)
    assert second["predicted"] == pytest.approx(0.2)
    assert list(first) == slices.name_columns(MULTICLASS, said)


def test_a_slice_whose_target_is_constant_has_its_error_and_bias() -> None:
    # Given a slice where every value is 5
    rows = pd.DataFrame({"origin": ["EWR"] * 3})
    said = {
        "candidate": REGRESSION.shape_predictions(np.array([[4.0], [7.0], [5.0]])),
        "baseline": REGRESSION.shape_predictions(np.ones((3, 1))),
    }

    # When it is looked at
    found = slices.list_slices(rows, ["origin"], 2)
    (row,) = slices.score_slices(found, REGRESSION, np.full(3, 5.0), said, draw_resamples(np.arange(3), 100, 7), TAILS)

    # Then its mean absolute error is 1, and it is a third too high, with an interval
    assert (row["mae"], row["baseline_mae"], row["mean"]) == (1.0, 4.0, 5.0)
    assert row["gap"] == pytest.approx(1 / 3)
    assert row["gap_low"] < 1 / 3 < row["gap_high"]
    assert list(row) == slices.name_columns(REGRESSION, said)


def test_rows_scored_several_times_count_once_and_all_their_scores_count() -> None:
    # Given two rows in a week of their own each, scored twice: the first right once
    rows = pd.DataFrame({"origin": ["EWR", "JFK"]})
    truth = np.tile([5.0, 1.0], 2)
    said = {"candidate": REGRESSION.shape_predictions(np.array([[5.0], [1.0], [9.0], [1.0]]))}
    of_row, weights = draw_resamples(np.arange(2), 100, 7)
    blocks = np.tile(of_row, 2), weights

    # When slices and weeks are made
    found = slices.list_slices(rows, ["origin"], 1)
    scored = slices.score_slices(found, REGRESSION, truth, said, blocks, TAILS, repeats=2)
    dates = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-08"]))
    weeks = slices.score_weeks(dates, REGRESSION, truth, said, blocks, TAILS, repeats=2)

    # Then each holds one row, and the mean of its two errors
    for table in (scored, weeks):
        assert [(row["rows"], row["mae"]) for row in table] == [(1, 2.0), (1, 0.0)]
    assert [(row["observed"], row["predicted"]) for row in weeks] == [(5.0, 7.0), (1.0, 1.0)]


@pytest.mark.parametrize(
    ("predicted", "low", "high"), [(np.linspace(0.12, 0.58, 200), 0.1, 0.6), (np.zeros(200), 0.0, 1.0)]
)
def test_a_histogram_holds_every_row(predicted: np.typing.NDArray[np.float64], low: float, high: float) -> None:
    bars = slices.tabulate_histogram(predicted)
    assert (bars[0]["low"], bars[-1]["high"], len(bars)) == (pytest.approx(low), pytest.approx(high), slices.BARS)
    assert sum(bar["rows"] for bar in bars) == 200
