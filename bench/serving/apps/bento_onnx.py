"""An ordinary BentoML service: a typed request, an async method, the ONNX model."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any, Optional

import bentoml
import numpy as np
from pydantic import create_model

from serve.scoring import loader
from serve.scoring.scorer import Scorer

FOUND = loader.load(Path(os.environ["BENCH_MODEL"]).parent, "candidate")
INPUTS = FOUND.manifest.inputs
KINDS = {"number": float, "integer": int, "boolean": bool, "date": datetime.date, "time": datetime.datetime}
FIELDS: dict[str, Any] = {
    column.name: (Optional[KINDS.get(column.type, str)], None)  # noqa: UP045
    if column.nullable
    else (KINDS.get(column.type, str), ...)
    for column in INPUTS
}
Row: Any = create_model("Row", **FIELDS)


@bentoml.service(workers=2)
class Ordinary:
    """One model, one method."""

    def __init__(self) -> None:
        self.scorer = Scorer(FOUND)

    @bentoml.api  # type: ignore[untyped-decorator]
    async def predict(self, rows: list[Row]) -> dict[str, Any]:
        """The numbers of each row."""
        given = [tuple(getattr(row, column.name) for column in INPUTS) for row in rows]
        return {"numbers": FOUND.answers(np.array([self.scorer.encoded(row) for row in given])).tolist()}
