"""The baseline: rates by one or two columns, and what it says of values nobody trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.baseline import rates

TRAIN = pd.DataFrame({"carrier": ["AA", "AA", "UA", "UA", None], "hour": [5.0, 5.0, 5.0, 6.0, np.nan]})
LATE = np.array([True, False, True, False, True])


def test_rows_get_the_rate_of_the_train_rows_alike_in_order() -> None:
    # Given rows in another order than the train rows, one of them twice
    rows = pd.DataFrame({"carrier": ["UA", "AA", "UA", "UA"], "hour": [6.0, 5.0, 5.0, 6.0]})

    # Then each has the rate of its own carrier and hour
    assert rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [0.0, 0.5, 1.0, 0.0]


def test_unseen_values_and_unseen_pairs_get_the_rate_of_all() -> None:
    rows = pd.DataFrame({"carrier": ["ZZ", "AA"], "hour": [5.0, 6.0]})
    assert rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [0.6, 0.6]


def test_missing_is_a_value_like_any_other() -> None:
    rows = pd.DataFrame({"carrier": [None], "hour": [np.nan]})
    assert rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [1.0]


def test_without_keys_it_is_the_rate_of_all() -> None:
    assert rates(TRAIN, LATE, TRAIN, []).tolist() == [0.6] * 5


def test_a_column_may_be_named_rate() -> None:
    # Given a table whose key has the name of the result
    table = TRAIN.rename(columns={"carrier": "rate"})

    # Then nothing is mixed up
    assert rates(table, LATE, table, ["rate"]).tolist() == [0.5, 0.5, 0.5, 0.5, 1.0]


def test_the_tables_are_not_changed() -> None:
    before = TRAIN.copy()
    rates(TRAIN, LATE, TRAIN, ["carrier"])
    pd.testing.assert_frame_equal(TRAIN, before)
