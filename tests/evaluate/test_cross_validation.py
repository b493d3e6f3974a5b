"""Cross-validation: balanced folds that keep together what belongs together, fits that never saw what they score."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from stages.core.errors import DataError, ParamsError, TrainError
from stages.evaluate import cross_validation
from stages.model.folds import deal_folds

MAKE = np.random.default_rng(7)


def kept(model: Any, *numbers: str) -> Pipeline:
    """A pipeline as training keeps it."""
    return Pipeline([("encode", ColumnTransformer([("number", "passthrough", list(numbers))])), ("model", model)])


def test_equal_rows_stay_together_where_the_split_keeps_them_so() -> None:
    # Given rows of which the first and the last are equal, a missing value among them
    frame = pd.DataFrame({"size": [1.0, 2.0, 3.0, 1.0], "kind": pd.Series([None, "a", "a", None], dtype="str")})

    # Then they have one number where they are in one part, and nothing is kept together where they are not
    codes = cross_validation.number_equal_rows(frame, np.array(["train", "test", "train", "train"]))
    assert codes is not None
    assert codes[0] == codes[3]
    assert len(set(codes.tolist())) == 3
    assert cross_validation.number_equal_rows(frame, np.array(["train", "test", "train", "test"])) is None
    assert cross_validation.number_equal_rows(frame.iloc[:3], np.array(["train", "test", "train"])) is None


class Seen(KNeighborsClassifier):  # type: ignore[misc]
    """Remembers the rows it was fitted on."""

    def fit(self, frame: Any, labels: Any) -> Seen:
        """Keep the rows."""
        self.rows_ = set(np.asarray(frame)[:, 0].tolist())
        super().fit(frame, labels)
        return self


def test_each_row_is_scored_by_a_fresh_copy_that_never_saw_it() -> None:
    # Given sixty rows with a number of their own, and a model that was fitted on all of them
    frame = pd.DataFrame({"row": np.arange(60.0), "value": MAKE.normal(size=60)})
    labels = MAKE.random(60) < 0.5
    model = kept(Seen(1), "row", "value").fit(frame, labels)
    fold = deal_folds(labels.astype(np.int64), 5, (7, 0))

    # When it is fitted anew without each fold
    fits = cross_validation.fit_folds(model, frame, labels, fold)

    # Then each copy saw just the other rows, each row is scored once, and the model is as it was
    for copy, judge in fits:
        assert copy["model"].rows_ == set(np.flatnonzero(~judge).astype(float).tolist())
    assert np.sum([judge for _, judge in fits], axis=0).tolist() == [1] * 60
    assert len(model["model"].rows_) == 60


def test_answers_come_back_in_the_order_of_the_rows() -> None:
    made = [
        (np.array([False, True, False]), np.array([[5.0]])),
        (np.array([True, False, True]), np.array([[1.0], [9]])),
    ]
    assert cross_validation.put_in_order(made).tolist() == [[1.0], [5.0], [9.0]]


def test_a_class_that_is_gone_without_one_fold_is_an_error_that_says_so() -> None:
    frame, labels = pd.DataFrame({"x": np.arange(10.0)}), np.arange(10) == 0
    with pytest.raises(DataError, match="without one fold, the rows left are of one class"):
        cross_validation.fit_folds(kept(LogisticRegression(), "x"), frame, labels, np.arange(10) % 5)


def test_a_number_that_no_row_of_a_fold_has_is_none_of_its_inputs() -> None:
    # Given a column whose one value is in the last fold
    frame, labels = pd.DataFrame({"x": np.arange(10.0), "rare": [np.nan] * 9 + [1.0]}), np.arange(10) % 2
    model = kept(HistGradientBoostingClassifier(max_iter=1), "x", "rare").fit(frame, labels)

    # When it is fitted anew without each fold, then the copy without that one takes the other column only
    fits = cross_validation.fit_folds(model, frame, labels, np.arange(10) // 5)
    assert [copy["encode"].transform(frame).shape[1] for copy, _ in fits] == [2, 1]


def test_what_scikit_learn_refuses_is_told_as_ours() -> None:
    frame, labels = pd.DataFrame({"x": [np.nan] * 10}), np.arange(10) % 2 == 0
    with pytest.raises(TrainError, match=r"scikit-learn refused .* Set evaluate.folds in params.yaml to 0"):
        cross_validation.fit_folds(kept(LogisticRegression(), "x"), frame, labels, np.arange(10) % 5)


@pytest.mark.parametrize("zone", [None, "UTC"])
def test_folds_are_refused_where_the_parts_follow_each_other_in_time(zone: str | None) -> None:
    # Given a table whose parts are earlier and later days
    days = pd.Series(pd.date_range("2024-01-01", periods=30)).dt.tz_localize(zone)
    part = np.repeat(["train", "validation", "test"], [20, 5, 5])
    clean = pd.DataFrame({"day": days, "x": 1.0})

    # Then folds are refused by the column's name, and accepted once the parts are mixed or there are no dates
    with pytest.raises(ParamsError, match=r"evaluate.folds: 5, but the split is by time: .* 'day'"):
        cross_validation.check(clean, part, 5)
    cross_validation.check(clean, np.random.default_rng(7).permutation(part), 5)
    cross_validation.check(clean[["x"]], part, 5)
