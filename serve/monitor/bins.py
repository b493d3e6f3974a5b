"""Where each value of a request is counted: missing, strange, or in one of the bins its training values were put in.

Each input has a stretch of one vector of counts: first how often it was missing, second how often it was unlike all of
training (a number or date out of range, a category not known), then its bins. A number out of range lies in its first
or last bin, too; an unknown category in no other.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from stages.contracts.manifest import Input, Manifest, Shares

Counts = npt.NDArray[np.int64]
Count = Callable[[Sequence[Any]], Counts]
MISSING, STRANGE, BINS = 0, 1, 2


@dataclass(frozen=True)
class Place:
    """One input's stretch: the names of its bins, how its values are counted, and what share of training rows each
    count had (missing and strange first; None where nothing is known of them), and how many rows those were.
    `exclusive`: no strange one is in a bin.
    """

    name: str
    type: str
    bins: list[str]
    expected: list[float] | None
    exclusive: bool
    count: Count
    rows: int = 0

    @property
    def width(self) -> int:
        """How many counts it has."""
        return BINS + len(self.bins)


def inputs(manifest: Manifest) -> list[Place]:
    """A place for each input, in the manifest's order."""
    known = manifest.reference.inputs if manifest.reference else {}
    rows = manifest.reference.rows if manifest.reference else 0
    codes = manifest.features.codes
    places = [_place(column, known.get(column.name), codes.get(column.name)) for column in manifest.inputs]
    return [replace(place, rows=rows) for place in places]


def score(manifest: Manifest) -> Place:
    """The place of the model's answers: of classes the likeliest one, else the number itself."""
    known = manifest.reference.score if manifest.reference else None
    rows = known.rows if known else 0
    if manifest.task == "multiclass":
        names = manifest.target.classes
        likeliest = Input(name="score", type="category", nullable=False)
        shares = known or Shares()
        at = {place: BINS + place for place in range(len(names))}
        expected = [0.0, 0.0, *((shares.levels or {}).get(name, 0.0) for name in names)] if known else None
        count = _levels(at, BINS + len(names), STRANGE)
        return Place(likeliest.name, "class", list(names), expected, True, count, rows)
    return replace(_place(Input(name="score", type="number", nullable=False), known, None), rows=rows)


def _place(column: Input, known: Shares | None, codes: dict[str, int] | None) -> Place:
    if column.type in ("number", "integer"):
        return _number(column, known)
    if column.type in ("boolean", "category", "ordinal") and known and known.levels is not None:
        return _level(column, known, codes)
    low = _day(column) if column.type in ("date", "time") else None
    expected = [known.missing, 0.0] if known else None
    return Place(column.name, column.type, [], expected, False, _others(codes, low))


def _number(column: Input, known: Shares | None) -> Place:
    edges = known.edges if known and known.edges is not None else []
    low = -np.inf if column.low is None else float(column.low)
    high = np.inf if column.high is None else float(column.high)
    cuts = np.array(edges)

    def count(values: Sequence[Any]) -> Counts:
        given = np.array(values, dtype=np.float64)  # None becomes NaN
        there = given[~np.isnan(given)]
        strange = np.count_nonzero((there < low) | (there > high))
        bins = np.bincount(np.searchsorted(cuts, there), minlength=len(cuts) + 1)
        return np.array([len(given) - len(there), strange, *bins])

    ends = [f"{edge:.6g}" for edge in edges]
    names = [f"up to {end}" for end in ends] + [f"above {ends[-1]}" if ends else "all"]
    expected = [known.missing, 0.0, *known.shares] if known and known.edges is not None else None
    return Place(column.name, column.type, names, expected, False, count)


def _level(column: Input, known: Shares, codes: dict[str, int] | None) -> Place:
    """Levels counted one by one, the model's others together, and those it does not know."""
    shares = known.levels or {}
    other = BINS + len(shares)
    at: dict[Any, int] = {None: MISSING} | dict.fromkeys(codes or {}, other)
    at |= {level: BINS + place for place, level in enumerate(shares)}
    if column.type == "boolean":
        at = {None: MISSING, True: at.get("true", other), False: at.get("false", other)}
    bins = [*shares, "other"]
    expected = [known.missing, 0.0, *shares.values(), known.other]
    return Place(
        column.name, column.type, bins, expected, True, _levels(at, other + 1, STRANGE if codes is not None else other)
    )


def _levels(at: dict[Any, int], width: int, unknown: int) -> Count:
    return lambda values: np.bincount([at.get(value, unknown) for value in values], minlength=width)


def _others(codes: dict[str, int] | None, low: Any) -> Count:
    """Of what is not spread over bins: missing ones, days before the first, levels the model does not know."""

    def count(values: Sequence[Any]) -> Counts:
        there = [value for value in values if value is not None]
        strange = 0
        if low is not None:
            strange = sum(value < low for value in there)
        elif codes is not None:
            strange = sum(value not in codes for value in there)
        return np.array([len(values) - len(there), strange])

    return count


def _day(column: Input) -> Any:
    if column.low is None:
        return None
    kind = datetime.date if column.type == "date" else datetime.datetime
    return kind.fromisoformat(str(column.low))
