"""A saved model: its version, and what its ONNX form says of clean rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.encode import columns_of, matrix
from stages.schema import arrays

VERSION_DIGITS = 12
"""A model's version is as many hexadecimal digits of the SHA-256 of its model.pkl."""


def probabilities(
    manifest: dict[str, Any], onnx: Path, rows: pd.DataFrame, types: dict[str, str]
) -> npt.NDArray[np.float64]:
    """The probability of the positive class for each row, by the model's own feature definition and ONNX form."""
    import onnxruntime  # slow to import, and needed only where a saved model is scored

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx.read_bytes(), options, providers=["CPUExecutionProvider"])
    names = [wanted["name"] for wanted in manifest["inputs"]]
    features = manifest["features"]
    x = matrix(arrays(rows[names], types), features["derive"], columns_of(features))
    (answer,) = session.run([manifest["onnx"]["output"]], {manifest["onnx"]["input"]: x})
    return np.asarray(answer, dtype=np.float64)[:, 0]
