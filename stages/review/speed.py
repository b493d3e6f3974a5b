"""What a row costs of either model, one after the other in this process."""

from __future__ import annotations

import time

import pandas as pd

from stages.contracts.manifest import Manifest
from stages.model import onnx_predict
from stages.table.schema import Schema

ROWS = 1_000
TRIES = 5


def measure_row(manifest: Manifest, onnx: bytes, rows: pd.DataFrame, columns: Schema) -> float:
    """Return the seconds for a row, of so many at once: the least of some tries, as others only add to it."""
    some = rows.head(ROWS)
    taken = []
    for _ in range(TRIES):
        started = time.perf_counter()
        onnx_predict.predict(manifest, onnx, some, columns.types)
        taken.append(time.perf_counter() - started)
    return min(taken) / len(some)
