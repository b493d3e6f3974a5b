"""The model that answers now, with all that is made of it once; or that there is none, and why.

`Gateway.active_model` holds one of the two. Another one put there takes over between two requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from serve.explain.explainer import MAX_EXPLAINED, Explainer
from serve.http.info import Pages
from serve.scoring.decode import Decoder, Row
from serve.scoring.errors import ApiError
from serve.scoring.loader import Model
from serve.scoring.scorer import Outputs, Scorer
from stages.core.errors import PipelineError

OpenApiReader = Callable[[], dict[str, Any]]
"""Returns BentoML's own OpenAPI document."""


class Answer(NamedTuple):
    """The rows of a request, the model's outputs of shape (n_rows, n_outputs), and the JSON body that says them."""

    rows: Sequence[Row]
    outputs: Outputs
    body: bytes


class ActiveModel:
    """A model and its decoder, scorer, explainer and pages."""

    def __init__(self, model: Model, max_rows: int, read_openapi: OpenApiReader) -> None:
        self.model = model
        self.version: str | None = model.manifest.version
        self.pages = Pages(model, read_openapi)
        self._decode = Decoder(model.manifest.inputs, max_rows).decode_rows
        self._scorer = Scorer(model)
        self._explainer = Explainer(model)
        self._input_names = [column.name for column in model.manifest.inputs]
        about = {"version": self.version, "approved": model.approved}
        self._closing_bytes = b',"model":' + msgspec.json.encode(about) + b"}"

    def predict(self, body: bytes) -> Answer:
        """Return the answer to a request's body. Raises ApiError."""
        rows = self._decode(body)
        outputs, predictions = self._scorer.score_rows(rows)
        return Answer(rows, outputs, b'{"predictions":' + msgspec.json.encode(predictions) + self._closing_bytes)

    def explain(self, body: bytes) -> bytes:
        """Return the body that says why the rows of a request are answered as they are. Raises ApiError."""
        explanations = []
        rows = self._decode(body)
        if len(rows) > MAX_EXPLAINED:
            raise ApiError(
                400, f"holds {len(rows)} rows, and a request for reasons may hold {MAX_EXPLAINED}", field="rows"
            )
        for index, row in enumerate(rows):
            try:
                explanations.append(self._explainer.explain(row))
            except ApiError as error:
                raise ApiError(error.status, error.reason, row=index) from None
        return b'{"explanations":' + msgspec.json.encode(explanations) + self._closing_bytes

    def rows_to_dicts(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Return the rows as a request has them."""
        return [dict(zip(self._input_names, row, strict=True)) for row in rows]


class NoModel:
    """No model, and why."""

    version: str | None = None

    def __init__(self, reason: PipelineError, read_openapi: OpenApiReader) -> None:
        self.reason = str(reason)
        self.pages = Pages(reason, read_openapi)

    def predict(self, _: bytes) -> Answer:
        """Raise ApiError 503 with the reason."""
        raise ApiError(503, self.reason)

    def explain(self, _: bytes) -> bytes:
        """Raise ApiError 503 with the reason."""
        raise ApiError(503, self.reason)
