"""The data of curves: few points, true ends, all models, finite numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.scoring import curves_binary as curves
from stages.scoring.scores_binary import Costs

MAKE = np.random.default_rng(7)
LABELS = MAKE.random(5000) < 0.25
MODELS = {"candidate": (0.2 * LABELS + MAKE.random(5000) * 0.8).round(9), "baseline": np.full(5000, 0.25)}


def test_curves_have_at_most_two_hundred_points_a_model_and_keep_their_ends() -> None:
    made = curves.curves(LABELS, MODELS, Costs(4, 1))
    for name in ("roc", "precision_recall"):
        table = pd.DataFrame(made[name])
        assert table.groupby("model").size().max() <= curves.POINTS
        assert np.isfinite(table.drop(columns="model").to_numpy()).all()
    roc = pd.DataFrame(made["roc"]).query("model == 'candidate'")
    assert roc.iloc[0][["fpr", "tpr"]].tolist() == [0, 0]
    assert roc.iloc[-1][["fpr", "tpr"]].tolist() == [1, 1]
    assert pd.DataFrame(made["precision_recall"]).groupby("model")["recall"].max().eq(1).all()


def test_warning_always_costs_the_false_alarms_and_never_the_misses() -> None:
    cost = pd.DataFrame(curves.curves(LABELS, MODELS, Costs(4, 1))["cost"]).query("model == 'baseline'")
    always, never = cost.iloc[0], cost.iloc[-1]
    assert always["threshold"] == 0
    assert always["cost"] == pytest.approx(1000 * (~LABELS).mean())
    assert never["threshold"] == 1
    assert never["cost"] == pytest.approx(4000 * LABELS.mean())
