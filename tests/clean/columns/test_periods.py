"""Weeks are those of ISO 8601, epochs and spreadsheet days those of other programs."""

from __future__ import annotations

import datetime

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.columns import periods
from stages.clean.columns.parsing import to_arrow


def one(text: str, word: str) -> np.datetime64:
    return np.datetime64(periods.read_periods(to_arrow([text]), word)[0], "s")


@given(st.dates(datetime.date(1900, 1, 5), datetime.date(2100, 12, 20)))
def test_a_week_begins_on_its_monday(day: datetime.date) -> None:
    year, week, weekday = day.isocalendar()

    assert one(f"{year}-W{week:02d}", "week") == np.datetime64(day - datetime.timedelta(days=weekday - 1), "s")


@given(st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(9999, 1, 1)), st.sampled_from([*periods.EPOCHS]))  # noqa: DTZ001
def test_an_epoch_counts_from_1970(moment: datetime.datetime, word: str) -> None:
    seconds = int((moment.replace(microsecond=0) - datetime.datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
    counted = seconds * periods.EPOCHS[word]

    if abs(counted) < 9e18:
        assert one(str(counted), word) == np.datetime64(moment.replace(microsecond=0), "s")


@given(st.dates(datetime.date(1900, 3, 1)))
def test_day_61_of_a_spreadsheet_is_the_first_of_march_1900(day: datetime.date) -> None:
    assert one(str((day - datetime.date(1899, 12, 30)).days), "serial") == np.datetime64(day, "s")
