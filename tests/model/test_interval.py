"""The interval around a predicted number: it holds its share of small and large ones, within the target's range."""

from __future__ import annotations

import numpy as np
import pytest
from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from serve.scoring.formatting import place_interval
from stages.contracts.train_metrics import Interval
from stages.model.interval import add_interval, find_limits, measure_interval

MAKE = np.random.default_rng(7)


def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions, and values whose spread grows with them."""
    predicted = MAKE.uniform(10, 1000, rows)
    return predicted, predicted + MAKE.normal(0, 0.02, rows) * predicted


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_it_holds_its_share_of_small_and_large_numbers(share: float) -> None:
    # Given an interval measured on rows whose errors grow with the number
    interval = measure_interval(*draw(3000), share, np.array([0.0, 2000.0]))

    # When new rows are predicted
    predicted, values = draw(20_000)
    _, low, high = add_interval(predicted, interval).T
    inside = (low <= values) & (values <= high)

    # Then each tenth of the predictions holds about the share, and large numbers have wide intervals
    tenth = np.argsort(np.argsort(predicted)) // 2000
    assert inside.mean() == pytest.approx(share, abs=0.02)
    for number in range(10):
        assert share - 0.06 < inside[tenth == number].mean() < share + 0.1
    assert (high - low)[tenth == 9].mean() > 5 * (high - low)[tenth == 0].mean()


def test_few_rows_have_one_width() -> None:
    interval = measure_interval(*draw(60), 0.8, np.array([0.0, 1.0]))
    assert len(interval.at) == 1


def test_equal_predictions_stay_together() -> None:
    # Given predictions of two values only
    predicted = np.repeat([1.0, 5.0], [700, 300])
    interval = measure_interval(predicted, predicted + MAKE.normal(0, predicted), 0.8, np.array([-9.0, 9.0]))
    assert interval.at == (1.0, 5.0)


def test_it_never_leaves_out_its_own_number() -> None:
    # Given rows that all lie above what was predicted
    interval = measure_interval(np.zeros(10), np.arange(1.0, 11.0), 0.5, np.arange(-1.0, 11.0))
    assert interval == Interval(0.5, (0.0,), (9.0,), (0.0,))


@pytest.mark.parametrize(
    ("values", "limits"),
    [
        ([0.0, 3.0, 7.5, 1e6], (0.0, None)),
        ([-1.0, 3.0, 7.5], (None, None)),
        ([1.0] * 30 + [2.0] * 30 + [5.0] * 30, (1.0, 5.0)),
        ([*np.linspace(12, 49, 400), *[50.0] * 16], (0.0, 50.0)),
        ([4.0] * 50, (4.0, None)),
    ],
    ids=["amounts", "both signs", "a scale", "a capped amount", "one value"],
)
def test_the_ends_are_those_the_target_seems_never_to_pass(
    values: list[float], limits: tuple[float | None, float | None]
) -> None:
    assert find_limits(np.array(values)) == limits


def test_neither_the_number_nor_its_interval_passes_the_ends() -> None:
    # Given counts, and a model that predicts some below 0 and above a cap
    interval = Interval(0.8, (2.0,), (3.0,), (4.0,), 0.0, 9.0)

    # Then nothing lies outside
    assert add_interval(np.array([-5.0, 1.0, 8.0, 30.0]), interval).tolist() == [
        [0.0, 0.0, 3.0],
        [1.0, 0.0, 4.0],
        [8.0, 6.0, 9.0],
        [9.0, 7.0, 9.0],
    ]


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.floats(0, 9), st.floats(0, 9)), min_size=1, max_size=6),
    st.lists(st.floats(-60, 60), min_size=1, max_size=8),
    st.sampled_from([(None, None), (-20.0, None), (-20.0, 30.0)]),
)
@examples(100)
def test_one_number_has_the_interval_that_it_has_among_many(
    reach: list[tuple[int, float, float]], values: list[float], limits: tuple[float | None, float | None]
) -> None:
    # Given any interval, as train measures it and as an older model had it
    known = {float(at): (below, above) for at, below, above in reach}
    below, above = zip(*(known[at] for at in sorted(known)), strict=True)
    for interval in (Interval(0.8, below, above, tuple(sorted(known)), *limits), Interval(0.8, 1.5, 2.5)):
        # When numbers are asked for one by one, and all together
        many = add_interval(np.array(values), interval)
        find_ends = place_interval(interval)

        # Then both say the same
        for value, low, high in many.tolist():
            assert find_ends(value) == pytest.approx((low, high), rel=1e-12, abs=1e-12)
