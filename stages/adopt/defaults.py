"""What is advised where a person said nothing: the baseline's key, the slices, how a small table is judged."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.adopt import evidence
from stages.adopt.roles import Decision
from stages.adopt.target import Goal

SMALL = 1_000
"""Rows below which scores come from repeated cross-validation: a hold-out of so few would say little."""
FEW = 30
"""Values of a column that groups rows for the baseline, or for slices."""
ROWS_EACH = 20
"""Sample rows each of them should have on average."""
SLICES = 3


def suggest_baseline(sample: pd.DataFrame, target: str, goal: Goal, inputs: list[Decision]) -> list[str]:
    """The column that alone tells most of the target by its groups, if any tells something: the baseline's key."""
    truth = evidence.encode_target(sample[target], goal)
    known = ~np.isnan(truth.sum(axis=1))
    if not known.any():
        return []
    truth = truth[known] - truth[known].mean(axis=0)
    told = {}
    for one in _grouping(inputs):
        codes, names = pd.factorize(sample.loc[known, one.name].str.strip())
        if len(names) > FEW or len(codes) < ROWS_EACH * len(names):
            continue
        size = np.bincount(codes)
        means = np.stack([np.bincount(codes, weights=column) / size for column in truth.T], axis=1)
        spread = float((truth**2).sum())
        explained = float((size[:, None] * means**2).sum()) / spread if spread else 0.0
        told[one.name] = explained - (len(names) - 1) / len(codes)  # what as many random groups would tell
    best = max(told, key=lambda name: told[name], default="")
    return [best] if best and told[best] > 0 else []


def suggest_slices(inputs: list[Decision]) -> list[str]:
    """The first columns whose few values part the hold-out into groups that can be looked at one by one."""
    return [one.name for one in _grouping(inputs) if 1 < one.distinct <= FEW / 2][:SLICES]


def suggest_min_slice(rows: int) -> int:
    """Rows a slice of the hold-out must have."""
    return max(10, min(500, rows // 100))


def _grouping(inputs: list[Decision]) -> list[Decision]:
    kinds = ("category", "ordinal", "boolean")
    return [
        one for one in inputs if one.finding.kind in kinds or (one.finding.kind == "integer" and one.distinct <= FEW)
    ]
