"""A join adds columns, never rows, and loses none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from stages.clean.joins import join, make_index, name_match_column
from stages.core.errors import DataError
from stages.table.csv_io import FILE, LINE


def weather(keys: list[tuple[str | None, float]]) -> pd.DataFrame:
    """A table of another file: its key and one value, a row a line from line 2 on."""
    frame = pd.DataFrame(keys, columns=["origin", "hour"]).astype({"origin": object, "hour": float})
    return frame.assign(temp=np.arange(len(keys)) + 0.5, **{FILE: "weather.csv", LINE: np.arange(2, len(keys) + 2)})


def test_a_doubled_key_names_both_lines() -> None:
    doubled = weather([("EWR", 5), ("JFK", 5), ("EWR", 6), ("JFK", 5)])

    with pytest.raises(
        DataError,
        match=r"weather.csv, line 5: the key origin = JFK, hour = 5.0 stands there again, after line 3 of weather.csv",
    ):
        make_index("weather", doubled, ["origin", "hour"], {"temp": "temp"})


def test_a_row_without_a_whole_key_matches_nothing() -> None:
    other = make_index(
        "weather", weather([(None, 5), ("EWR", np.nan), (None, 5)]), ["origin", "hour"], {"temp": "warmth"}
    )
    rows = pd.DataFrame({"origin": np.array([None, "EWR"], dtype=object), "hour": [5.0, np.nan]})

    joined = join(rows, [other])

    assert joined["warmth"].isna().all()
    assert joined[name_match_column("weather")].tolist() == [False, False]


def test_a_missing_value_of_a_matched_row_is_matched() -> None:
    table = weather([("EWR", 5)]).assign(temp=np.nan)

    joined = join(
        pd.DataFrame({"origin": ["EWR"], "hour": [5.0]}), [make_index("w", table, ["origin", "hour"], {"temp": "temp"})]
    )

    assert joined[name_match_column("w")].tolist() == [True]


keys = st.tuples(st.sampled_from(["EWR", "JFK", "LGA", None]), st.sampled_from([5.0, 6.0, float("nan")]))


@examples(40)
@given(st.lists(keys, min_size=1, max_size=10), st.sets(keys, max_size=8))
def test_a_join_keeps_number_order_and_values_of_the_rows(
    left: list[tuple[str, float]], right: set[tuple[str, float]]
) -> None:
    rows = pd.DataFrame(left, columns=["origin", "hour"]).astype({"origin": object}).assign(place=np.arange(len(left)))
    table = weather(sorted(right, key=str))
    values = {(one.origin, one.hour): one.temp for one in table.dropna(subset=["origin", "hour"]).itertuples()}

    joined = join(rows, [make_index("weather", table, ["origin", "hour"], {"temp": "temp"})])

    assert_frame_equal(joined[["origin", "hour", "place"]], rows)
    expected = [values.get(key, np.nan) for key in zip(rows["origin"], rows["hour"], strict=True)]
    np.testing.assert_equal(joined["temp"].to_numpy(dtype=float), np.array(expected, dtype=float))
    assert joined[name_match_column("weather")].tolist() == [not np.isnan(value) for value in expected]
