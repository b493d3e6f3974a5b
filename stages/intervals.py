"""How sure a score is: its interval over resamples of whole blocks, and that of its difference to another model's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from stages.scores import Blocks, Costs, Floats, Labels, scores

Measured = dict[str, dict[str, float]]
"""{metric: {value, low, high}}."""
Tails = tuple[float, float]
"""The two quantiles between which an interval lies."""


def compare(
    labels: Labels, models: Mapping[str, Floats], blocks: Blocks, costs: Costs, tails: Tails
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Each model's scores with intervals, and the candidate's differences to each other one, paired draw by draw."""
    of_row, weights = blocks
    once = np.ones((1, weights.shape[1]), dtype=np.int64)
    drawn = {name: scores(labels, scored, of_row, weights, costs) for name, scored in models.items()}
    point = {name: scores(labels, scored, of_row, once, costs) for name, scored in models.items()}
    each = {name: measured(drawn[name], point[name], tails) for name in models}
    differences = {
        name: measured(_less(drawn["candidate"], drawn[name]), _less(point["candidate"], point[name]), tails)
        for name in models
        if name != "candidate"
    }
    return each, differences


def measured(drawn: Mapping[str, Floats], point: Mapping[str, Floats], tails: Tails) -> Measured:
    """The value on the rows as they are, and the interval over the draws (less those where it is not defined)."""
    made = {}
    for name, values in drawn.items():
        low, high = np.nanquantile(values, tails)
        made[name] = {"value": float(point[name][0]), "low": float(low), "high": float(high)}
    return made


def values(each: Measured) -> dict[str, float]:
    """{metric: value}."""
    return {metric: found["value"] for metric, found in each.items()}


def long_table(key: str, each: Mapping[str, Measured]) -> list[dict[str, Any]]:
    """The measured scores as rows of a table whose first column is `key`."""
    return [
        {key: name, "metric": metric, **found} for name, metrics in each.items() for metric, found in metrics.items()
    ]


def _less(left: Mapping[str, Floats], right: Mapping[str, Floats]) -> dict[str, Floats]:
    return {metric: values - right[metric] for metric, values in left.items()}
