"""How sure a score is: its interval over resamples of whole blocks, and that of its difference to another model's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from stages.evaluate.bootstrap import Blocks, Floats, once

Measured = dict[str, dict[str, float | None]]
"""{metric: {value, low, high}}; None where the rows do not define it."""
Tails = tuple[float, float]
"""The two quantiles between which an interval lies."""
Score = Callable[[Floats, Blocks], dict[str, Floats]]
"""Every score of a model's answers for every draw: {metric: (draws,)}."""


def compare(
    models: Mapping[str, Floats], score: Score, blocks: Blocks, tails: Tails
) -> tuple[dict[str, Measured], dict[str, Measured]]:
    """Each model's scores with intervals, and the candidate's differences to each other one, paired draw by draw.

    A difference is of the metrics that both models have.
    """
    drawn = {name: score(said, blocks) for name, said in models.items()}
    point = {name: score(said, once(blocks)) for name, said in models.items()}
    each = {name: measured(drawn[name], point[name], tails) for name in models}
    differences = {
        name: measured(_less(drawn["candidate"], drawn[name]), _less(point["candidate"], point[name]), tails)
        for name in models
        if name != "candidate"
    }
    return each, differences


def measured(drawn: Mapping[str, Floats], point: Mapping[str, Floats], tails: Tails) -> Measured:
    """The value on the rows as they are, and the interval over the draws."""
    made: Measured = {}
    for name, values in drawn.items():
        low, high = ends(values, tails)
        made[name] = {"value": _known(point[name][0]), "low": low, "high": high}
    return made


def ends(drawn: Floats, tails: Tails) -> tuple[float | None, float | None]:
    """The interval over the draws, less those where the score is not defined; None and None where it is in none."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return None, None
    low, high = np.quantile(known, tails)
    return float(low), float(high)


def values(each: Measured) -> dict[str, float | None]:
    """{metric: value}."""
    return {metric: found["value"] for metric, found in each.items()}


def long_table(key: str, each: Mapping[str, Measured]) -> list[dict[str, Any]]:
    """The measured scores as rows of a table whose first column is `key`."""
    return [
        {key: name, "metric": metric, **found} for name, metrics in each.items() for metric, found in metrics.items()
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _less(left: Mapping[str, Floats], right: Mapping[str, Floats]) -> dict[str, Floats]:
    with np.errstate(invalid="ignore"):  # infinity less infinity is not defined, and is left out
        return {metric: values - right[metric] for metric, values in left.items() if metric in right}
