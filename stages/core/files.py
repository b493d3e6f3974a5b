"""Files that are whole or not there: atomic writes, hashes, and JSON in one fixed form."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
PART = ".part"
"""How the name of a file that is not whole yet ends; a kill may leave one, git ignores it."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; move it into place only if the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write the whole content or leave the old file as it was."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_together(contents: dict[Path, bytes]) -> None:
    """Write several files so that a failure while writing leaves every old one: none moves before all are whole.

    They move in the order given, so the one that vouches for the others comes last.
    """
    with ExitStack() as stack:
        for path, content in reversed(contents.items()):  # the stack unwinds from the end
            stack.enter_context(replacing(path)).write_bytes(content)


def json_text(value: Any) -> str:
    """JSON with sorted keys, finite numbers only and a newline at the end: equal values, equal bytes."""
    return json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write `json_text(value)` atomically. Raises ValueError for NaN and infinities."""
    write_bytes(path, json_text(value).encode())


def read_json(path: Path) -> Any:
    """The value of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_struct(path: Path, kind: type[T]) -> T:
    """Return the value of a JSON file as a `kind`. Raises ValueError where it is no such value."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{path}: {error}") from None


def sha256(path: Path) -> str:
    """The file's SHA-256 as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def round_floats(value: Any, digits: int = 6) -> Any:
    """The same nested value with every float rounded: what differs by CPU below the last digit does not show."""
    if isinstance(value, float):
        return round(value, digits) + 0.0  # + 0.0 turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: round_floats(item, digits) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_floats(item, digits) for item in value]
    return value
