"""The plots of a predicted number: groups by prediction, intervals of several shares, bins, tolerance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from stages.contracts.evaluation import UnitCosts
from stages.evaluate.bootstrap import draw_resamples
from stages.evaluate.regression.curves import (
    BINS,
    tabulate_bins,
    tabulate_correction,
    tabulate_errors,
    tabulate_tolerance,
)
from stages.evaluate.regression.scores import cost_errors

MAKE = np.random.default_rng(7)
PREDICTED = MAKE.normal(50, 10, 2000)
TRUTH = PREDICTED + MAKE.normal(0, 2, 2000)
BLOCKS = draw_resamples(np.arange(2000), 100, 7)
TAILS = (0.025, 0.975)
COSTS = UnitCosts(over=1.0, under=4.0)


def test_errors_are_predicted_less_actual_in_ten_groups_that_hold_all_rows() -> None:
    # Given predictions that are 3 too low
    table = pd.DataFrame(tabulate_errors(TRUTH + 3, PREDICTED))

    # Then each group's middle error is about 3, its quantiles those of the noise
    assert table["group"].tolist() == list(range(1, 11))
    assert table["rows"].sum() == 2000
    assert table["predicted"].is_monotonic_increasing
    assert (table["actual"] - table["predicted"]).to_numpy() == pytest.approx(np.full(10, 3.0), abs=0.5)
    assert table["p50"].to_numpy() == pytest.approx(np.full(10, -3.0), abs=0.6)
    assert (table["p90"] - table["p10"]).to_numpy() == pytest.approx(np.full(10, 2 * 1.2816 * 2), abs=1.5)


def test_one_prediction_for_all_is_one_group() -> None:
    (row,) = tabulate_errors(TRUTH, np.full(2000, 50.0))
    assert row["rows"] == 2000
    assert row["mae"] == pytest.approx(np.abs(TRUTH - 50).mean())


def test_bins_hold_all_rows_and_a_stray_value_does_not_squeeze_them() -> None:
    # Given one value far from all others
    truth = TRUTH.copy()
    truth[0] = 1e9

    # When the rows are counted in squares
    table = pd.DataFrame(tabulate_bins(truth, PREDICTED))

    # Then all are counted, in many squares
    assert table["rows"].sum() == 2000
    assert len(table) > BINS
    assert table["actual"].max() < 100


def test_bins_of_one_value_are_one() -> None:
    assert tabulate_bins(np.full(5, 2.0), np.full(5, 2.0)) == [{"predicted": 2.0, "actual": 2.0, "rows": 5}]


def test_the_correction_that_costs_least_leaves_the_rows_that_are_dearer_below() -> None:
    # Given predictions, and a unit too low four times as dear as one too high
    table = pd.DataFrame(tabulate_correction(TRUTH, {"candidate": PREDICTED, "baseline": np.full(2000, 50.0)}, COSTS))
    mine = table[table["model"] == "candidate"].set_index("correction")["cost"]

    # Then nothing added costs what the errors cost, and the least is at the quantile 4 ÷ (4 + 1) of what is missing
    assert mine[0.0] == pytest.approx(cost_errors(PREDICTED - TRUTH, COSTS).mean())
    assert mine.idxmin() == np.quantile(TRUTH - PREDICTED, 0.8, method="inverted_cdf")


@pytest.mark.parametrize("costs", [UnitCosts(over=1.0, under=1000.0), UnitCosts(over=1000.0, under=1.0)])
def test_the_correction_that_costs_least_is_reached_however_dear_a_side_is(costs: UnitCosts) -> None:
    table = pd.DataFrame(tabulate_correction(TRUTH, {"candidate": PREDICTED}, costs)).set_index("correction")["cost"]
    share = costs.under / (costs.under + costs.over)
    assert table.idxmin() == np.quantile(TRUTH - PREDICTED, share, method="inverted_cdf")


def test_tolerance_grows_from_exact_hits_to_nearly_all_rows_of_the_candidate() -> None:
    table = pd.DataFrame(tabulate_tolerance(TRUTH, {"candidate": PREDICTED, "baseline": np.full(2000, 50.0)}))
    mine = table[table["model"] == "candidate"]
    assert mine["share"].is_monotonic_increasing
    assert mine["share"].iloc[-1] == pytest.approx(0.98, abs=0.001)
    assert (table[table["model"] == "baseline"]["share"].to_numpy() <= mine["share"].to_numpy() + 0.02).all()
    some = mine.iloc[30]
    assert some["share"] == pytest.approx((np.abs(TRUTH - PREDICTED) <= some["tolerance"]).mean())
