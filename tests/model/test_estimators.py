"""The estimator: what its encoder makes of categories, and settings that are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.core.errors import ParamsError
from stages.core.params import convert
from stages.model.estimators import build_booster, fit_encoder
from stages.model.params import Train

SECTION = Train(max_rounds=10)


def test_categories_come_first_and_keep_their_names() -> None:
    # Given a number, a category and another number
    types = {"distance": "number", "carrier": "category", "seats": "number"}
    rows = pd.DataFrame({"distance": [1.0, 2.0], "carrier": ["UA", "AA"], "seats": [100.0, np.nan]})

    # When the encoder is fitted
    fitted = fit_encoder(rows, types, SECTION)

    # Then it names its columns in the order it gives them
    assert fitted.get_feature_names_out().tolist() == ["carrier", "distance", "seats"]
    assert np.array_equal(fitted.transform(rows), [[1, 1, 100], [0, 2, np.nan]], equal_nan=True)


def test_missing_and_unknown_categories_are_both_nan() -> None:
    # Given an encoder that knows two carriers
    fitted = fit_encoder(pd.DataFrame({"carrier": ["AA", "UA", None]}), {"carrier": "category"}, SECTION)

    # When it meets a missing one and one it never saw
    codes = fitted.transform(pd.DataFrame({"carrier": [None, "ZZ", "UA"]}))

    # Then boosting will treat both as missing
    assert np.array_equal(codes[:, 0], [np.nan, np.nan, 1], equal_nan=True)


def test_more_categories_than_bins_pool_the_rare_ones() -> None:
    # Given 300 values, of which the first 200 are frequent
    values = [f"v{at:03}" for at in range(300) for _ in range(3 if at < 200 else 1)]
    rows = pd.DataFrame({"tail": values})

    # When they are encoded
    codes = fit_encoder(rows, {"tail": "category"}, SECTION).transform(rows)[:, 0]

    # Then boosting can hold all codes, the frequent values have one of their own, and it learns from them
    assert codes.max() < 255
    assert len(np.unique(codes[:600])) == 200
    model = build_booster(1, SECTION).set_params(max_iter=2).fit(codes[:, None], np.arange(len(codes)) % 2 == 0)
    assert model.is_categorical_.tolist() == [True]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"max_rounds": 0}, "train.max_rounds"),
        ({"max_rounds": 10, "step": 5}, "train.step"),
        ({"max_rounds": 10, "max_bins": 256}, "train.max_bins"),
        ({"max_rounds": 10, "learning_rate": "fast"}, "train.learning_rate"),
        ({"max_rounds": 10, "learning_rat": 0.1}, "Did you mean 'learning_rate'"),
        ({}, "max_rounds"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ParamsError, match=said):
        convert(given, Train, "params.yaml: train")
