"""`metrics/train.json`: which estimator train chose, and what it lost on validation rows."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stages.contracts.metric_key import MetricKey

PATH = Path("metrics/train.json")


class Interval(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far below and above a predicted number the middle `share` of the values lies, in the target's unit: for
    predictions of the size `at`, and between these in proportion; one number for all in a model of an older version.

    `least` and `most` are the ends that neither the number nor its interval passes, None where there is none.
    """

    share: float
    below: tuple[float, ...] | float
    above: tuple[float, ...] | float
    at: tuple[float, ...] = (0.0,)
    least: float | None = None
    most: float | None = None


class TrainMetrics(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of the file. `losses` are those of each estimator tried, `shares` the weights of the blend, or 1 of one.

    `rounds` are those kept, `rounds_tried` those fitted; `suspected_leaks` the columns that alone tell the target, and
    how well.
    """

    train: dict[MetricKey, float]
    validation: dict[MetricKey, float]
    estimator: str
    losses: dict[str, float]
    shares: dict[str, float]
    rounds: int
    rounds_tried: int
    suspected_leaks: dict[str, float]
    interval: Interval | None = None
