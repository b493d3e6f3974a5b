"""Results that are kept from one run to the next, each under a key of everything that decides it.

They lie beside the checkpoints, which git and DVC do not have: a clone computes all of them. What was damaged is not
used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stages.core.files import write_bytes

FOLDER = Path(".checkpoints")
DIGEST = hashlib.sha256().digest_size
CODE = Path(__file__).parents[1]
T = TypeVar("T")


def make_key(*parts: bytes) -> str:
    """Return a name for all the parts together."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def read_code(*rooms: str) -> bytes:
    """Return all code of these folders below stages/, and the settings of every stage's process."""
    paths = [CODE / "__init__.py", *sorted(path for room in rooms for path in CODE.joinpath(room).rglob("*.py"))]
    return b"\0".join(path.read_bytes() for path in paths)


def recall(name: str, key: str, kind: Any, make: Callable[[], T]) -> T:
    """Return the value of type `kind` that was kept under name and key, else what `make` gives, which is kept then in
    place of the one of another key.
    """
    path = FOLDER / f"{name}-{key}.kept"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    if content and hashlib.sha256(content[DIGEST:]).digest() == content[:DIGEST]:
        found: T = msgspec.msgpack.decode(content[DIGEST:], type=kind)
        return found
    value = make()
    content = msgspec.msgpack.encode(value)
    write_bytes(path, hashlib.sha256(content).digest() + content)
    for other in FOLDER.glob(f"{name}-*.kept"):
        if other != path:
            other.unlink(missing_ok=True)
    return value
