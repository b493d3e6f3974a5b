"""Slices and weeks: their names, who is large enough, and rows without a date."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages import groups
from stages.scores import resamples


def test_slices_are_named_as_people_read_them_and_the_largest_comes_first() -> None:
    # Given hours as float64, one of them missing, and carriers
    rows = pd.DataFrame({"hour": [10.0] * 300 + [5.0] * 200 + [np.nan] * 150, "carrier": ["UA"] * 650})
    labels = np.arange(650) % 2 == 0

    # When slices of at least 100 rows are made
    slices = groups.slices(rows, ["hour", "carrier"], labels, 100)
    found = [(column, value, int(mask.sum())) for column, value, mask in slices]

    # Then an hour is 10, not 10.0
    assert found == [("hour", "10", 300), ("hour", "5", 200), ("hour", "missing", 150), ("carrier", "UA", 650)]


def test_a_number_keeps_its_digits_in_its_name() -> None:
    rows = pd.DataFrame({"flight": [1234567.0] * 200, "rate": [0.25] * 200})
    found = list(groups.slices(rows, ["flight", "rate"], np.arange(200) % 2 == 0, 100))
    assert [value for _, value, _ in found] == ["1234567", "0.25"]


def test_slices_too_small_or_of_nearly_one_class_are_left_out() -> None:
    # Given a slice of too few rows, and a large one with 49 positive rows
    rows = pd.DataFrame({"origin": ["small"] * 99 + ["one-sided"] * 500 + ["fine"] * 150})
    labels = np.r_[np.arange(99) % 2 == 0, np.arange(500) < 49, np.arange(150) % 2 == 0]

    # Then neither is looked at
    assert [value for _, value, _ in groups.slices(rows, ["origin"], labels, 100)] == ["fine"]


def test_a_slices_interval_comes_from_the_blocks_of_the_whole_without_warnings() -> None:
    # Given a slice that lies in one of three days: draws without that day say nothing of it
    make = np.random.default_rng(7)
    labels = make.random(600) < 0.4
    models = {"candidate": (labels * 0.3 + make.random(600)).clip(0, 1), "baseline": make.random(600)}
    rows = pd.DataFrame({"origin": np.repeat(["EWR", "JFK", "LGA"], 200)})
    blocks = resamples(np.repeat([0, 1, 2], 200), draws=50, seed=7)

    # When the rows of slices.csv are made
    table = groups.slice_rows(groups.slices(rows, ["origin"], labels, 100), labels, models, blocks, (0.025, 0.975))

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
    table = groups.weeks(dates, labels, {"candidate": np.array([0.9, 0.1, 0.5, 0.6, 0.2])})

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
    table = groups.months(dates, part, np.array([True, True, False, False]))

    # Then there is a row for each month and part
    assert [(row["period"], row["split"], row["rows"], row["rate"]) for row in table] == [
        ("2013-08", "train", 1, 1.0),
        ("2013-09", "test", 1, 0.0),
        ("2013-09", "validation", 2, 0.5),
    ]
