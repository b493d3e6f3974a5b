"""The data of curves: few points, true ends, all models, finite numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages import curves
from stages.scores import Costs, resamples

MAKE = np.random.default_rng(7)
LABELS = MAKE.random(5000) < 0.25
MODELS = {"candidate": (0.2 * LABELS + MAKE.random(5000) * 0.8).round(9), "baseline": np.full(5000, 0.25)}
TAILS = (0.025, 0.975)


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


def test_calibration_has_ten_groups_that_hold_all_rows() -> None:
    # Given probabilities that are right
    probability = MAKE.random(5000)
    labels = MAKE.random(5000) < probability

    # When they are grouped, days of fifty rows resampled
    table = curves.calibration(labels, probability, resamples(np.arange(5000) // 50, 200, 7), TAILS)

    # Then predicted and observed rates agree, and the interval is about the observed rate
    assert [row["group"] for row in table] == list(range(1, 11))
    assert sum(row["rows"] for row in table) == 5000
    for row in table:
        assert row["observed"] == pytest.approx(row["predicted"], abs=0.06)
        assert row["low"] <= row["observed"] <= row["high"]


def test_one_probability_for_all_is_one_group() -> None:
    (row,) = curves.calibration(LABELS, MODELS["baseline"], resamples(np.arange(5000) // 50, 100, 7), TAILS)
    assert row["rows"] == 5000
    assert row["observed"] == pytest.approx(LABELS.mean())
