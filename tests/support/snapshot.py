"""The manifest of a snapshot in data/raw that a test wrote itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from stages.contracts import raw_files
from stages.contracts.raw_files import RawFile, RawFiles
from stages.core.files import write_json


def entry(name: str, table: str, columns: list[str], **dialect: Any) -> RawFile:
    """A file of which only what is given matters."""
    return RawFile(name, table, name, "0" * 64, "0" * 64, 0, 0, columns, dialect, [])


def write(root: Path, files: list[RawFile]) -> None:
    """Write the manifest of the files."""
    write_json(root / raw_files.PATH, msgspec.to_builtins(RawFiles(files)))
