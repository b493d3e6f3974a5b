"""Every derivation: against Python's own calendar, with missing values, and the same for one row as for many."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.transform.derivations import KINDS, Derivation, derive

STEPS = [
    Derivation("clock_minutes", "clock_minutes", ["clock"]),
    Derivation("weekday", "weekday", ["day"]),
    Derivation("month", "month", ["day"]),
    Derivation("day_of_year", "day_of_year", ["day"]),
    Derivation("year", "year", ["day"]),
    Derivation("days", "days", ["moment"]),
    Derivation("hour", "hour", ["moment"]),
    Derivation("difference", "difference", ["first", "second"]),
    Derivation("ratio", "ratio", ["first", "second"]),
    Derivation("years_since", "years_since", ["day", "first"]),
]
EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001
missing_or_number = st.none() | st.floats(-1e6, 1e6)
rows = st.fixed_dictionaries(
    {
        "clock": st.none() | st.builds(lambda h, m: float(100 * h + m), st.integers(0, 23), st.integers(0, 59)),
        "day": st.none() | st.dates(),
        "moment": st.none() | st.datetimes(),
        "first": missing_or_number,
        "second": missing_or_number,
    }
)


def arrays(values: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {"clock": float, "day": "datetime64[D]", "moment": "datetime64[s]", "first": float, "second": float}
    return {name: np.array([row[name] for row in values], dtype=kind) for name, kind in kinds.items()}


def expected(row: dict[str, Any]) -> dict[str, float]:
    """Each derivation of one row, by Python's datetime; NaN where something it needs is missing."""
    day, moment, first, second = row["day"], row["moment"], row["first"], row["second"]
    both = first is not None and second is not None
    return {
        "clock_minutes": math.nan if row["clock"] is None else row["clock"] // 100 * 60 + row["clock"] % 100,
        "weekday": day.weekday() if day else math.nan,
        "month": day.month if day else math.nan,
        "day_of_year": day.timetuple().tm_yday if day else math.nan,
        "year": day.year if day else math.nan,
        "days": (moment.replace(microsecond=0) - EPOCH) / datetime.timedelta(days=1) if moment else math.nan,
        "hour": moment.hour if moment else math.nan,
        "difference": first - second if both else math.nan,
        "ratio": first / second if both and second != 0 else math.nan,
        "years_since": day.year - first if day and first is not None else math.nan,
    }


def test_every_kind_is_tested_here() -> None:
    assert {step.kind for step in STEPS} == set(KINDS)


@given(st.lists(rows, min_size=1, max_size=6))
def test_every_kind_is_what_python_says_and_missing_where_something_is(values: list[dict[str, Any]]) -> None:
    made = derive(arrays(values), STEPS)

    for position, row in enumerate(values):
        found = {name: column[position] for name, column in made.items()}
        np.testing.assert_equal(found, {name: np.float64(value) for name, value in expected(row).items()})


@given(st.lists(rows, min_size=1, max_size=6))
def test_a_row_alone_gives_what_it_gives_among_others(values: list[dict[str, Any]]) -> None:
    together = derive(arrays(values), STEPS)

    for position, row in enumerate(values):
        alone = derive(arrays([row]), STEPS)
        np.testing.assert_equal({n: c[0] for n, c in alone.items()}, {n: c[position] for n, c in together.items()})


def test_derived_columns_are_float64_of_the_same_length() -> None:
    made = derive(arrays([dict.fromkeys(("clock", "day", "moment", "first", "second"))] * 3), STEPS)

    assert {(column.dtype, column.shape) for column in made.values()} == {(np.dtype(float), (3,))}
    assert all(np.isnan(column).all() for column in made.values())


def test_no_rows_give_no_rows() -> None:
    assert {len(column) for column in derive(arrays([]), STEPS).values()} == {0}


def test_a_step_may_build_on_one_before_it_and_changes_nothing_given() -> None:
    columns = {"clock": np.array([515.0])}
    steps = [
        Derivation("minutes", "clock_minutes", ["clock"]),
        Derivation("none", "difference", ["minutes", "minutes"]),
    ]

    made = derive(columns, steps)

    assert {name: column.tolist() for name, column in made.items()} == {"minutes": [315.0], "none": [0.0]}
    assert list(columns) == ["clock"]


@pytest.mark.parametrize(("clock", "minutes"), [(0, 0), (5, 5), (515, 315), (1200, 720), (2359, 1439), (2400, 1440)])
def test_clock_times_are_minutes_after_midnight(clock: float, minutes: float) -> None:
    step = Derivation("minutes", "clock_minutes", ["clock"])

    assert derive({"clock": np.array([float(clock)])}, [step])["minutes"].tolist() == [minutes]


def test_the_first_of_january_2013_was_a_tuesday() -> None:
    step = Derivation("weekday", "weekday", ["day"])
    days = np.array(["2013-01-01", "1969-12-28", "0001-01-01"], dtype="datetime64[s]")

    assert derive({"day": days}, [step])["weekday"].tolist() == [1, 6, datetime.date(1, 1, 1).weekday()]
