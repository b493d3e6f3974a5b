"""The data of curves: few points, true ends, all models, finite numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.contracts.evaluation import Confusion, Costs
from stages.evaluate.binary import curves
from stages.evaluate.binary.scores import draw_auc, score, score_ranking
from stages.evaluate.binary.task import Binary
from stages.evaluate.bootstrap import draw_resamples, unit_weights
from stages.table.schema import Target

MAKE = np.random.default_rng(7)
LABELS = MAKE.random(5000) < 0.25
MODELS = {"candidate": (0.2 * LABELS + MAKE.random(5000) * 0.8).round(9), "baseline": np.full(5000, 0.25)}


def test_curves_have_at_most_two_hundred_points_a_model_and_keep_their_ends() -> None:
    made = curves.tabulate_curves(LABELS, MODELS, Costs(4, 1))
    for name in ("roc", "precision_recall"):
        table = pd.DataFrame(made[name])
        assert table.groupby("model").size().max() <= curves.POINTS
        assert np.isfinite(table.drop(columns="model").to_numpy()).all()
    roc = pd.DataFrame(made["roc"]).query("model == 'candidate'")
    assert roc.iloc[0][["fpr", "tpr"]].tolist() == [0, 0]
    assert roc.iloc[-1][["fpr", "tpr"]].tolist() == [1, 1]
    assert pd.DataFrame(made["precision_recall"]).groupby("model")["recall"].max().eq(1).all()


def test_warning_always_costs_the_false_alarms_and_never_the_misses() -> None:
    cost = pd.DataFrame(curves.tabulate_curves(LABELS, MODELS, Costs(4, 1))["cost"]).query("model == 'baseline'")
    always, never = cost.iloc[0], cost.iloc[-1]
    assert always["threshold"] == 0
    assert always["cost"] == pytest.approx(1000 * (~LABELS).mean())
    assert never["threshold"] == 1
    assert never["cost"] == pytest.approx(4000 * LABELS.mean())


def test_what_becomes_of_a_thousand_rows_adds_up_and_costs_what_it_says() -> None:
    found = curves.count_outcomes(LABELS, MODELS["candidate"], 0.4, Costs(4, 1))
    assert sum(found[key] for key in ("caught", "missed", "needless", "left")) == pytest.approx(1000)
    assert found["caught"] + found["missed"] == pytest.approx(1000 * LABELS.mean())
    assert found["cost"] == pytest.approx(4 * found["missed"] + found["needless"])


def test_a_row_at_the_threshold_is_warned_of_in_curve_score_and_prediction_alike() -> None:
    # Given a row of each class at the threshold, and one just below it
    costs = Costs(4, 1)
    labels = np.array([True, False, True])
    scored = np.array([costs.threshold, costs.threshold, np.nextafter(costs.threshold, 0)])
    blocks = unit_weights(draw_resamples(np.arange(3), draws=1, seed=7))

    # When they are counted for the curves, scored and called
    found = curves.count_outcomes(labels, scored, costs.threshold, costs)
    scores = score(labels, scored, blocks, costs)
    calls = Binary(Target("late", ["no", "yes"], "yes", ""), costs).count_calls(labels, scored)

    # Then the first two are warned of, the third is missed
    assert (found["caught"], found["needless"], found["missed"]) == pytest.approx((1000 / 3,) * 3)
    assert (scores["precision"][0], scores["recall"][0]) == (0.5, 0.5)
    assert calls == Confusion(tp=1, fp=1, fn=1, tn=0)


def test_the_band_holds_the_curve_and_is_wider_where_rows_of_a_block_are_alike() -> None:
    # Given rows drawn one by one, and in fifty blocks that each have a rate of their own
    rates = np.repeat(MAKE.beta(1, 3, 50), 100)
    labels = MAKE.random(5000) < rates
    scored = (rates + 0.3 * labels + 0.5 * MAKE.random(5000)).round(9)
    bands = [
        pd.DataFrame(curves.tabulate_band(labels, scored, draw_resamples(block, 200, 7), (0.025, 0.975)))
        for block in (np.arange(5000), np.arange(5000) // 100)
    ]

    # When the curve is laid over them
    roc = pd.DataFrame(curves.tabulate_curves(labels, {"candidate": scored}, Costs(1, 1))["roc"])
    curve = np.interp(bands[0]["fpr"], roc["fpr"], roc["tpr"])

    # Then it lies inside, but for what its thinning and the levels of the band round off
    for band in bands:
        assert (band["low"] - 0.02 <= curve)[1:].all()  # at 0 the curve stands upright
        assert (curve <= band["high"] + 0.02)[1:].all()
    wide = [(band["high"] - band["low"]).mean() for band in bands]
    assert wide[1] > 1.5 * wide[0]


def test_a_band_of_one_class_is_none() -> None:
    assert (
        curves.tabulate_band(np.full(50, True), MAKE.random(50), draw_resamples(np.arange(50), 100, 7), (0.1, 0.9))
        == []
    )


def test_the_quick_auc_of_many_draws_is_the_slow_one_to_three_digits() -> None:
    blocks = draw_resamples(np.arange(5000) // 10, 100, 7)
    quick, slow = draw_auc(LABELS, MODELS["candidate"], blocks), score_ranking(LABELS, MODELS["candidate"], blocks)[0]
    assert quick == pytest.approx(slow, abs=0.0005)
