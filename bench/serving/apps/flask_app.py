"""Flask and gunicorn with the pickled pipeline."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, jsonify, request

from bench.serving.apps.pickled import Pickled

app = Flask(__name__)
model = Pickled(Path(os.environ["BENCH_MODEL"]))


@app.post("/predict")
def predict() -> Response:
    """The numbers of each row."""
    return jsonify({"numbers": model.numbers(request.get_json()["rows"])})
