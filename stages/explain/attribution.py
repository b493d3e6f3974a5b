"""Which inputs an answer hangs on: how far it moves when one of them takes the other values of the training rows.

One input at a time is exchanged for each of its background values, everything else left as it is; the mean of the
answers is compared with the answer itself. Chances are averaged as log-odds, so that a step from 1% to 2% counts as one
from 50% to 67% does, and told as a difference of chances. It is not a cause, and inputs that move together share it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Row = tuple[Any, ...]
MOST = 3
"""Reasons that are told of an answer."""
ENDS = 1e-9
"""Chances closer than this to 0 or 1 count as being so far away from it."""


class Background:
    """Each input's values, as a request would hold them, with their shares."""

    def __init__(self, values: Mapping[str, Sequence[tuple[Any, float]]], names: Sequence[str]) -> None:
        self._values = [(place, values[name]) for place, name in enumerate(names) if len(values.get(name, ())) > 1]
        self._names = names

    def variants(self, row: Row) -> list[Row]:
        """The row, then once for each value of each input in turn, everything else as it is."""
        return [row, *((*row[:place], value, *row[place + 1 :]) for place, held in self._values for value, _ in held)]

    def reasons(self, said: npt.ArrayLike, odds: bool) -> dict[str, float]:
        """How much of the answer is due to each input, the largest first; nothing where an answer is not finite.

        `said` are the answers to the variants (float64 [variants]), chances if `odds`.
        """
        answers = np.asarray(said, dtype=np.float64)
        if not np.isfinite(answers).all():
            return {}
        scale = _log_odds(answers) if odds else answers
        found: dict[str, float] = {}
        start = 1
        for place, held in self._values:
            other = float(np.average(scale[start : start + len(held)], weights=[share for _, share in held]))
            start += len(held)
            found[self._names[place]] = float(answers[0]) - (_chance(other) if odds else other)
        return dict(sorted(found.items(), key=lambda pair: -abs(pair[1])))


def _log_odds(chances: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    held = np.clip(chances, ENDS, 1 - ENDS)
    return np.log(held / (1 - held))


def _chance(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
