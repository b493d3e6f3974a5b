"""`data/raw/manifest.json`: what each file of the snapshot holds, and how its source was written."""

from __future__ import annotations

from pathlib import Path

import msgspec

PATH = Path("data/raw/manifest.json")


class RawRecord(msgspec.Struct, frozen=True):
    """A record of the source that is no row: its first line, its beginning, and why."""

    line: int
    text: str
    reason: str


class RawFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file. `sha256`, `bytes` and `rows` are the snapshot's, `source_sha256` is the source's; `set_aside` are its
    records that are no rows.
    """

    name: str
    table: str
    source: str
    source_sha256: str
    sha256: str
    bytes: int
    rows: int
    columns: list[str]
    dialect: dict[str, str | int | bool]
    notes: list[str]
    set_aside: list[RawRecord] = []
    doubts: list[str] = []

    @property
    def has_header(self) -> bool:
        """Whether the source's first line names the columns."""
        return bool(self.dialect.get("header", True))

    @property
    def remarks(self) -> list[str]:
        """What a person should know of how the source was read."""
        doubt = str(self.dialect.get("doubt", ""))
        return [*self.notes, *self.doubts, *([doubt] if doubt else [])]


class RawFiles(msgspec.Struct, frozen=True):
    """All of the file."""

    files: list[RawFile]
