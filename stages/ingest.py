"""Ingest: take a snapshot of the sources.

Reads `data/source/` (CSV, plain or gzip) or URLs. Writes `data/raw/`: each table file as UTF-8 with LF and commas, and
`manifest.json` with what each file holds. All or nothing: the old snapshot stays until the new one is whole.
"""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import msgspec

from stages import params, run
from stages.dialect import Table, normalised
from stages.errors import DataError, SourceError, did_you_mean
from stages.files import PART, write_json
from stages.retry import attempt
from stages.sources import FOLDER, Source, fetch, from_url, matching, unpacked

RAW = Path("data/raw")
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # from Linux' fcntl.h and fs.h


class Url(params.Params, frozen=True):
    """A source fetched over HTTP, and the hash its content must have."""

    url: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")]


class Ingest(params.Params, frozen=True):
    """The section `ingest` of params.yaml."""

    tables: dict[str, list[str | Url]]
    encoding: str = "utf-8"
    tries: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    wait_seconds: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0)] = 60.0


def sources(tables: dict[str, list[str | Url]], folder: Path = FOLDER) -> list[tuple[str, Source]]:
    """Each table's sources, in order. Raises SourceError for a pattern without a file and for two of one name."""
    found = [
        (table, source)
        for table, entries in tables.items()
        for entry in entries
        for source in (matching(entry, folder) if isinstance(entry, str) else [from_url(entry.url, entry.sha256)])
    ]
    twice = [name for name, count in Counter(snapshot_name(source) for _, source in found).items() if count > 1]
    if twice:
        raise SourceError(f"two sources would be kept as {twice[0]}. Rename one, or let one pattern match it.")
    return found


def snapshot_name(source: Source) -> str:
    """The file's name in data/raw: `flights-2013-01.csv.gz` is kept as `flights-2013-01.csv`."""
    return source.name.removesuffix(".gz").removesuffix(".csv") + ".csv"


def check_columns(table: str, columns: dict[str, list[str]]) -> None:
    """Raise DataError, naming the file that differs from most others and how, unless all hold the same columns."""
    usual = Counter(tuple(sorted(names)) for names in columns.values()).most_common(1)[0][0]
    for file, names in columns.items():
        missing = [name for name in usual if name not in names]
        extra = [name for name in names if name not in usual]
        if missing or extra:
            said = [f"'{name}' is missing.{did_you_mean(name, extra)}" for name in missing]
            said += [f"'{name}' is not in the other files." for name in extra]
            raise DataError(
                f"{file} (table {table}, {len(columns)} files) has other columns than most: {' '.join(said)} "
                "Make its header like the others'."
            )


def snapshot(found: list[tuple[str, Source]], section: Ingest, folder: Path) -> None:
    """Write every source's table and the manifest into the (empty) folder."""
    manifest: list[dict[str, Any]] = []
    headers: dict[str, dict[str, list[str]]] = {}
    for table, source in found:
        content = attempt(
            lambda source=source: fetch(source, section.timeout_seconds),  # type: ignore[misc]
            source.url or str(source.path),
            section.tries,
            section.wait_seconds,
        )
        csv = normalised(source.name, unpacked(source, content), section.encoding)
        (folder / snapshot_name(source)).write_bytes(csv.content)
        headers.setdefault(table, {})[source.name] = csv.columns
        manifest.append(entry(table, source, content, csv))
        logging.info("ingest: %s: %s rows", source.name, f"{csv.rows:,}")
    for table, columns in headers.items():
        check_columns(table, columns)
    write_json(folder / "manifest.json", {"files": manifest})


def entry(table: str, source: Source, content: bytes, csv: Table) -> dict[str, Any]:
    """What the manifest says of one file: `sha256` and `bytes` are the snapshot's, `source_sha256` the source's."""
    return {
        "name": snapshot_name(source),
        "table": table,
        "source": source.url or source.name,
        "source_sha256": hashlib.sha256(content).hexdigest(),
        "sha256": hashlib.sha256(csv.content).hexdigest(),
        "bytes": len(csv.content),
        "rows": csv.rows,
        "columns": csv.columns,
        "dialect": csv.dialect.as_dict(),
    }


def replace_folder(new: Path, old: Path) -> None:
    """Put the new folder in the old one's place; the old one, if there was one, takes the new one's.

    The two change places in one step where the file system can do that, so that a kill leaves either.
    """
    if not old.exists():
        new.rename(old)
        return
    exchange = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if exchange and exchange(AT_FDCWD, os.fsencode(new), AT_FDCWD, os.fsencode(old), RENAME_EXCHANGE) == 0:
        return
    aside = new.with_name(f"{new.name}.old")
    old.rename(aside)
    new.rename(old)
    aside.rename(new)


def work() -> None:
    """Take the snapshot beside data/raw and put it there once it is whole."""
    section = params.load("ingest", Ingest)
    found = sources(section.tables)
    RAW.parent.mkdir(exist_ok=True)
    for left in RAW.parent.glob(f".raw-*{PART}"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".raw-", suffix=PART, dir=RAW.parent, ignore_cleanup_errors=True) as name:
        folder = Path(name) / "raw"
        folder.mkdir()
        snapshot(found, section, folder)
        replace_folder(folder, RAW)


def main() -> None:
    """`python -m stages.ingest`."""
    run.stage("ingest", work)


if __name__ == "__main__":
    main()
