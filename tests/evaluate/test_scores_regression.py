"""Scores of predicted numbers: scikit-learn's, on any resample; constant targets, intervals, a tolerance."""

from __future__ import annotations

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_squared_error, median_absolute_error, r2_score

from stages.contracts.evaluation import UnitCosts
from stages.evaluate.bootstrap import Floats, draw_resamples, unit_weights
from stages.evaluate.regression.scores import draw_medians, lie_inside, score
from stages.evaluate.regression.task import Regression
from stages.model.interval import measure_interval


def answers(values: list[float], below: float = np.nan, above: float = np.nan) -> Floats:
    """Predicted values, with an interval of the same reach about each."""
    value = np.array(values, dtype=np.float64)
    return np.stack([value, value - below, value + above], axis=1)


def blocks_of(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Each row once."""
    return np.arange(rows), np.ones((1, rows), dtype=np.int64)


def test_by_hand() -> None:
    # Given four rows that are 1 too high, right, 2 too low, 1 too low
    truth = np.array([1.0, 2.0, 5.0, 8.0])

    # When they are scored, with an interval from 1 below to 1.5 above, and a tolerance of 1
    said = answers([2, 2, 3, 7], below=1.0, above=1.5)
    found = {name: float(values[0]) for name, values in score(truth, said, blocks_of(4), 1.0).items()}

    # Then the errors are 1, 0, -2, -1 about a mean of 4 whose squares add up to 30
    assert found["mae"] == 1.0
    assert found["median_ae"] == 1.0
    assert found["rmse"] == pytest.approx(np.sqrt(1.5))
    assert found["r2"] == pytest.approx(1 - 6 / 30)
    assert found["bias"] == -0.5
    assert found["coverage"] == 0.75
    assert found["worst_coverage"] == 0.0  # each of the few rows is a group
    assert found["within"] == 0.75


@given(
    st.lists(
        st.tuples(st.integers(-50, 50), st.floats(-60, 60).map(lambda value: round(value, 3)), st.integers(0, 4)),
        min_size=2,
        max_size=50,
    ),
    st.integers(0, 5),
)
@examples(100)
def test_every_score_of_a_resample_is_scikit_learns_of_the_repeated_rows(
    table: list[tuple[int, float, int]], seed: int
) -> None:
    # Given any values and predictions in up to five blocks, resampled
    truth = np.array([row[0] for row in table], dtype=np.float64)
    said = answers([row[1] for row in table], below=3.0, above=5.0)
    of_row, weights = draw_resamples(np.array([row[2] for row in table]), draws=3, seed=seed)

    # When they are scored for all draws at once
    found = score(truth, said, (of_row, weights), 2.5, groups=1)

    # Then each draw's scores are those of the rows written out as often as their block was drawn
    for draw, weight in enumerate(weights):
        rows = np.repeat(np.arange(len(table)), weight[of_row])
        drawn, value = truth[rows], said[rows, 0]
        expected = {
            "mae": mean_absolute_error(drawn, value),
            "median_ae": median_absolute_error(drawn, value),
            "rmse": np.sqrt(mean_squared_error(drawn, value)),
            "bias": (value - drawn).mean(),
            "coverage": ((value - 3 <= drawn) & (drawn <= value + 5)).mean(),
            "worst_coverage": ((value - 3 <= drawn) & (drawn <= value + 5)).mean(),
            "within": (np.abs(value - drawn) <= 2.5).mean(),
            "r2": r2_score(drawn, value) if np.ptp(drawn) else np.nan,
        }
        assert found.keys() == expected.keys()
        for name, right in expected.items():
            assert found[name][draw] == pytest.approx(right, rel=1e-9, abs=1e-9, nan_ok=True), name


def test_values_at_the_end_of_a_scale_lie_in_intervals_that_end_there() -> None:
    # Given a largest value with more decimals than a prediction has, which many rows have
    values = np.repeat([0.1, 1 / 3], 20)
    interval = measure_interval(values - 0.05, values, 0.8, values)

    # Then rows at the end are inside, also where more than it was predicted
    task = Regression(values, interval, 1, None)
    predictions = task.shape_predictions(np.full((20, 1), 0.4), interval)
    assert predictions.max() == 0.333333333
    assert task.lie_inside(values[20:], predictions).all()


def test_a_unit_too_high_and_one_too_low_have_costs_of_their_own() -> None:
    # Given rows that are 1 too high, right, 2 too low, 1 too low
    truth, said = np.array([1.0, 2.0, 5.0, 8.0]), answers([2, 2, 3, 7])

    # When a unit too high costs 1 and one too low 4
    found = score(truth, said, blocks_of(4), None, UnitCosts(over=1.0, under=4.0))

    # Then an error costs (1 + 0 + 8 + 4) / 4; alike costs are the mean error; without any there is no cost
    assert found["cost"].tolist() == [3.25]
    alike = score(truth, said, blocks_of(4), None, UnitCosts(over=1.0, under=1.0))
    assert alike["cost"].tolist() == alike["mae"].tolist()
    assert "cost" not in score(truth, said, blocks_of(4), None)


def test_a_model_without_an_interval_has_no_coverage_and_without_a_tolerance_nothing_is_within() -> None:
    assert score(np.arange(4.0), answers([1, 1, 1, 1]), blocks_of(4), None).keys() == {
        "mae",
        "median_ae",
        "rmse",
        "r2",
        "bias",
    }


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, -3e-7])
def test_a_constant_target_has_no_r2_and_all_else(value: float) -> None:
    found = score(np.full(30, value), answers([value + 1.0] * 30), draw_resamples(np.arange(30) // 3, 20, 7), None)
    assert np.isnan(found["r2"]).all()
    assert found["mae"] == pytest.approx(1.0)


def test_a_target_far_from_zero_keeps_its_r2() -> None:
    # Given values that differ by little beside their size
    make = np.random.default_rng(7)
    truth = 1e9 + make.normal(size=500)
    said = answers((truth + 0.5 * make.normal(size=500)).tolist())

    # Then R² is that of the differences
    found = score(truth, said, unit_weights(draw_resamples(np.arange(500), 100, 7)), None)
    assert found["r2"][0] == pytest.approx(r2_score(truth - 1e9, said[:, 0] - 1e9), rel=1e-6)


def test_values_too_large_to_be_squared_leave_out_the_scores_that_square() -> None:
    found = score(np.array([1e200, -1e200, 3e200]), answers([0, 0, 0]), blocks_of(3), None)
    assert not np.isfinite(found["rmse"][0])
    assert np.isfinite(found["mae"][0])
    assert np.isfinite(found["median_ae"][0])


def test_the_median_of_an_even_number_is_between_the_two_in_the_middle() -> None:
    # Given three values drawn once, twice, and not at all
    of_row, weights = np.arange(3), np.array([[1, 1, 0], [1, 2, 1], [0, 0, 2], [0, 0, 0]])

    # Then each draw's median is that of what it holds
    found = draw_medians(np.array([1.0, 5.0, 9.0]), (of_row, weights))
    assert np.array_equal(found, [3.0, 5.0, 9.0, np.nan], equal_nan=True)


def test_the_ends_of_an_interval_are_inside() -> None:
    assert lie_inside(np.array([1.0, 3.0, 3.1]), answers([2, 2, 2], below=1, above=1)).tolist() == [True, True, False]
