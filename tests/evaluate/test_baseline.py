"""The baseline: rates by one or two columns, and what it says of values nobody trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.evaluate.baseline import list_tenths, predict_medians, predict_rates, predict_shares

TRAIN = pd.DataFrame({"carrier": ["AA", "AA", "UA", "UA", None], "hour": [5.0, 5.0, 5.0, 6.0, np.nan]})
LATE = np.array([True, False, True, False, True])


def test_rows_get_the_rate_of_the_train_rows_alike_in_order() -> None:
    # Given rows in another order than the train rows, one of them twice
    rows = pd.DataFrame({"carrier": ["UA", "AA", "UA", "UA"], "hour": [6.0, 5.0, 5.0, 6.0]})

    # Then each has the rate of its own carrier and hour
    assert predict_rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [0.0, 0.5, 1.0, 0.0]


def test_unseen_values_and_unseen_pairs_get_the_rate_of_all() -> None:
    rows = pd.DataFrame({"carrier": ["ZZ", "AA"], "hour": [5.0, 6.0]})
    assert predict_rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [0.6, 0.6]


def test_missing_is_a_value_like_any_other() -> None:
    rows = pd.DataFrame({"carrier": [None], "hour": [np.nan]})
    assert predict_rates(TRAIN, LATE, rows, ["carrier", "hour"]).tolist() == [1.0]


def test_without_keys_it_is_the_rate_of_all() -> None:
    assert predict_rates(TRAIN, LATE, TRAIN, []).tolist() == [0.6] * 5


def test_a_column_may_be_named_rate() -> None:
    # Given a table whose key has the name of the result
    table = TRAIN.rename(columns={"carrier": "rate"})

    # Then nothing is mixed up
    assert predict_rates(table, LATE, table, ["rate"]).tolist() == [0.5, 0.5, 0.5, 0.5, 1.0]


def test_a_number_of_many_values_is_alike_by_tenths_of_the_train_rows() -> None:
    # Given a hundred values, the first ten of which alone are late, and one that is missing and late, too
    train = pd.DataFrame({"fare": [*np.arange(100.0), np.nan]})
    labels = np.array([*(np.arange(100) < 10), True])

    # When rows near them, below and above all of them, and without a value are asked for
    rows = pd.DataFrame({"fare": [-5.0, 4.5, 50.5, 1000.0, np.nan]})

    # Then they have the rates of the tenths they lie in, a missing one that of the missing
    assert predict_rates(train, labels, rows, ["fare"]).tolist() == [1.0, 1.0, 0.0, 0.0, 1.0]
    assert list_tenths(train, ["fare"]) == ["fare"]
    assert list_tenths(TRAIN, ["carrier", "hour"]) == []


def test_the_tables_are_not_changed() -> None:
    before = TRAIN.copy()
    predict_rates(TRAIN, LATE, TRAIN, ["carrier"])
    pd.testing.assert_frame_equal(TRAIN, before)


def test_shares_are_those_of_the_rows_alike_and_one_more_as_all() -> None:
    # Given two classes among UA's rows and one among AA's, of three
    classes = np.array([0, 0, 0, 1, 2])

    # When the shares are asked for: of AA, UA, and an airline nobody trained on
    rows = pd.DataFrame({"carrier": ["AA", "UA", "ZZ"]})
    found = predict_shares(TRAIN, classes, 4, rows, ["carrier"])

    # Then each row of counts has the overall shares (.6, .2, .2, 0) added
    assert found[0] == pytest.approx(np.array([2.6, 0.2, 0.2, 0]) / 3)
    assert found[1] == pytest.approx(np.array([1.6, 1.2, 0.2, 0]) / 3)
    assert found[2] == pytest.approx([0.6, 0.2, 0.2, 0])
    assert found.sum(axis=1) == pytest.approx(np.ones(3))


def test_shares_without_keys_are_those_of_all() -> None:
    found = predict_shares(TRAIN, np.array([0, 0, 0, 1, 2]), 3, TRAIN, [])
    assert found == pytest.approx(np.tile([0.6, 0.2, 0.2], (5, 1)))


def test_medians_are_those_of_the_rows_alike_and_of_all_where_there_are_none() -> None:
    values = np.array([1.0, 3.0, 10.0, 20.0, 7.0])
    rows = pd.DataFrame({"carrier": ["UA", "AA", None, "ZZ"]})
    assert predict_medians(TRAIN, values, rows, ["carrier"]).tolist() == [15.0, 2.0, 7.0, 7.0]
    assert predict_medians(TRAIN, values, TRAIN, []).tolist() == [7.0] * 5


def test_a_date_may_be_a_key() -> None:
    train = pd.DataFrame({"day": pd.to_datetime(["2024-01-01", "2024-01-02", None]).as_unit("ms")})
    rows = pd.DataFrame({"day": pd.to_datetime([None, "2024-01-02", "2024-01-03"]).as_unit("ms")})
    assert predict_medians(train, np.array([1.0, 2.0, 3.0]), rows, ["day"]).tolist() == [3.0, 2.0, 2.0]
