"""What the model's inputs and scores looked like when it was made, as a few shares: drift is measured against it.

Numbers are cut at their deciles and on both sides of a value that a tenth of the rows have, half-way to the next value,
so that no value ever lies on a cut. A category has the shares of its most frequent levels. Dates and times only tell
how often they were missing: they always move on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from stages.contracts.manifest import Reference, Shares

Array = npt.NDArray[Any]
BINS = 10
LEVELS = 20
"""Levels of a category that are counted one by one; the others together."""
DIGITS = 6


def describe_rows(
    rows: Mapping[str, Array],
    types: Mapping[str, str],
    answers: npt.NDArray[np.float64],
    task: str,
    names: Sequence[str],
) -> Reference:
    """Return in `inputs` each column's shares among the train rows (arrays as stages/transform/derivations.py describes
    them), in `score` the shares of the model's answers (rows × 1, or × classes) to the hold-out.
    """
    score = count_classes(answers, names) if task == "multiclass" else count_numbers(answers[:, 0])
    return Reference(
        len(next(iter(rows.values()))),
        {name: count_column(values, types[name]) for name, values in rows.items()},
        msgspec.structs.replace(score, rows=len(answers)),
    )


def count_column(values: Array, kind: str) -> Shares:
    """Return one input's shares of all rows: `missing`, and by kind `edges` and `shares`, or `levels` and `other`."""
    if kind in ("number", "integer"):
        return count_numbers(values)
    if kind in ("date", "time"):
        return Shares(missing=_share(np.isnat(values).mean()))
    if kind == "boolean":
        words = [None if value != value else "true" if value else "false" for value in values.tolist()]
        return count_levels(words)
    if kind in ("category", "ordinal"):
        return count_levels(values.tolist())
    return Shares(missing=_share(np.mean([value is None for value in values])))


def count_numbers(values: npt.NDArray[np.float64]) -> Shares:
    """Return the edges between the bins, ten or fewer where values repeat, and the share of rows in each bin."""
    known = values[np.isfinite(values)]
    distinct, counts = np.unique(_plain(known), return_counts=True)
    upto = np.cumsum(counts)
    wanted = np.arange(1, BINS) / BINS * len(known)
    often = np.flatnonzero(counts * BINS >= len(known))
    last = np.unique([*np.searchsorted(upto, wanted), *often, *(often - 1)]).astype(int)  # each bin's largest value
    last = last[(last >= 0) & (last < len(distinct) - 1)]
    edges = distinct[last] / 2 + distinct[last + 1] / 2 if len(last) else np.empty(0)
    held = np.diff(upto[last], prepend=0, append=len(known)) if len(known) else np.zeros(1)
    return Shares(
        missing=_share(1 - len(known) / max(len(values), 1)),
        edges=[float(f"{edge:.12g}") for edge in edges],
        shares=[_share(count / max(len(values), 1)) for count in held],
    )


def count_levels(values: Sequence[str | None]) -> Shares:
    """Return the shares of the most frequent levels, and of all others together."""
    distinct, counts = np.unique([value for value in values if value is not None], return_counts=True)
    most = sorted(zip((-counts).tolist(), distinct.tolist(), strict=True))[:LEVELS]
    rows, known = max(len(values), 1), int(counts.sum())
    return Shares(
        missing=_share(1 - known / rows),
        levels={level: _share(-count / rows) for count, level in most},
        other=_share((known + sum(count for count, _ in most)) / rows),
    )


def count_classes(answers: npt.NDArray[np.float64], names: Sequence[str]) -> Shares:
    """Return the share of rows for which each class is the likeliest, as the service says it."""
    said = np.bincount(answers.argmax(axis=1), minlength=len(names)) / len(answers)
    return Shares(levels={name: _share(share) for name, share in zip(names, said, strict=True)})


def _plain(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Nine significant digits: what differs by CPU below them is one value."""
    with np.errstate(divide="ignore"):
        unit = 10.0 ** np.floor(np.log10(np.abs(values)))
    unit[unit == 0] = 1.0
    rounded: npt.NDArray[np.float64] = np.round(values / unit, 8) * unit
    return rounded


def _share(value: Any) -> float:
    return round(float(value), DIGITS) + 0.0
