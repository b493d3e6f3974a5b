"""From the text of a cell to its value, for each type."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.spellings import parsed


def one(text: str, kind: str) -> object:
    """The cell's value, or an error's name."""
    values, bad = parsed(pd.Series([text], dtype="str"), kind, {"", "NA"})
    return "bad" if bad[0] else values[0]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", "integer", 12.0),
        (" -3 ", "integer", -3.0),
        ("1.5", "integer", "bad"),
        ("1e3", "integer", "bad"),
        ("1234567890123456", "integer", "bad"),
        ("1.5", "number", 1.5),
        (".5", "number", 0.5),
        ("5.", "number", 5.0),
        ("-1e-3", "number", -0.001),
        ("1e999", "number", "bad"),
        ("inf", "number", "bad"),
        ("nan", "number", "bad"),
        ("1,5", "number", "bad"),
        ("1_000", "number", "bad"),
        ("٣", "number", "bad"),
        ("0x10", "number", "bad"),
        ("2013-02-28", "date", np.datetime64("2013-02-28", "s")),
        ("2013-02-29", "date", "bad"),
        ("2013-2-8", "date", "bad"),
        ("28.02.2013", "date", "bad"),
        ("2013-01-01T10:00:00Z", "time", np.datetime64("2013-01-01T10:00:00", "s")),
        ("2013-01-01 10:00", "time", np.datetime64("2013-01-01T10:00:00", "s")),
        ("2013-01-01T10:00:00+02:00", "time", np.datetime64("2013-01-01T08:00:00", "s")),
        ("2013-01-01T10:00:00.123456789-0500", "time", np.datetime64("2013-01-01T15:00:00", "s")),
        ("2013-01-01T25:00:00Z", "time", "bad"),
        ("2013-01-01", "time", "bad"),
        (" JFK ", "category", "JFK"),
    ],
)
def test_a_cell_is_read_as_its_type(text: str, kind: str, value: object) -> None:
    assert one(text, kind) == value


@pytest.mark.parametrize("kind", ["number", "integer", "date", "time", "category", "text"])
@pytest.mark.parametrize("text", ["", "NA", " NA "])
def test_a_missing_value_is_missing_in_every_type(kind: str, text: str) -> None:
    assert pd.isna(one(text, kind))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_python_s(number: float) -> None:
    assert one(repr(number), "number") == number


@given(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_time_is_python_s(moment: datetime.datetime) -> None:
    assert one(moment.isoformat(), "time") == np.datetime64(moment.replace(microsecond=0), "s")


@given(st.lists(st.sampled_from(["1", "x", "NA", "2.5"]), min_size=2))
def test_a_cell_does_not_depend_on_those_around_it(texts: list[str]) -> None:
    values, bad = parsed(pd.Series(texts, dtype="str"), "number", {"NA"})

    for text, value, is_bad in zip(texts, values, bad, strict=True):
        np.testing.assert_equal(value, one(text, "number") if not is_bad else np.nan)
