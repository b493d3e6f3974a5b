"""Where each value of a request is counted: missing, unseen, or in one of the bins its training values were put in.

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
CountValues = Callable[[Sequence[Any]], Counts]
MISSING, UNSEEN, FIRST_BIN = 0, 1, 2


@dataclass(frozen=True)
class Histogram:
    """One input's stretch of the vector: the names of its bins, how its values are counted, what share of training rows
    each count had (missing and unseen first; None where nothing is known of them), and how many rows those were.
    `exclusive`: no unseen one is in a bin.
    """

    name: str
    type: str
    bins: list[str]
    expected: list[float] | None
    exclusive: bool
    count_values: CountValues
    rows: int = 0

    @property
    def width(self) -> int:
        """The number of counts."""
        return FIRST_BIN + len(self.bins)


def make_input_histograms(manifest: Manifest) -> list[Histogram]:
    """Return a histogram for each input, in the manifest's order."""
    references = manifest.reference.inputs if manifest.reference else {}
    n_rows = manifest.reference.rows if manifest.reference else 0
    codes = manifest.features.codes
    histograms = [
        _make_histogram(column, references.get(column.name), codes.get(column.name)) for column in manifest.inputs
    ]
    return [replace(histogram, rows=n_rows) for histogram in histograms]


def make_score_histogram(manifest: Manifest) -> Histogram:
    """Return the histogram of the model's answers: of classes the likeliest one, else the number itself."""
    reference = manifest.reference.score if manifest.reference else None
    n_rows = reference.rows if reference else 0
    if manifest.task == "multiclass":
        names = manifest.target.classes
        shares = reference or Shares()
        index_by_level = {position: FIRST_BIN + position for position in range(len(names))}
        expected = [0.0, 0.0, *((shares.levels or {}).get(name, 0.0) for name in names)] if reference else None
        count_values = _make_level_counter(index_by_level, FIRST_BIN + len(names), UNSEEN)
        return Histogram("score", "class", list(names), expected, True, count_values, n_rows)
    return replace(_make_histogram(Input(name="score", type="number", nullable=False), reference, None), rows=n_rows)


def _make_histogram(column: Input, reference: Shares | None, codes: dict[str, int] | None) -> Histogram:
    if column.type in ("number", "integer"):
        return _make_number_histogram(column, reference)
    if column.type in ("boolean", "category", "ordinal") and reference and reference.levels is not None:
        return _make_level_histogram(column, reference, codes)
    first = _parse_low(column) if column.type in ("date", "time") else None
    expected = [reference.missing, 0.0] if reference else None
    return Histogram(column.name, column.type, [], expected, False, _make_unbinned_counter(codes, first))


def _make_number_histogram(column: Input, reference: Shares | None) -> Histogram:
    edges = reference.edges if reference and reference.edges is not None else []
    low = -np.inf if column.low is None else float(column.low)
    high = np.inf if column.high is None else float(column.high)
    cuts = np.array(edges)

    def count(values: Sequence[Any]) -> Counts:
        array = np.array(values, dtype=np.float64)  # None becomes NaN
        present = array[~np.isnan(array)]
        unseen = np.count_nonzero((present < low) | (present > high))
        bins = np.bincount(np.searchsorted(cuts, present), minlength=len(cuts) + 1)
        return np.array([len(array) - len(present), unseen, *bins])

    labels = [f"{edge:.6g}" for edge in edges]
    names = [f"up to {label}" for label in labels] + [f"above {labels[-1]}" if labels else "all"]
    expected = [reference.missing, 0.0, *reference.shares] if reference and reference.edges is not None else None
    return Histogram(column.name, column.type, names, expected, False, count)


def _make_level_histogram(column: Input, reference: Shares, codes: dict[str, int] | None) -> Histogram:
    """Return one that counts levels one by one, the model's others together, and those it does not know."""
    level_shares = reference.levels or {}
    other = FIRST_BIN + len(level_shares)
    index_by_level: dict[Any, int] = {None: MISSING} | dict.fromkeys(codes or {}, other)
    index_by_level |= {level: FIRST_BIN + position for position, level in enumerate(level_shares)}
    if column.type == "boolean":
        true, false = index_by_level.get("true", other), index_by_level.get("false", other)
        index_by_level = {None: MISSING, True: true, False: false}
    bins = [*level_shares, "other"]
    expected = [reference.missing, 0.0, *level_shares.values(), reference.other]
    count_values = _make_level_counter(index_by_level, other + 1, UNSEEN if codes is not None else other)
    return Histogram(column.name, column.type, bins, expected, True, count_values)


def _make_level_counter(index_by_level: dict[Any, int], width: int, unknown_index: int) -> CountValues:
    return lambda values: np.bincount([index_by_level.get(value, unknown_index) for value in values], minlength=width)


def _make_unbinned_counter(codes: dict[str, int] | None, first: Any) -> CountValues:
    """Return what counts values without bins: missing ones, days before the first, levels the model does not know."""

    def count(values: Sequence[Any]) -> Counts:
        present = [value for value in values if value is not None]
        unseen = 0
        if first is not None:
            unseen = sum(value < first for value in present)
        elif codes is not None:
            unseen = sum(value not in codes for value in present)
        return np.array([len(values) - len(present), unseen])

    return count


def _parse_low(column: Input) -> Any:
    if column.low is None:
        return None
    kind = datetime.date if column.type == "date" else datetime.datetime
    return kind.fromisoformat(str(column.low))
