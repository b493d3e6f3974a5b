"""Importance: under the name of the column that matters, for every task, over one fit or several."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from stages.evaluate.permutation_importance import measure_importance
from stages.model.estimators import build_booster, fit_encoder
from stages.model.params import Train

MAKE = np.random.default_rng(7)
ROWS = pd.DataFrame(
    {
        "noise": MAKE.normal(size=800),
        "decides": MAKE.normal(size=800),
        "carrier": MAKE.choice(["AA", "UA", "DL"], 800),
        "more noise": MAKE.normal(size=800),
        "origin": MAKE.choice(["EWR", "JFK"], 800),
    }
)
TYPES = {name: "category" if name in ("carrier", "origin") else "number" for name in ROWS}


def fitted(labels: Any, task: str) -> Pipeline:
    """Boosting on those rows."""
    section = Train(max_rounds=10, min_samples_leaf=5)
    encode = fit_encoder(ROWS, TYPES, section)
    model = build_booster(2, section, task).set_params(max_iter=10).fit(encode.transform(ROWS), labels)
    return Pipeline([("encode", encode), ("model", model)])


@pytest.mark.parametrize(
    ("column", "labels", "task", "scoring", "least"),
    [
        ("decides", ROWS["decides"] > 0, "binary", "roc_auc", 0.4),
        ("origin", ROWS["origin"] == "JFK", "binary", "roc_auc", 0.4),
        ("carrier", pd.Index(["AA", "DL", "UA"]).get_indexer(ROWS["carrier"]), "multiclass", "accuracy", 0.5),
        ("decides", 100 * ROWS["decides"], "regression", "r2", 0.9),
    ],
)  # fmt: skip
def test_it_stands_under_the_name_of_the_column_that_matters(
    column: str, labels: Any, task: str, scoring: str, least: float
) -> None:
    # Given rows where one column decides, among categories that the encoder moves to the front
    known = np.asarray(labels)
    model = fitted(known, task)

    # When importance is measured
    table = measure_importance([(model, ROWS, known)], scoring, 500, 3, 7)

    # Then that column comes first with all of the score above chance, and the others bring nothing
    assert table[0]["column"] == column
    assert table[0]["value"] > least
    assert {row["column"] for row in table} == set(ROWS.columns)
    assert all(abs(row["value"]) < 0.02 for row in table[1:])
    assert all(row["low"] <= row["value"] <= row["high"] for row in table)


def test_of_several_fits_it_is_the_mean_by_their_rows() -> None:
    # Given two fits, one judged on three times as many rows as the other
    known = np.asarray(ROWS["decides"] > 0)
    sides = [(fitted(known, "binary"), ROWS[:600], known[:600]), (fitted(~known, "binary"), ROWS[600:], known[600:])]

    # When they are asked together and alone
    first, second = (
        {row["column"]: row["value"] for row in measure_importance([one], "roc_auc", 800, 2, 7)} for one in sides
    )
    both = {row["column"]: row["value"] for row in measure_importance(sides, "roc_auc", 800, 2, 7)}

    # Then the second, which has learnt the opposite, counts a quarter
    assert both["decides"] == pytest.approx(0.75 * first["decides"] + 0.25 * second["decides"])


@pytest.mark.parametrize(("scoring", "task"), [("roc_auc", "binary"), ("r2", "regression")])
def test_nothing_is_said_where_the_rows_do_not_define_the_score(scoring: str, task: str) -> None:
    known = np.asarray(ROWS["decides"] > 0) if task == "binary" else np.asarray(ROWS["decides"])
    assert measure_importance([(fitted(known, task), ROWS[:1], known[:1])], scoring, 500, 2, 7) == []
