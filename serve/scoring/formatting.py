"""What a model's numbers mean, by task: the answer to one row, as the service gives it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from stages.contracts.manifest import Manifest
from stages.contracts.train_metrics import Interval

Formatter = Callable[[Sequence[float]], dict[str, Any]]
"""From the model's outputs for one row, of shape (n_outputs,), to the answer but for its warnings."""


def make_formatter(manifest: Manifest) -> Formatter:
    """Return what formats a row's outputs for the manifest's task."""
    if manifest.task == "regression":
        return _make_regression_formatter(manifest.interval)
    if manifest.task == "multiclass":
        return _make_multiclass_formatter(manifest.target.classes)
    return _make_binary_formatter(manifest)


def _make_binary_formatter(manifest: Manifest) -> Formatter:
    """Return what answers the positive class from the threshold on, and both probabilities in the manifest's order."""
    first, second = manifest.target.classes
    positive, threshold = manifest.target.positive, manifest.threshold
    negative = first if positive == second else second
    assert positive is not None
    assert threshold is not None

    def format_positive_second(outputs: Sequence[float]) -> dict[str, Any]:
        probability = outputs[0]
        label = positive if probability >= threshold else negative
        return {"prediction": label, "probabilities": {first: 1 - probability, second: probability}}

    def format_positive_first(outputs: Sequence[float]) -> dict[str, Any]:
        probability = outputs[0]
        label = positive if probability >= threshold else negative
        return {"prediction": label, "probabilities": {first: probability, second: 1 - probability}}

    return format_positive_first if positive == first else format_positive_second


def _make_multiclass_formatter(classes: Sequence[str]) -> Formatter:
    """Return what answers the first of the classes with the highest probability."""

    def format_likeliest(outputs: Sequence[float]) -> dict[str, Any]:
        label = classes[outputs.index(max(outputs))]
        return {"prediction": label, "probabilities": dict(zip(classes, outputs, strict=True))}

    return format_likeliest


def _make_regression_formatter(interval: Interval | None) -> Formatter:
    """Return what answers the number, and the interval around it where the model has one."""
    if interval is None:
        return lambda outputs: {"prediction": outputs[0]}
    find_ends = place_interval(interval)
    return lambda outputs: {"prediction": outputs[0], "interval": find_ends(outputs[0])}


def place_interval(interval: Interval) -> Callable[[float], tuple[float, float]]:
    """Return what gives the ends of the interval around one number, as `stages.model.interval.add_interval` does for
    many: NumPy takes ten times as long for one.
    """
    reach = list(zip(interval.at, *map(_as_tuple, (interval.below, interval.above)), strict=True))
    least = -math.inf if interval.least is None else interval.least
    most = math.inf if interval.most is None else interval.most

    def find_ends(value: float) -> tuple[float, float]:
        place = bisect_right(interval.at, value)
        _, below, above = reach[max(place - 1, 0)]
        if 0 < place < len(reach):
            (start, *_), (stop, next_below, next_above) = reach[place - 1], reach[place]
            part = (value - start) / (stop - start)
            below, above = below + part * (next_below - below), above + part * (next_above - above)
        return max(value - below, least), min(value + above, most)

    return find_ends


def _as_tuple(reach: tuple[float, ...] | float) -> tuple[float, ...]:
    return reach if isinstance(reach, tuple) else (reach,)
