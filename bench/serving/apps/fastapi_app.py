"""FastAPI and uvicorn with the pickled pipeline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from bench.serving.apps.pickled import Pickled


class Request(BaseModel):
    """Rows of inputs."""

    rows: list[dict[str, Any]]


app = FastAPI()
model = Pickled(Path(os.environ["BENCH_MODEL"]))


@app.post("/predict")  # type: ignore[untyped-decorator]
def predict(request: Request) -> dict[str, Any]:
    """The numbers of each row."""
    return {"numbers": model.numbers(request.rows)}
