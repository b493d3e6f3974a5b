"""What is advised where a person said nothing: the baseline's key, the slices, how a small table is judged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.adopt import evidence
from stages.adopt.leakage import encode_numbers
from stages.adopt.roles import Decision
from stages.adopt.target import Goal
from stages.evaluate import baseline

Codes = npt.NDArray[np.integer[Any]]

SMALL, TINY = 5_000, 1_000
"""Rows below which scores come from repeated cross-validation, as a hold-out of so few would say little: of wide tables
and many classes, of which it takes long, only below the latter.
"""
WORK = 500_000
"""Rows times inputs times classes (of more than two) up to which cross-validation takes no longer than a minute."""
FEW = 30
"""Values of a column that parts rows into slices."""
ROWS_EACH = 20
"""Sample rows each of the baseline's groups should have on average."""
PAIRED = 6
"""Columns that are tried in pairs: those that tell most alone."""
CLEARLY = 4.0
"""Times what chance makes of random groups, from which groups tell something."""
NUMBERS = ("integer", "number")
SLICES, NUMBER_SLICES = 3, 2
"""Columns of few values, and numbers, whose groups are looked at one by one."""


def suggest_groups(
    sample: pd.DataFrame, target: str, goal: Goal, inputs: list[Decision]
) -> tuple[list[str], list[str]]:
    """The one or two columns that tell most of the target by the groups they make, if any do: the baseline's keys; and
    the columns whose groups are looked at one by one, those that tell most first.

    A number of many values makes ten groups, as `stages.evaluate.baseline` cuts it.
    """
    truth = evidence.encode_target(sample[target], goal)
    known = ~np.isnan(truth.sum(axis=1))
    if not known.any():
        return [], _list_slices(inputs, {})
    truth = truth[known] - truth[known].mean(axis=0)
    spread = float((truth**2).sum())
    codes = {one.name: _number_groups(sample.loc[known, one.name], one) for one in inputs if _makes_groups(one)}
    told: dict[tuple[str, ...], float] = {(name,): _tell(groups, truth, spread) for name, groups in codes.items()}
    slices = _list_slices(inputs, {name: told[name,] for name in codes})
    best = sorted(codes, key=lambda name: -told[name,])[:PAIRED]
    for one, other in combinations(best, 2):
        both = codes[one] * (2 + codes[other].max()) + codes[other]
        told[one, other] = _tell(both, truth, spread, max(told[one,], told[other,]))
    keys = max(told, key=lambda keys: (told[keys], -len(keys)), default=())
    return (list(keys) if keys and told[keys] > 0 else []), slices


def _makes_groups(one: Decision) -> bool:
    return one.finding.kind in (*NUMBERS, "category", "ordinal", "boolean")


def _number_groups(texts: pd.Series[str], one: Decision) -> Codes:
    """The number of each row's group."""
    if one.finding.kind in NUMBERS and one.distinct > baseline.FEW:
        values = pd.DataFrame({"key": encode_numbers(texts, one.finding)})
        return baseline.number_alike(values, values.iloc[:0], ["key"])[0]
    return np.asarray(pd.factorize(texts.str.strip())[0], dtype=np.int64)


def _tell(codes: Codes, truth: evidence.Truth, spread: float, known: float = 0.0) -> float:
    """The share of the target's variance that the groups explain, less what as many random ones would; nothing where
    they are small, or explain no more than what is known and what chance makes of random ones.
    """
    _, groups, size = np.unique(codes, return_inverse=True, return_counts=True)
    if len(codes) < ROWS_EACH * len(size) or not spread:
        return 0.0
    means = np.stack([np.bincount(groups, weights=column) / size for column in truth.T], axis=1)
    told = float((size[:, None] * means**2).sum()) / spread - (len(size) - 1) / len(codes)
    chance = CLEARLY * (2 * (len(size) - 1)) ** 0.5 / len(codes)  # the spread of a sum of so many squares
    return told if told > known + chance else 0.0


def _list_slices(inputs: list[Decision], told: Mapping[str, float]) -> list[str]:
    """The columns that tell most among those of few values, and among numbers, which are cut into quarters."""
    few = [one.name for one in _grouping(inputs) if 1 < one.distinct <= FEW / 2]
    many = [one.name for one in inputs if one.finding.kind in NUMBERS and one.name not in few and told.get(one.name)]
    return [
        name
        for names, most in ((few, SLICES), (many, NUMBER_SLICES))
        for name in sorted(names, key=lambda name: -told.get(name, 0.0))[:most]
    ]


def is_small(rows: int, inputs: int, classes: int) -> bool:
    """Whether scores come from cross-validation over all rows, in place of the hold-out's few."""
    work = rows * inputs * (classes if classes > 2 else 1)
    return rows < TINY or (rows < SMALL and work <= WORK)


def suggest_min_slice(rows: int) -> int:
    """Rows a slice of the hold-out must have."""
    return max(10, min(500, rows // 100))


def _grouping(inputs: list[Decision]) -> list[Decision]:
    kinds = ("category", "ordinal", "boolean")
    return [
        one for one in inputs if one.finding.kind in kinds or (one.finding.kind == "integer" and one.distinct <= FEW)
    ]
