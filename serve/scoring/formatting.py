"""What a model's numbers mean, by task: the answer to one row, as the service gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from stages.contracts.manifest import Manifest
from stages.contracts.train_metrics import Interval

Say = Callable[[Sequence[float]], dict[str, Any]]
"""From what `Model.answers` has for one row to the answer but for its warnings."""


def sayer(manifest: Manifest) -> Say:
    """How a row's numbers are said for the manifest's task."""
    if manifest.task == "regression":
        return _number(manifest.interval)
    if manifest.task == "multiclass":
        return _likeliest(manifest.target.classes)
    return _yes_or_no(manifest)


def _yes_or_no(manifest: Manifest) -> Say:
    """The positive class from the threshold on; its probability and the other's in the manifest's order."""
    first, second = manifest.target.classes
    positive, threshold = manifest.target.positive, manifest.threshold
    negative = first if positive == second else second
    assert positive is not None
    assert threshold is not None

    def positive_second(numbers: Sequence[float]) -> dict[str, Any]:
        chance = numbers[0]
        label = positive if chance >= threshold else negative
        return {"prediction": label, "probabilities": {first: 1 - chance, second: chance}}

    def positive_first(numbers: Sequence[float]) -> dict[str, Any]:
        chance = numbers[0]
        label = positive if chance >= threshold else negative
        return {"prediction": label, "probabilities": {first: chance, second: 1 - chance}}

    return positive_first if positive == first else positive_second


def _likeliest(classes: Sequence[str]) -> Say:
    """The first of the classes with the highest probability."""

    def say(numbers: Sequence[float]) -> dict[str, Any]:
        label = classes[numbers.index(max(numbers))]
        return {"prediction": label, "probabilities": dict(zip(classes, numbers, strict=True))}

    return say


def _number(interval: Interval | None) -> Say:
    """The number, and the interval around it where the model has one."""
    if interval is None:
        return lambda numbers: {"prediction": numbers[0]}
    below, above = interval.below, interval.above
    return lambda numbers: {"prediction": numbers[0], "interval": [numbers[0] - below, numbers[0] + above]}
