"""Checkpoints of a training: a killed run goes on from the last one, and ends with the same bytes.

A checkpoint is a file named by a key of everything that decides its content (data, code, params), and holds the SHA-256
of its pickle before the pickle, so that a damaged one is never unpickled.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from pathlib import Path
from typing import Any

from stages.files import write_bytes

FOLDER = Path(".checkpoints")
DIGEST = hashlib.sha256().digest_size


def key(*parts: bytes) -> str:
    """A name for all the parts together."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def reloaded(state: Any) -> Any:
    """The state as it comes back from a checkpoint: a run that never stopped goes through the same as one that did."""
    return pickle.loads(_dump(state))


def save(name: str, state: Any) -> None:
    """Keep the state under the name, whole or not at all; checkpoints of other data, code or params go."""
    content = _dump(state)
    path = _path(name)
    write_bytes(path, hashlib.sha256(content).digest() + content)
    for other in FOLDER.glob("*.pkl"):
        if other != path:
            other.unlink(missing_ok=True)


def load(name: str) -> Any | None:
    """The state kept under the name, or None where there is none or it is damaged."""
    path = _path(name)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        logging.warning("%s is damaged and not used; training starts anew", path)
        return None
    return pickle.loads(content[DIGEST:])


def _dump(state: Any) -> bytes:
    return pickle.dumps(state, protocol=5)


def _path(name: str) -> Path:
    return FOLDER / f"{name}.pkl"
