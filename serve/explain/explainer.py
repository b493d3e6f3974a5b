"""Explains one model's answers: which inputs move a row's answer away from the usual one, and by how much.

The rows that a row is compared with are made of the inputs' values in training, each input for itself, as the manifest
keeps them: so no row of the table is needed, or shown to anybody. A reason is no cause, and inputs that say the same
share it.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from serve.explain.players import Players
from serve.explain.shapley import SEED, Walks
from serve.scoring.decode import Row
from serve.scoring.errors import ApiError
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer
from stages.contracts.explanation import Explanation, Reason
from stages.contracts.manifest import Manifest

ROWS, CELLS = 2_400, 1_000_000
"""About how many rows the model is asked for one explanation, which makes steps right to about a point of 100, and how
many values at most, so that of very wide tables there are fewer.
"""
MAX_EXPLAINED = 10
"""Rows that one request may ask reasons for: each takes as long as hundreds of predictions."""
MOST_STARTS = 200
FIGURES = 9
"""Figures of a step, those of the answer's size: what lies beyond is rounding."""


class Explainer:
    """Made once for a model; explains any number of rows, from several threads."""

    def __init__(self, model: Model) -> None:
        manifest = model.manifest
        profiles = manifest.page.inputs if manifest.page else []
        varied = [profile.name for profile in profiles if len(profile.background) > 1]
        self._model, self._manifest = model, manifest
        self._encoded = Scorer(model).encoded
        self._players = Players(manifest.inputs, manifest.features.derive, varied)
        rows = min(ROWS, CELLS // max(1, len(manifest.inputs)))
        starts = _draw_rows(manifest, max(1, min(MOST_STARTS, rows // (2 * len(self._players) + 2))))
        self._walks = Walks([self._players.take_apart(start) for start in starts])

    def explain(self, row: Row) -> Explanation | None:
        """Return why the model answers the row as it does; None of a model saved without what its inputs may be.

        Raises ApiError 400 for a row that it has no finite answer for.
        """
        if not len(self._players):
            return None
        values = self._answers([row])[0]
        if not np.isfinite(values).all():
            raise ApiError(400, "holds values too large for the model, which has no finite answer for them")
        about = int(values.argmax()) if self._manifest.task == "multiclass" else 0
        steps = self._walks.steps(self._players.take_apart(row))
        answers = self._answers([self._players.put_together(step, row) for step in steps])[:, about]
        label = self._label(about)
        with np.errstate(over="ignore", invalid="ignore"):  # values so far out that there is no number beside them
            mean, moved = self._walks.contributions(answers)
        usual = self._usual(label)
        if usual is None:
            usual = mean if np.isfinite(mean) else float(values[about])
        return self._make(label, float(values[about]), usual, moved.tolist() if np.isfinite(moved).all() else [])

    def _make(self, label: str | None, value: float, usual: float, moved: Sequence[float]) -> Explanation:
        size = max(abs(value), abs(usual))
        digits = FIGURES if label is not None or not size else FIGURES - 1 - math.floor(math.log10(size))
        value, usual = round(value, digits), round(usual, digits)
        names = [column.name for column in self._manifest.inputs]
        reasons = [
            Reason(names[player.places[0]], round(step, digits), player.part)
            for player, step in zip(self._players.alone, moved, strict=False)
            if round(step, digits)
        ]
        reasons.sort(key=lambda reason: -abs(reason.step))
        rest = round(value - usual - sum(reason.step for reason in reasons), digits)
        return Explanation(label, value, usual, reasons, rest)

    def _label(self, about: int) -> str | None:
        target = self._manifest.target
        return target.positive or (target.classes[about] if target.classes else None)

    def _usual(self, label: str | None) -> float | None:
        usual = self._manifest.page.usual if self._manifest.page else None
        if usual is None:
            return None
        return usual.mean if label is None else usual.shares.get(label)

    def _answers(self, rows: Sequence[Row]) -> npt.NDArray[np.float64]:
        """Return the model's outputs, of shape [n_rows, n_outputs]."""
        return np.asarray(self._model.answers(np.array([self._encoded(row) for row in rows])), dtype=np.float64)


def _in_row(kind: str, value: Any) -> Any:
    """Return a value of the manifest as a decoded row holds it."""
    if value is None:
        return None
    if kind == "date":
        return datetime.date.fromisoformat(value)
    return datetime.datetime.fromisoformat(value) if kind == "time" else value


def _draw_rows(manifest: Manifest, count: int) -> list[Row]:
    """Return rows in which each input has its values as often as in training, by chance beside the others' ones."""
    draw = np.random.default_rng(SEED)
    profiles = {profile.name: profile.background for profile in (manifest.page.inputs if manifest.page else [])}
    columns = []
    for column in manifest.inputs:
        background = profiles.get(column.name) or [(None, 1.0)]
        ends = np.cumsum([share for _, share in background])
        places = np.searchsorted(ends, (np.arange(count) + 0.5) / count * ends[-1])
        values = [_in_row(column.type, value) for value, _ in background]
        columns.append([values[place] for place in draw.permutation(places)])
    return list(zip(*columns, strict=True))
