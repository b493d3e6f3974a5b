"""A row's part depends on that row and the rule: more rows, other order, other cuts move none unless windows move."""

from __future__ import annotations

import datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import params
from stages.core.errors import DataError, ParamsError
from stages.transform.split import PARTS, check, settle_split, split_rows
from stages.transform.split_rule import Split, SplitRule

TIME = Split(by="time", column="day", validation_from=datetime.date(2013, 9, 1), test_from=datetime.date(2013, 11, 1))
HASH = Split(by="hash")

keys = st.fixed_dictionaries(
    {
        "id": st.integers(0, 20).map(float) | st.just(float("nan")),
        "name": st.none() | st.text(st.characters(codec="utf-8"), max_size=3),
        "day": st.none() | st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2030, 1, 1)),  # noqa: DTZ001
    }
)


def deal(rows: pd.DataFrame, split: Split, key: list[str]) -> npt.NDArray[Any]:
    return split_rows(rows, settle_split(rows, split, key))


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
    whole = deal(frame(rows), HASH, ["id", "name", "day"])
    cut = data.draw(st.integers(1, len(rows) - 1))

    first = deal(frame(rows[:cut]), HASH, ["id", "name", "day"])
    second = deal(frame(rows[cut:]), HASH, ["id", "name", "day"])

    assert [*first, *second] == whole.tolist()


def test_a_day_is_hashed_the_same_beside_a_time_of_day() -> None:
    days = np.array([f"2013-01-{day:02}" for day in range(1, 29)], dtype="datetime64[s]")
    alone = deal(pd.DataFrame({"day": days}), HASH, ["day"])

    beside = deal(pd.DataFrame({"day": [*days, np.datetime64("2013-05-05T10:30:00", "s")]}), HASH, ["day"])

    assert beside[:-1].tolist() == alone.tolist()


def test_rows_of_one_key_are_on_one_side_and_rows_without_a_key_are_their_own() -> None:
    rows = pd.DataFrame({"id": [1.0, 2.0, 1.0, 3.0] * 50, "value": np.arange(200.0)})

    by_key = pd.Series(deal(rows, HASH, ["id"])).groupby(rows["id"]).nunique()
    by_row = deal(rows, HASH, [])

    assert (by_key == 1).all()
    assert set(by_row) == set(PARTS)


def test_rows_of_one_group_are_on_one_side() -> None:
    rows = pd.DataFrame({"city": [f"c{number % 40}" for number in range(400)], "id": np.arange(400.0)})

    part = deal(rows, Split(by="group", column="city"), ["id"])

    assert (pd.Series(part).groupby(rows["city"]).nunique() == 1).all()
    assert set(part) == set(PARTS)


def test_the_shares_are_about_those_asked_for() -> None:
    rows = pd.DataFrame({"id": np.arange(20_000.0)})

    share = pd.Series(deal(rows, Split(by="hash", validation=0.1, test=0.3), ["id"])).value_counts(normalize=True)

    assert share.to_dict() == pytest.approx({"train": 0.6, "validation": 0.1, "test": 0.3}, abs=0.01)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_time_splits_at_midnight_of_the_two_dates(zone: str | None) -> None:
    moments = ["2013-08-31T23:59:59", "2013-09-01", "2013-10-31T23:59:59", "2013-11-01"]
    rows = pd.DataFrame({"day": pd.Series(np.array(moments, dtype="datetime64[s]")).dt.tz_localize(zone)})

    assert deal(rows, TIME, []).tolist() == ["train", "validation", "validation", "test"]


@pytest.mark.parametrize(
    ("split", "error", "message"),
    [
        (Split(by="time", column="dey"), ParamsError, r"no column 'dey'. Did you mean 'day'\?"),
        (Split(by="group", column="cit"), ParamsError, r"no column 'cit'. Did you mean 'city'\?"),
        (msgspec.structs.replace(TIME, column="city"), ParamsError, "'city' holds no dates"),
        (TIME, DataError, "splits by time but is missing in 1 rows"),
    ],
)  # fmt: skip
def test_a_split_that_cannot_be_made_says_why(split: Split, error: type[Exception], message: str) -> None:
    rows = pd.DataFrame({"day": np.array(["2013-01-01", "NaT"], dtype="datetime64[s]"), "city": ["a", "b"]})

    with pytest.raises(error, match=message):
        deal(rows, split, [])


def test_another_salt_is_another_draw_and_salt_0_is_none() -> None:
    rows = pd.DataFrame({"id": np.arange(500.0)})

    draws = [deal(rows, Split(by="hash", salt=salt), ["id"]).tolist() for salt in (0, 1, 2)]

    assert draws[0] == deal(rows, HASH, ["id"]).tolist()
    assert draws[0] != draws[1] != draws[2] != draws[0]


def test_keys_whose_texts_run_together_alike_are_two_keys() -> None:
    rows = pd.DataFrame({"a": [f"{at}x" for at in range(100)], "b": "y"})
    other = pd.DataFrame({"a": [str(at) for at in range(100)], "b": "xy"})

    assert deal(rows, HASH, ["a", "b"]).tolist() != deal(other, HASH, ["a", "b"]).tolist()


