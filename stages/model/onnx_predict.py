"""A saved model: its version, and what its ONNX form says of clean rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.contracts.manifest import Manifest
from stages.model.encoding import encode_matrix
from stages.table.schema import to_arrays

VERSION_DIGITS = 12
"""A model's version is as many hexadecimal digits of the SHA-256 of its model.pkl."""
BLOCK = 4096
"""Rows scored at once: a forest looks up as many answers for each row as it has trees."""


def predict(manifest: Manifest, onnx: bytes, rows: pd.DataFrame, types: dict[str, str]) -> npt.NDArray[np.float64]:
    """Return what the model says of clean rows by its own feature definition and ONNX form: rows × 1, or × classes.

    As `stages.model.fitting.predict`: the probability of the positive class, of each class in the manifest's
    order, or the value. `types` are those of data/schema.json.
    """
    import onnxruntime  # slow to import, and needed only where a saved model is scored

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    x = encode_matrix(to_arrays(rows[[column.name for column in manifest.inputs]], types), manifest.features)
    blocks = [x[start : start + BLOCK] for start in range(0, max(len(x), 1), BLOCK)]
    ends = manifest.onnx
    answered = [session.run([ends.output], {ends.input: block})[0] for block in blocks]
    return np.asarray(np.concatenate(answered), dtype=np.float64)
