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

from serve.decode import Row
from serve.model import Model
from serve.page.facts import Facts
from serve.score import Scorer

Floats = npt.NDArray[np.float64]
ENDS = 1e-9
"""Chances closer than this to 0 or 1 count as being so far away from it."""


def answers(model: Model, rows: Sequence[Row]) -> Floats:
    """What the model says of the rows: float64 [rows, width]."""
    encoded = Scorer(model).encoded
    return model.answers(np.array([encoded(row) for row in rows]))


class Background:
    """Each input's values, as a request would hold them, with their shares."""

    def __init__(self, values: Mapping[str, Sequence[tuple[Any, float]]], names: Sequence[str]) -> None:
        self._values = [(place, values[name]) for place, name in enumerate(names) if len(values[name]) > 1]
        self._names = names

    def reasons(self, model: Model, row: Row, at: int) -> dict[str, float]:
        """How much of the answer's number `at` is due to each input, the largest first."""
        rows = [row, *((*row[:place], value, *row[place + 1 :]) for place, held in self._values for value, _ in held)]
        said = answers(model, rows)[:, at]
        if not np.isfinite(said).all():
            return {}
        odds = model.manifest.task != "regression"
        scale = _log_odds(said) if odds else said
        found: dict[str, float] = {}
        start = 1
        for place, held in self._values:
            other = float(np.average(scale[start : start + len(held)], weights=[share for _, share in held]))
            start += len(held)
            found[self._names[place]] = float(said[0]) - (_chance(other) if odds else other)
        return dict(sorted(found.items(), key=lambda pair: -abs(pair[1])))


def background(facts: Facts, read: Any) -> dict[str, list[tuple[Any, float]]]:
    """The facts' background values as a row holds them; `read` makes them so."""
    return {seen.name: [(read(seen.name, value), share) for value, share in seen.background] for seen in facts.inputs}


def _log_odds(chances: Floats) -> Floats:
    held = np.clip(chances, ENDS, 1 - ENDS)
    return np.log(held / (1 - held))


def _chance(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
