"""Asks the service why it answered as it did: the three inputs that move the answer most, as the page has them."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from stages.contracts.manifest import Manifest
from stages.contracts.served_rows import Reason
from stages.core.errors import RowsRefused
from stages.explain.attribution import MOST, Background
from stages.model.predictions import CHANCE
from stages.serve import samples

CONSIDERED = 100
"""Inputs that are tried, the most important ones: a table of a thousand would take minutes."""
DIGITS = 9
"""Figures of a reason, those of the answer's size: what lies beyond is rounding."""

Inputs = Mapping[str, Any]
Answers = list[dict[str, Any]]


class Explainer:
    """Made once for a model; asks by `predict`, in requests of at most so many rows and bytes."""

    def __init__(
        self, manifest: Manifest, predict: Callable[[Sequence[Inputs]], Answers], max_rows: int, max_body: int
    ) -> None:
        types = {column.name: column.type for column in manifest.inputs}
        profiles = manifest.page.inputs[:CONSIDERED] if manifest.page else []
        self._names = [*types]
        self._background = Background(
            {
                profile.name: [(_in_json(types[profile.name], value), share) for value, share in profile.background]
                for profile in profiles
            },
            self._names,
        )
        self._manifest, self._predict, self._limits = manifest, predict, (max_rows, max_body)

    def reasons(self, inputs: Inputs, answer: Mapping[str, Any]) -> list[Reason]:
        """Return the inputs by which the answer differs most from what it is on average over their values, and
        by how much: of classes the chance of the positive, or else of the predicted one.
        """
        rows = [
            dict(zip(self._names, variant, strict=True))
            for variant in self._background.variants(tuple(inputs[name] for name in self._names))
        ]
        if len(rows) == 1:
            return []
        try:
            answers = [one for some in split_batches(rows, *self._limits) for one in self._predict(some)]
        except RowsRefused as error:  # values so far out that the model has no number for them
            logging.warning("serve: no reasons for an answer: %s", error)
            return []
        said = [samples.list_numbers(one)[self._about(answer)] for one in answers]
        found = self._background.reasons(said, odds="probabilities" in answer)
        size = max(map(abs, said))
        digits = DIGITS - 1 - (math.floor(math.log10(size)) if size > 0 else 0)
        rounded = {name: round(step, digits) for name, step in found.items()}
        largest = sorted(rounded.items(), key=lambda pair: (-abs(pair[1]), self._names.index(pair[0])))
        return [Reason(name, step) for name, step in largest[:MOST] if step]

    def _about(self, answer: Mapping[str, Any]) -> str:
        """The name of the number that is explained."""
        if "probabilities" not in answer:
            return "prediction"
        return f"{CHANCE}{self._manifest.target.positive or answer['prediction']}"


def split_batches(rows: Sequence[Inputs], max_rows: int, max_body: int) -> Iterator[list[Inputs]]:
    """The rows in their order, as many at a time as one request may hold; a row too large for any stands alone."""
    taken: list[Inputs] = []
    room = max_body - len('{"rows": []}')
    held = 0
    for row in rows:
        size = len(json.dumps(row).encode()) + 2
        if taken and (len(taken) == max_rows or held + size > room):
            yield taken
            taken, held = [], 0
        taken.append(row)
        held += size
    if taken:
        yield taken


def _in_json(kind: str, value: Any) -> Any:
    """A value of the manifest as a request holds it: whole numbers stand there as 630.0."""
    return int(value) if kind == "integer" and value is not None else value
