"""Checkpoints of a training: a killed run goes on from the last one, and ends with the same bytes.

A checkpoint is a file named by a key of everything that decides its content (data, code, params), and holds the SHA-256
of its pickle before the pickle, so that a damaged one is never unpickled.
"""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
from pathlib import Path
from typing import Any

import joblib
from joblib.numpy_pickle import NumpyPickler

from stages.core.files import write_bytes
from stages.model.memo import DIGEST, FOLDER

PROTOCOL = 5


class Canonical(NumpyPickler):  # type: ignore[misc]
    """joblib's pickler, for which equal strings are one object.

    A pickle says which strings are one object and which are only equal, and that depends on what the process loaded and
    ran before. With every string its first equal one, a model is the same bytes however it came to be.
    """

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=PROTOCOL)
        self._first: dict[str, str] = {}

    def save(self, obj: Any) -> Any:
        """Save the object, or the first string equal to it."""
        return super().save(self._first.setdefault(obj, obj) if type(obj) is str else obj)


def pack(value: Any) -> bytes:
    """Return the value pickled as `joblib.load` reads it; equal values, equal bytes."""
    out = io.BytesIO()
    Canonical(out).dump(value)
    return out.getvalue()


def unpack(content: bytes) -> Any:
    """Return the value that was packed."""
    return joblib.load(io.BytesIO(content))


def save(name: str | None, state: Any) -> None:
    """Keep the state under the name, whole or not at all; checkpoints of other data, code or params go."""
    if name is None:
        return
    content = pickle.dumps(state, PROTOCOL)
    path = _path(name)
    write_bytes(path, hashlib.sha256(content).digest() + content)
    for other in FOLDER.glob("*.pkl"):
        if other != path:
            other.unlink(missing_ok=True)


def load(name: str | None) -> Any | None:
    """Return the state kept under the name, or None where there is none or it is damaged."""
    if name is None:
        return None
    path = _path(name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        logging.warning("%s is damaged and not used; training starts anew", path)
        return None
    return pickle.loads(content[DIGEST:])


def _path(name: str) -> Path:
    return FOLDER / f"{name}.pkl"
