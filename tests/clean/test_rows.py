"""What becomes of a row: kept, set aside or invalid, and the same whichever way the table is cut."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from stages.clean.expressions import parse_rule
from stages.clean.joins import make_index
from stages.clean.rows import Cleaned, Plan, clean_rows, join_date, plan_reading, type_inputs
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading, SourceColumn

NAMES = ["year", "month", "day", "origin", "delay", "distance"]


def block(rows: list[dict[str, str]], file: str = "a.csv") -> pd.DataFrame:
    """Text rows as clean reads them, the first on line 2."""
    frame = pd.DataFrame(rows, columns=NAMES, dtype="str")
    return frame.assign(**{FILE: file, LINE: np.arange(2, len(rows) + 2)})


def row(**changes: str) -> dict[str, str]:
    """A good row with some cells changed."""
    good = {"year": "2013", "month": "1", "day": "31", "origin": "EWR", "delay": "20", "distance": "200"}
    return {**good, **changes}


def plan() -> Plan:
    airports = pd.DataFrame(
        {"origin": ["EWR", "JFK"], "height": [5.0, np.nan], "city": ["Newark", None], FILE: "b.csv", LINE: [2, 3]}
    )
    types = {name: "category" if name == "origin" else "integer" for name in NAMES}
    return Plan(
        types=types,
        spellings=frozenset(["", "NA"]),
        set_aside={
            "cancelled": parse_rule("missing(delay)", NAMES, "here"),
            "private": parse_rule("origin == 'XX'", NAMES, "here"),
        },
        rules=[parse_rule("distance > 0", NAMES, "here"), parse_rule("delay < 1000 or origin == 'JFK'", NAMES, "here")],
        dates={"date": ["year", "month", "day"]},
        define={"late": parse_rule("delay > 15", NAMES, "here")},
        lookups=[make_index("airports", airports, ["origin"], {"height": "height", "city": "city"})],
        target="late",
    )


def test_a_good_row_is_typed_dated_defined_and_joined() -> None:
    cleaned = clean_rows(block([row()]), plan())

    assert cleaned.rows.to_dict("records") == [
        {
            "year": 2013.0, "month": 1.0, "day": 31.0, "origin": "EWR", "delay": 20.0, "distance": 200.0,
            "date": pd.Timestamp("2013-01-31"), "late": "yes", "height": 5.0, "city": "Newark",
            "(matched airports)": True, FILE: "a.csv", LINE: 2,
        }
    ]  # fmt: skip
    assert len(cleaned.set_aside) == len(cleaned.invalid) == 0


@pytest.mark.parametrize(
    ("changes", "kept_in", "column", "value", "reason"),
    [
        ({"delay": "NA"}, "set_aside", "delay", None, "cancelled"),
        ({"delay": "NA", "origin": "XX"}, "set_aside", "delay", None, "cancelled"),
        ({"origin": "XX"}, "set_aside", "origin", None, "private"),
        ({"delay": "NA", "distance": "0"}, "set_aside", "delay", None, "cancelled"),
        ({"delay": "soon"}, "invalid", "delay", "soon", "delay is not of type integer"),
        ({"delay": "NA", "distance": "far"}, "invalid", "distance", "far", "distance is not of type integer"),
        ({"delay": "soon", "distance": "far"}, "invalid", "delay", "soon", "delay is not of type integer"),
        ({"distance": "0"}, "invalid", "distance", "0", "rule not met: distance > 0"),
        ({"delay": "2000"}, "invalid", "delay, origin", None, "rule not met: delay < 1000 or origin == 'JFK'"),
        ({"month": "2"}, "invalid", "date", "2013-2-31", "no such date"),
        ({"day": "1.5"}, "invalid", "day", "1.5", "day is not of type integer"),
    ],
)
def test_a_bad_row_is_set_aside_with_its_first_reason(
    changes: dict[str, str], kept_in: str, column: str, value: str | None, reason: str
) -> None:
    cleaned = clean_rows(block([row(), row(**changes), row()]), plan())

    expected = {"file": "a.csv", "line": 3, "column": column, "value": value, "reason": reason}
    assert getattr(cleaned, kept_in).to_dict("records") == [expected]
    assert cleaned.rows[LINE].tolist() == [2, 4]


@pytest.mark.parametrize(
    "changes", [{"distance": ""}, {"delay": "2000", "origin": "JFK"}, {"origin": "NA", "delay": "3"}]
)
def test_a_rule_judges_only_what_is_known(changes: dict[str, str]) -> None:
    assert len(clean_rows(block([row(**changes)]), plan()).rows) == 1


def test_a_missing_part_makes_a_missing_date() -> None:
    cleaned = clean_rows(block([row(month="NA")]), plan())

    assert cleaned.rows["date"].isna().tolist() == [True]


def test_a_missing_target_is_invalid() -> None:
    without_reason = Plan(dict.fromkeys(NAMES, "category"), frozenset([""]), target="origin")

    cleaned = clean_rows(block([row(origin="")]), without_reason)

    assert cleaned.invalid["reason"].tolist() == ["the target is missing"]


def test_the_block_is_not_changed() -> None:
    given_block = block([row(), row(delay="NA"), row(month="x")])
    before = given_block.copy(deep=True)

    clean_rows(given_block, plan())

    assert_frame_equal(given_block, before)


dirty = st.fixed_dictionaries(
    {
        "year": st.sampled_from(["2013", "2012", "0", "NA", "12345"]),
        "month": st.sampled_from(["1", "2", "13", "", "x"]),
        "day": st.sampled_from(["1", "29", "31", "-1", "1e1"]),
        "origin": st.sampled_from(["EWR", "JFK", "LGA", "XX", "", " EWR ", "a,b\n"]),
        "delay": st.sampled_from(["20", "3", "NA", "soon", "5000", "1.5"]),
        "distance": st.sampled_from(["200", "0", "-1", "", "far"]),
    }
)


@examples(40)
@given(st.lists(dirty, min_size=1, max_size=12))
def test_every_row_is_in_exactly_one_place(rows: list[dict[str, str]]) -> None:
    cleaned = clean_rows(block(rows), plan())

    lines = [*cleaned.rows[LINE], *cleaned.set_aside["line"], *cleaned.invalid["line"]]
    assert sorted(lines) == list(range(2, len(rows) + 2))
    for part in (cleaned.rows[LINE], cleaned.set_aside["line"], cleaned.invalid["line"]):
        assert part.is_monotonic_increasing
    assert cleaned.set_aside["reason"].notna().all()
    assert cleaned.invalid["reason"].notna().all()


@examples(25)
@given(st.lists(dirty, min_size=2, max_size=12), st.data())
def test_cutting_the_table_changes_no_row(rows: list[dict[str, str]], data: st.DataObject) -> None:
    whole = block(rows)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows) - 1), min_size=1)))
    pieces = [
        whole.iloc[start:end].reset_index(drop=True) for start, end in zip([0, *cuts], [*cuts, None], strict=True)
    ]

    together = clean_rows(whole, plan())
    apart = Cleaned(*(glued(kind) for kind in zip(*(clean_rows(piece, plan()) for piece in pieces), strict=True)))

    for one, other in zip(together, apart, strict=True):
        assert_frame_equal(one, other)


def glued(frames: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    return pd.concat([frame for frame in frames if len(frame)] or [frames[0]], ignore_index=True)


@given(st.dates())
def test_a_date_is_python_s(day: datetime.date) -> None:
    found, impossible = join_date(*(np.array([float(part)]) for part in (day.year, day.month, day.day)))

    assert found[0] == np.datetime64(day, "s")
    assert not impossible[0]


@given(st.integers(-5, 10_005), st.integers(-2, 15), st.integers(-2, 40))
def test_what_is_no_date_is_told(year: int, month: int, day: int) -> None:
    parts = (year, month, day)
    try:
        datetime.date(*parts)
        exists = True
    except ValueError:
        exists = False

    found, impossible = join_date(*(np.array([float(part)]) for part in parts))

    assert impossible[0] == (not exists)
    assert np.isnat(found[0]) == (not exists)


@pytest.mark.parametrize("parts", [(2013.5, 1.0, 1.0), (2013.0, 1.5, 1.0), (2013.0, 1.0, 1.5)])
def test_half_a_day_is_no_date(parts: tuple[float, float, float]) -> None:
    assert join_date(*(np.array([part]) for part in parts))[1].tolist() == [True]


def rejected(cleaned: Cleaned) -> list[dict[str, Any]]:
    return [*cleaned.set_aside.to_dict("records"), *cleaned.invalid.to_dict("records")]


def test_a_block_of_which_nothing_stays_is_still_a_block() -> None:
    cleaned = clean_rows(block([row(delay="NA"), row(delay="x")]), plan())

    assert len(cleaned.rows) == 0
    assert {"late", "height", "(matched airports)", FILE, LINE} <= set(cleaned.rows.columns)
    assert [one["line"] for one in rejected(cleaned)] == [2, 3]


def test_a_cell_is_missing_where_its_own_column_says_so() -> None:
    only_there = Plan(dict.fromkeys(NAMES, "integer") | {"origin": "text"}, frozenset([""]), {"delay": ["-999", "x"]})

    cleaned = clean_rows(block([row(delay="-999"), row(delay="x"), row(distance="x")]), only_there)

    assert cleaned.rows["delay"].isna().tolist() == [True, True]
    assert cleaned.invalid["reason"].tolist() == ["distance is not of type integer"]


def test_the_reason_of_a_cell_that_is_unreadable_says_how_it_should_be_written() -> None:
    formatted = Plan({"distance": "number 1.234,5"}, frozenset([""]))

    cleaned = clean_rows(block([row(distance="1.234,5"), row(distance="1,5.")]), formatted)

    assert cleaned.rows["distance"].tolist() == [1234.5]
    assert cleaned.invalid["reason"].tolist() == ["distance is not of type number (1.234,5)"]


READING = Reading(
    ["NA"],
    {
        "year": SourceColumn("integer"),
        "month": SourceColumn("integer"),
        "day": SourceColumn("integer"),
        "delay": SourceColumn("integer", missing=["-999"]),
        "distance": SourceColumn("number", "1234,5"),
        "origin": SourceColumn("ordinal", "JFK < EWR", ["JFK", "EWR"]),
    },
    {"date": ["year", "month", "day"]},
    {"late": "delay > 15"},
)


def test_rows_that_are_scored_are_read_as_clean_reads_them() -> None:
    columns, broken = type_inputs(
        block([row(distance="1,5"), row(delay="-999", origin="jfk"), row(month="2"), row(origin="XX")]),
        plan_reading(READING),
    )

    np.testing.assert_array_equal(columns["distance"], [1.5, 200, 200, 200])
    np.testing.assert_array_equal(columns["delay"], [20, np.nan, 20, 20])
    assert columns["origin"].tolist() == ["EWR", "JFK", "EWR", None]
    assert columns["late"].tolist() == ["yes", None, "yes", "yes"]
    assert np.datetime_as_string(columns["date"], unit="D").tolist() == [
        "2013-01-31",
        "2013-01-31",
        "NaT",
        "2013-01-31",
    ]
    assert broken["reason"].fillna("").tolist() == ["", "", "no such date", "origin is not of type ordinal (JFK < EWR)"]
