"""What the service says about itself: the schema, the manifest, the API's description, whether it is ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from serve.http import openapi
from serve.scoring.errors import ApiError
from serve.scoring.loader import Model
from stages.contracts.manifest import Manifest
from stages.core.errors import PipelineError


class Pages:
    """The bodies of GET requests, made once. Without a model they are refused with the reason (503)."""

    PATHS: ClassVar = ("/schema", "/model", "/docs.json")

    def __init__(self, model: Model | PipelineError, document: Callable[[], dict[str, Any]]) -> None:
        self._model = model
        self._document = document
        self._made: dict[str, bytes] = {}

    def answers(self, path: str) -> bool:
        """Whether the path is answered here; /readyz only while there is no model, else it is BentoML's to say."""
        return path in self.PATHS or (path == "/readyz" and not isinstance(self._model, Model))

    def body(self, path: str) -> bytes:
        """The JSON body of one of the paths."""
        if not isinstance(self._model, Model):
            raise ApiError(503, f"{self._model} Then start the service again, or `make deploy`.")
        if path not in self._made:
            self._made[path] = msgspec.json.encode(self._make(path, self._model))
        return self._made[path]

    def _make(self, path: str, model: Model) -> dict[str, Any]:
        if path == "/schema":
            return schema(model.manifest)
        if path == "/model":
            return {**msgspec.json.decode(model.document), "approved": model.approved}
        return openapi.described(self._document(), model)


def schema(manifest: Manifest) -> dict[str, Any]:
    """The inputs as the manifest has them, each category with the values the model knows, the task and the target."""
    codes = manifest.features.codes
    inputs = [
        {**column, "values": sorted(codes[column["name"]])}
        if column["type"] == "category" and column["name"] in codes
        else column
        for column in msgspec.to_builtins(manifest.inputs)
    ]
    interval = {"interval": msgspec.to_builtins(manifest.interval)} if manifest.interval else {}
    return {"inputs": inputs, "task": manifest.task, "target": msgspec.to_builtins(manifest.target), **interval}
