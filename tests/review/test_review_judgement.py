"""What a difference with its interval is called, and how it is written."""

from __future__ import annotations

import pytest

from stages.evaluate.gates import Gate
from stages.review.judgement import choose_form, describe_size, find_sizes, judge, write_difference
from stages.wording.metrics import METRICS

BINARY = {metric.key: metric for metric in METRICS["binary"]}
REGRESSION = {metric.key: metric for metric in METRICS["regression"]}


def difference(value: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


@pytest.mark.parametrize(
    ("metric", "found", "way"),
    [
        (BINARY["auc"], (0.01, 0.002, 0.02), "better"),
        (BINARY["auc"], (-0.01, -0.02, -0.002), "worse"),
        (BINARY["auc"], (0.01, -0.002, 0.02), "no clear difference"),
        (BINARY["auc"], (0.01, 0.0, 0.02), "no clear difference"),
        (BINARY["log_loss"], (0.01, 0.002, 0.02), "worse"),
        (BINARY["cost"], (-9.0, -12.0, -3.0), "better"),
        (REGRESSION["bias"], (1.0, 0.5, 2.0), "changed"),
        (BINARY["auc"], (0.0, 0.0, 0.0), "the same"),
        (BINARY["auc"], (0.01, None, None), "not compared"),
        (BINARY["auc"], (None, 0.1, 0.2), "not compared"),
    ],
)
def test_only_an_interval_without_0_tells_better_from_worse(
    metric: object, found: tuple[float | None, ...], way: str
) -> None:
    assert judge(metric, difference(*found)) == way  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((0.002, 0.001, 0.003), "less than the 0.005 that matters"),
        ((0.001, -0.002, 0.003), "less than the 0.005 that matters"),
        ((0.001, -0.006, 0.003), "but one of 0.005 is not ruled out"),
        ((0.01, 0.004, 0.02), ""),
    ],
)
def test_the_size_that_matters_is_said(found: tuple[float, float, float], said: str) -> None:
    less, metric = difference(*found), BINARY["auc"]
    assert describe_size(metric, judge(metric, less), less, 0.005) == said
    assert describe_size(metric, judge(metric, less), less, None) == ""


def test_the_size_of_a_share_is_told_in_points() -> None:
    less, metric = difference(0.0, -0.03, 0.01), BINARY["recall"]
    assert describe_size(metric, judge(metric, less), less, 0.02) == "but one of 2 points is not ruled out"


def test_sizes_come_from_the_gates_against_the_champion() -> None:
    gates = {
        "a": Gate("must", "auc", "champion", low_above=-0.005),
        "b": Gate("must", "auc", "baseline", low_above=0.1),
        "c": Gate("should", "cost", "champion", high_below=3.0),
    }
    assert find_sizes(gates) == {"auc": 0.005, "cost": 3.0}


@pytest.mark.parametrize(
    ("metric", "at", "found", "written"),
    [
        (BINARY["auc"], 0.68, (0.00636, 0.0034, 0.0091), "+0.0064 (0.0034 to 0.0091)"),
        (BINARY["recall"], 0.68, (-0.0138, -0.02, 0.001), "−1.38 points (−2.00 to 0.10)"),
        (REGRESSION["mae"], 34_512.3, (-120.4, -300.0, -10.0), "−120 (−300 to −10)"),
        (BINARY["auc"], 0.68, (0.01, None, None), "+0.0100"),
    ],
)  # fmt: skip
def test_a_difference_is_written_with_its_interval(
    metric: object, at: float, found: tuple[float | None, ...], written: str
) -> None:
    form = choose_form(metric, at)  # type: ignore[arg-type]
    assert write_difference(metric, difference(*found), form) == written  # type: ignore[arg-type]
