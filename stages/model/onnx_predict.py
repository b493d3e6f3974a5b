"""A saved model: its version, and what its ONNX form says of clean rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.model.encoding import columns_of, matrix
from stages.table.schema import arrays

VERSION_DIGITS = 12
"""A model's version is as many hexadecimal digits of the SHA-256 of its model.pkl."""
BLOCK = 4096
"""Rows scored at once: a forest looks up as many answers for each row as it has trees."""


def answers(manifest: dict[str, Any], onnx: Path, rows: pd.DataFrame, types: dict[str, str]) -> npt.NDArray[np.float64]:
    """What the model says of clean rows by its own feature definition and ONNX form: rows × 1, or × classes.

    As `stages.model.estimators.answers`: the probability of the positive class, of each class in the manifest's
    order, or the value. `types` are those of data/schema.json.
    """
    import onnxruntime  # slow to import, and needed only where a saved model is scored

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx.read_bytes(), options, providers=["CPUExecutionProvider"])
    names = [wanted["name"] for wanted in manifest["inputs"]]
    features, form = manifest["features"], manifest["onnx"]
    x = matrix(arrays(rows[names], types), features["derive"], columns_of(features))
    blocks = [x[start : start + BLOCK] for start in range(0, max(len(x), 1), BLOCK)]
    said = [session.run([form["output"]], {form["input"]: block})[0] for block in blocks]
    return np.asarray(np.concatenate(said), dtype=np.float64)
