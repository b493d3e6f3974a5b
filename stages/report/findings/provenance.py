"""Where a report came from: hashes of data, packages and model. Never a commit, a date or a path."""

from __future__ import annotations

import hashlib
import math

import msgspec

from stages.contracts.raw_files import RawFile
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import count, listed, plural
from stages.wording.vocabulary import sentence

TABLES = 4


class TableHash(msgspec.Struct, frozen=True):
    """A table's files and rows, and one hash of them all."""

    table: str
    files: int
    rows: int
    about: str
    sha256: str


class FileHash(msgspec.Struct, frozen=True):
    """A file's own hash."""

    name: str
    sha256: str


class Provenance(msgspec.Struct, frozen=True):
    """The model, each table's combined hash, each file's, and the hash of the package lock."""

    model: str | None
    model_about: str
    tables: list[TableHash]
    files: list[FileHash]
    lock: str


def provenance(inputs: Inputs) -> Provenance:
    """Return where the report came from."""
    return Provenance(
        model=inputs.manifest.version if inputs.manifest else None,
        model_about=_about(inputs),
        tables=_tables(inputs)[:TABLES],
        files=[FileHash(file.name, file.sha256) for file in inputs.raw],
        lock=inputs.lock,
    )


def _about(inputs: Inputs) -> str:
    """The estimator, how large it is, and how equal its served form."""
    train, manifest = inputs.train, inputs.manifest
    best = f" (best of {listed(sorted(train.losses))})" if len(train.losses) > 1 else ""
    parts = [f"{train.estimator}{best}"]
    if train.rounds:
        parts.append(f"{count(train.rounds)} rounds")
    if manifest:
        parts.append(plural(len(manifest.features.columns), "feature", "features"))
        if manifest.parity:
            parts.append(f"served form equal to {max(0, round(-math.log10(manifest.parity.bound)))} decimals")
    return sentence(", ".join(parts))


def _tables(inputs: Inputs) -> list[TableHash]:
    """One line a table. Its hash is the file's own, or that of `sha256sum`'s lines when it has several files."""
    files: dict[str, list[RawFile]] = {}
    for file in inputs.raw:
        files.setdefault(file.table, []).append(file)
    main = inputs.schema.table
    return [
        TableHash(
            table=table,
            files=len(members),
            rows=(rows := sum(file.rows for file in members)),
            about=f"{plural(len(members), 'file', 'files')}, {count(rows)} rows",
            sha256=_combined(members),
        )
        for table, members in sorted(files.items(), key=lambda item: (item[0] != main, item[0]))
    ]


def _combined(files: list[RawFile]) -> str:
    if len(files) == 1:
        return files[0].sha256
    lines = "".join(f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    return hashlib.sha256(lines.encode()).hexdigest()
