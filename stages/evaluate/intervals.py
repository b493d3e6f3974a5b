"""How sure a score is: its interval over resamples of whole blocks, and that of its difference to another model's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from stages.contracts.evaluation import Scores
from stages.contracts.metric_key import MetricKey
from stages.evaluate.bootstrap import Blocks, Floats, unit_weights

Measured = dict[MetricKey, dict[str, float | None]]
"""{metric: {value, low, high}}; None where the rows do not define it."""
Tails = tuple[float, float]
"""The two quantiles between which an interval lies."""
Score = Callable[[Floats, Blocks], dict[MetricKey, Floats]]
"""Gives every metric of a model's predictions in every draw: {metric: (draws,)}."""
Trials = dict[MetricKey, int]
"""In how many independent rows each metric between 0 and 1 was counted."""

NO_TRIALS: Trials = {}


def compare(
    models: Mapping[str, Floats],
    score: Score,
    count_trials: Callable[[Floats, Blocks], Trials],
    blocks: Blocks,
    tails: Tails,
    wider: float = 1.0,
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Return each model's scores with intervals, and the candidate's differences to each other one, paired draw by
    draw.

    A difference is of the metrics that both models have. wider: how many times as far as the draws say an interval
    reaches from the value, for what resampling rows cannot tell.
    """
    drawn = {name: score(predictions, blocks) for name, predictions in models.items()}
    point = {name: score(predictions, unit_weights(blocks)) for name, predictions in models.items()}
    each = {
        name: measure(drawn[name], point[name], tails, count_trials(models[name], blocks), wider) for name in models
    }
    differences = {
        name: _doubt_certain(
            measure(_less(drawn["candidate"], drawn[name]), _less(point["candidate"], point[name]), tails, wider=wider),
            each["candidate"],
            each[name],
        )
        for name in models
        if name != "candidate"
    }
    return each, differences


def measure(
    drawn: Mapping[MetricKey, Floats],
    point: Mapping[MetricKey, Floats],
    tails: Tails,
    trials: Mapping[MetricKey, int] = NO_TRIALS,
    wider: float = 1.0,
) -> Measured:
    """Return the value on the rows as they are, and the interval over the draws, so many times wider; of a score that
    has trials within 0 and 1.
    """
    measured: Measured = {}
    for name, values in drawn.items():
        low, high = interval_bounds(values, tails, trials.get(name, 0))
        value = _known(point[name][0])
        low, high = widen_bounds(value, low, high, wider, is_share=name in trials)
        measured[name] = {"value": value, "low": low, "high": high}
    return measured


def interval_bounds(drawn: Floats, tails: Tails, trials: int = 0) -> tuple[float | None, float | None]:
    """Return the interval over the draws, less those where the score is not defined; None and None where it is in
    none.

    trials: of a score between 0 and 1, in how many independent rows it was counted. Where none of them was an
    exception, every draw is alike, and resampling says nothing of the next row: then it is the interval of so many
    trials without one (Clopper and Pearson, 1934), which is exact for a share.
    """
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return None, None
    low, high = map(float, np.quantile(known, tails))
    if trials and known.min() == known.max() and low in (0.0, 1.0):
        least = float(tails[0] ** (1 / trials))
        return (least, 1.0) if low else (0.0, 1 - least)
    return low, high


def widen_bounds(
    value: float | None, low: float | None, high: float | None, wider: float, is_share: bool = False
) -> tuple[float | None, float | None]:
    """Return the interval so many times as wide, of a share within 0 and 1."""
    if wider == 1 or value is None or low is None or high is None:
        return low, high
    low, high = value - wider * (value - low), value + wider * (high - value)
    return (max(low, 0.0), min(high, 1.0)) if is_share else (low, high)


def _doubt_certain(less: Measured, candidate: Measured, other: Measured) -> Measured:
    """Return the differences; one that no draw changes (unless it is none) reaches as far as the scores' own ends."""
    widened = dict(less)
    for metric, found in less.items():
        ends = [candidate[metric]["low"], candidate[metric]["high"], other[metric]["low"], other[metric]["high"]]
        if found["value"] and found["low"] == found["high"] and None not in ends:
            low, high, other_low, other_high = map(float, ends)  # type: ignore[arg-type]  # none is None
            widened[metric] = {**found, "low": low - other_high, "high": high - other_low}
    return widened


def take_values(each: Measured) -> Scores:
    """Return the value of each metric, without its interval."""
    return {metric: found["value"] for metric, found in each.items()}


def tabulate(key: str, each: Mapping[str, Measured]) -> list[dict[str, Any]]:
    """Return the measured scores as rows of a table whose first column is `key`."""
    return [
        {key: name, "metric": metric, **found} for name, metrics in each.items() for metric, found in metrics.items()
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _less(left: Mapping[MetricKey, Floats], right: Mapping[MetricKey, Floats]) -> dict[MetricKey, Floats]:
    with np.errstate(invalid="ignore"):  # infinity less infinity is not defined, and is left out
        return {metric: values - right[metric] for metric, values in left.items() if metric in right}
