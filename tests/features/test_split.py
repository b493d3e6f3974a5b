"""A row's part depends on that row alone: more rows, other order, other cuts move none."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import DataError, ParamsError
from stages.features.params import Split
from stages.features.split import PARTS, check, split_rows

TIME = Split(by="time", column="day", validation_from=datetime.date(2013, 9, 1), test_from=datetime.date(2013, 11, 1))
HASH = Split(by="hash")

keys = st.fixed_dictionaries(
    {
        "id": st.integers(0, 20).map(float) | st.just(float("nan")),
        "name": st.none() | st.text(st.characters(codec="utf-8"), max_size=3),
        "day": st.none() | st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2030, 1, 1)),  # noqa: DTZ001
    }
)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": np.array([row["id"] for row in rows], dtype=float),
            "name": pd.array([row["name"] for row in rows], dtype="str"),
            "day": np.array([row["day"] for row in rows], dtype="datetime64[s]"),
        }
    )


@given(st.lists(keys, min_size=2, max_size=12), st.data())
def test_a_row_stays_where_it_is_when_the_table_is_cut_or_grows(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    whole = split_rows(frame(rows), HASH, ["id", "name", "day"])
    cut = data.draw(st.integers(1, len(rows) - 1))

    first = split_rows(frame(rows[:cut]), HASH, ["id", "name", "day"])
    second = split_rows(frame(rows[cut:]), HASH, ["id", "name", "day"])

    assert [*first, *second] == whole.tolist()


def test_a_day_is_hashed_the_same_beside_a_time_of_day() -> None:
    days = np.array([f"2013-01-{day:02}" for day in range(1, 29)], dtype="datetime64[s]")
    alone = split_rows(pd.DataFrame({"day": days}), HASH, ["day"])

    beside = split_rows(pd.DataFrame({"day": [*days, np.datetime64("2013-05-05T10:30:00", "s")]}), HASH, ["day"])

    assert beside[:-1].tolist() == alone.tolist()


def test_rows_of_one_key_are_on_one_side_and_rows_without_a_key_are_their_own() -> None:
    rows = pd.DataFrame({"id": [1.0, 2.0, 1.0, 3.0] * 50, "value": np.arange(200.0)})

    by_key = pd.Series(split_rows(rows, HASH, ["id"])).groupby(rows["id"]).nunique()
    by_row = split_rows(rows, HASH, [])

    assert (by_key == 1).all()
    assert set(by_row) == set(PARTS)


def test_rows_of_one_group_are_on_one_side() -> None:
    rows = pd.DataFrame({"city": [f"c{number % 40}" for number in range(400)], "id": np.arange(400.0)})

    part = split_rows(rows, Split(by="group", column="city"), ["id"])

    assert (pd.Series(part).groupby(rows["city"]).nunique() == 1).all()
    assert set(part) == set(PARTS)


def test_the_shares_are_about_those_asked_for() -> None:
    rows = pd.DataFrame({"id": np.arange(20_000.0)})

    share = pd.Series(split_rows(rows, Split(by="hash", validation=0.1, test=0.3), ["id"])).value_counts(normalize=True)

    assert share.to_dict() == pytest.approx({"train": 0.6, "validation": 0.1, "test": 0.3}, abs=0.01)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_time_splits_at_midnight_of_the_two_dates(zone: str | None) -> None:
    moments = ["2013-08-31T23:59:59", "2013-09-01", "2013-10-31T23:59:59", "2013-11-01"]
    rows = pd.DataFrame({"day": pd.Series(np.array(moments, dtype="datetime64[s]")).dt.tz_localize(zone)})

    assert split_rows(rows, TIME, []).tolist() == ["train", "validation", "validation", "test"]


@pytest.mark.parametrize(
    ("split", "error", "message"),
    [
        (Split(by="time", column="dey"), ParamsError, r"no column 'dey'. Did you mean 'day'\?"),
        (Split(by="group", column="cit"), ParamsError, r"no column 'cit'. Did you mean 'city'\?"),
        (Split(by="time", column="day"), ParamsError, "needs validation_from and test_from"),
        (msgspec.structs.replace(TIME, column="city"), ParamsError, "'city' holds no dates"),
        (TIME, DataError, "splits by time but is missing in 1 rows"),
    ],
)  # fmt: skip
def test_a_split_that_cannot_be_made_says_why(split: Split, error: type[Exception], message: str) -> None:
    rows = pd.DataFrame({"day": np.array(["2013-01-01", "NaT"], dtype="datetime64[s]"), "city": ["a", "b"]})

    with pytest.raises(error, match=message):
        split_rows(rows, split, [])


def test_another_salt_is_another_draw_and_salt_0_is_none() -> None:
    rows = pd.DataFrame({"id": np.arange(500.0)})

    draws = [split_rows(rows, Split(by="hash", salt=salt), ["id"]).tolist() for salt in (0, 1, 2)]

    assert draws[0] == split_rows(rows, HASH, ["id"]).tolist()
    assert draws[0] != draws[1] != draws[2] != draws[0]


def test_keys_whose_texts_run_together_alike_are_two_keys() -> None:
    rows = pd.DataFrame({"a": [f"{at}x" for at in range(100)], "b": "y"})
    other = pd.DataFrame({"a": [str(at) for at in range(100)], "b": "xy"})

    assert split_rows(rows, HASH, ["a", "b"]).tolist() != split_rows(other, HASH, ["a", "b"]).tolist()


def test_equal_rows_are_together_unless_they_may_be_apart() -> None:
    rows = pd.DataFrame({"colour": ["red", "blue"] * 300})

    together = split_rows(rows, HASH, ["colour"])
    apart = split_rows(rows, Split(by="hash", repeats="apart"), ["colour"])

    assert (pd.Series(together).groupby(rows["colour"]).nunique() == 1).all()
    assert (pd.Series(apart).groupby(rows["colour"]).nunique() == 3).all()


@given(st.lists(st.sampled_from("ab"), min_size=2, max_size=30), st.data())
def test_equal_rows_that_are_apart_stay_where_they_are_when_the_table_grows(
    values: list[str], data: st.DataObject
) -> None:
    split = Split(by="hash", repeats="apart", salt=3)
    whole = split_rows(pd.DataFrame({"value": values}), split, ["value"])
    cut = data.draw(st.integers(1, len(values)))

    assert split_rows(pd.DataFrame({"value": values[:cut]}), split, ["value"]).tolist() == whole[:cut].tolist()


@pytest.mark.parametrize(
    ("part", "classes", "message"),
    [
        (["train", "train", "test", "test"], ["a", "b", "a", "b"], "the validation part has no rows"),
        ([*PARTS, "train", "validation"], ["a", "a", "a", "b", "b"], "the test part has no row of the class 'b'"),
    ],
)  # fmt: skip
def test_a_part_without_rows_of_each_class_is_named(part: list[str], classes: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check(np.array(part, dtype=object), pd.Series(classes), is_class=True)


def test_numbers_to_predict_only_need_rows_in_each_part() -> None:
    check(np.array(PARTS, dtype=object), pd.Series([1.0, 2.0, 3.0]), is_class=False)

    with pytest.raises(DataError, match="the test part has no rows"):
        check(np.array(["train", "validation"], dtype=object), pd.Series([1.0, 2.0]), is_class=False)