def test_equal_rows_are_together_unless_they_may_be_apart() -> None:
    rows = pd.DataFrame({"colour": ["red", "blue"] * 300})

    together = deal(rows, HASH, ["colour"])
    apart = deal(rows, Split(by="hash", repeats="apart"), ["colour"])

    assert (pd.Series(together).groupby(rows["colour"]).nunique() == 1).all()
    assert (pd.Series(apart).groupby(rows["colour"]).nunique() == 3).all()


@given(st.lists(st.sampled_from("ab"), min_size=2, max_size=30), st.data())
def test_equal_rows_that_are_apart_stay_where_they_are_when_the_table_grows(
    values: list[str], data: st.DataObject
) -> None:
    split = Split(by="hash", repeats="apart", salt=3)
    whole = deal(pd.DataFrame({"value": values}), split, ["value"])
    cut = data.draw(st.integers(1, len(values)))

    assert deal(pd.DataFrame({"value": values[:cut]}), split, ["value"]).tolist() == whole[:cut].tolist()


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


def days(*texts: str) -> pd.DataFrame:
    return pd.DataFrame({"day": np.array(texts, dtype="datetime64[s]")})


def window(**said: object) -> Split:
    return params.convert({"by": "time", "column": "day", **said}, Split, "features.split")


@pytest.mark.parametrize(
    ("newest", "test", "validation", "borders"),
    [
        ("2013-12-31T23:59:59", "last 2 months", "2 months before", ("2013-09-01", "2013-11-01")),
        ("2013-12-01", "last 2 months", "2 months before", ("2013-09-01", "2013-11-01")),
        ("2014-01-01", "last 2 months", "2 months before", ("2013-10-01", "2013-12-01")),
        ("2013-12-31", "last 1 quarter", "2 weeks before", ("2013-09-23", "2013-10-01")),
        ("2013-12-31", "last 3 days", "1 year before", ("2013-01-01", "2013-12-29")),
        ("2013-12-31", "last 1 year", "1 quarter before", ("2012-10-01", "2013-01-01")),
    ],
)  # fmt: skip
def test_windows_of_calendar_periods_end_with_the_newest_row(
    newest: str, test: str, validation: str, borders: tuple[str, str]
) -> None:
    rule = settle_split(days("2010-05-05", newest), window(test=test, validation=validation), [])

    assert (str(rule.validation_from), str(rule.test_from)) == borders


def test_the_next_month_moves_the_windows_and_a_month_that_is_there_does_not() -> None:
    rows = days(*(str(day) for day in np.arange("2013-01-01", "2013-12-10", dtype="datetime64[D]")))
    split = window(test="last 2 months", validation="2 months before")
    rule = settle_split(rows, split, [])

    within = settle_split(pd.concat([rows, days("2013-12-31")]), split, [])
    beyond = settle_split(pd.concat([rows, days("2014-01-01")]), split, [])

    assert within == rule
    assert (beyond.validation_from, beyond.test_from) == (datetime.date(2013, 10, 1), datetime.date(2013, 12, 1))


@given(st.lists(st.integers(0, 30), min_size=20, max_size=60), st.sampled_from([0.1, 0.15, 0.3]))
def test_windows_that_are_shares_hold_whole_days_and_no_fewer_rows(numbers: list[int], share: float) -> None:
    rows = pd.DataFrame({"day": np.datetime64("2013-01-01", "s") + np.array(numbers) * np.timedelta64(1, "D")})

    part = pd.Series(deal(rows, window(test=share, validation=share), []))

    assert (part.groupby(rows["day"]).nunique() == 1).all()
    held_out = rows["day"][part == "test"]
    assert len(held_out) >= share * len(rows)
    assert (held_out > held_out.min()).sum() < share * len(rows)
    assert part[rows["day"].argsort()].map(PARTS.index).is_monotonic_increasing


def test_a_rule_gives_rows_that_came_later_the_part_they_would_have_had() -> None:
    rule = settle_split(days("2013-01-01", "2013-12-31"), window(test="last 1 month", validation="1 month before"), [])
    kept = msgspec.json.decode(msgspec.json.encode(rule), type=SplitRule)

    assert split_rows(days("2013-10-31", "2013-11-01", "2014-06-01"), kept).tolist() == ["train", "validation", "test"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"test": "last two months"}, "test: 'last two months' is neither a share of the rows .* 'last 2 months'"),
        ({"validation": "last 2 months"}, "validation: 'last 2 months' is neither .* '2 months before'"),
        ({"by": "hash", "test": "last 2 months"}, "says nothing where rows are split by hash"),
        ({"test_from": "2013-11-01"}, "give both validation_from and test_from, or neither"),
        (
            {"test_from": "2013-11-01", "validation_from": "2013-09-01", "test": "last 2 months"},
            "says nothing where the dates are fixed",
        ),
    ],
)
def test_a_window_that_says_nothing_is_refused(said: dict[str, object], message: str) -> None:
    with pytest.raises(ParamsError, match=message):
        window(**said)


def test_a_window_that_takes_all_rows_leaves_none_to_train() -> None:
    part = deal(days("2013-11-05", "2013-12-31"), window(test="last 2 months", validation="1 month before"), [])

    with pytest.raises(DataError, match="the train part has no rows"):
        check(part, pd.Series([1.0, 2.0]), is_class=False)
