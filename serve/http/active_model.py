"""The model that answers now, with all that is made of it once; or that there is none, and why.

`Front.served` holds one of the two. Another one put there takes over between two requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from serve.http.info import Pages
from serve.scoring.decode import Decoder, Row
from serve.scoring.errors import Refusal
from serve.scoring.loader import Model
from serve.scoring.scorer import Numbers, Scorer
from stages.core.errors import PipelineError

Document = Callable[[], dict[str, Any]]
"""Gives BentoML's own OpenAPI document."""


class Answer(NamedTuple):
    """The rows of a request, what the model gave for each, and the body that says it."""

    rows: Sequence[Row]
    numbers: Numbers
    content: bytes


class Served:
    """A model and its decoder, scorer and pages."""

    def __init__(self, model: Model, max_rows: int, document: Document) -> None:
        self.model = model
        self.version: str | None = model.manifest.version
        self.pages = Pages(model, document)
        self._rows = Decoder(model.manifest.inputs, max_rows).rows
        self._scorer = Scorer(model)
        self._names = [column.name for column in model.manifest.inputs]
        about = {"version": self.version, "approved": model.approved}
        self._end = b',"model":' + msgspec.json.encode(about) + b"}"

    def predict(self, body: bytes) -> Answer:
        """The answer to a request's body. Raises Refusal."""
        rows = self._rows(body)
        numbers, said = self._scorer.scored(rows)
        return Answer(rows, numbers, b'{"predictions":' + msgspec.json.encode(said) + self._end)

    def named(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The rows as a request has them."""
        return [dict(zip(self._names, row, strict=True)) for row in rows]


class Unserved:
    """No model, and why."""

    version: str | None = None

    def __init__(self, reason: PipelineError, document: Document) -> None:
        self.reason = str(reason)
        self.pages = Pages(reason, document)

    def predict(self, _: bytes) -> Answer:
        """Always a Refusal."""
        raise Refusal(503, self.reason)
