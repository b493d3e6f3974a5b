"""A trial is judged by the loss by which train chooses, for every task, and needs no fit that nothing is chosen by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from stages.clean.params import Clean
from stages.clean.raw_tables import RawTable
from stages.clean.table import clean_table
from stages.features.make import make_features
from stages.features.params import Features
from stages.model.params import Train
from stages.train import fit
from stages.transform.split_rule import Split
from stages.tune.judge import LOSS, Rows, judge

PENGUINS = Path(__file__).resolve().parents[1] / "tables" / "penguins.csv"
TARGETS: dict[str, dict[str, Any]] = {
    "binary": {"target": "Sex", "positive": "MALE", "rarest_class": 5},
    "multiclass": {"target": "Species"},
    "regression": {"target": "Body Mass (g)"},
}


def read(task: Any) -> Rows:
    """Train and validation rows of the penguins."""
    section = Clean(table="penguins", task=task, max_invalid=1.0, **TARGETS[task])
    clean = clean_table(section, {"penguins": RawTable.of(pd.read_csv(PENGUINS))})
    features, defined = make_features(clean.rows, clean.columns, Features(split=Split(by="hash"), drop=["Date Egg"]))
    return Rows(features[features["split"] != "test"].reset_index(drop=True), clean.columns, defined)


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("how", [{}, {"refit": True}, {"folds": 3, "refit": True}])
def test_a_trial_is_worth_what_train_finds(task: Any, how: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    # given settings, and how train judges them
    rows, section = read(task), Train(max_rounds=30, estimator="best", **how)
    metrics = fit.fit_model(*rows, msgspec.structs.replace(section, max_leaf_nodes=5)).metrics
    last: list[bool] = []
    final = fit._fit_final
    monkeypatch.setattr(fit, "_fit_final", lambda *given, whole: last.append(whole) or final(*given, whole=whole))
    # when
    result = judge(section, {"max_leaf_nodes": 5}, rows)
    # then it is the loss of the estimator that train chooses, or its root
    assert result.validation == metrics.validation
    assert result.estimator == metrics.estimator
    loss, chosen = result.validation[LOSS[task]], metrics.losses[metrics.estimator]
    assert np.isclose(loss if task != "regression" else loss**2, chosen, rtol=1e-3)
    assert last == [not section.folds]
