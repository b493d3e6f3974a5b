"""Ingest: take a snapshot of the sources.

Reads `data/source/` or URLs (CSV as it came, plain or packed). Writes `data/raw/`: each table file as UTF-8 with LF and
commas, and `manifest.json` with what each file holds and how it was written. All or nothing: the old snapshot stays
until the new one is whole.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import msgspec

from stages.contracts import raw_files
from stages.contracts.raw_files import RawFile, RawFiles, RawRecord
from stages.core import params, run
from stages.core.errors import ParamsError, SourceError, did_you_mean
from stages.core.files import PART, sha256, write_json
from stages.ingest.csv.reader import normalize
from stages.ingest.params import Ingest, Url
from stages.ingest.retry import attempt
from stages.ingest.sources import FOLDER, Source, fetch, find_matching, make_source
from stages.ingest.table_columns import check_columns

RAW = Path("data/raw")
FETCHED = "fetched"  # the folder, beside the new snapshot, of what is being downloaded
PACKINGS = (".gz", ".zip", ".zst", ".bz2", ".xz")
RECORD_TEXT = 200
"""Characters kept of a record that is set aside."""
AT_FDCWD, RENAME_EXCHANGE = -100, 2  # from Linux' fcntl.h and fs.h


def list_sources(tables: dict[str, list[str | Url]], folder: Path = FOLDER) -> list[tuple[str, Source]]:
    """Each table's sources, in order. Raises SourceError for a pattern without a file and for two of one name."""
    found = [
        (table, source)
        for table, entries in tables.items()
        for entry in entries
        for source in (
            find_matching(entry, folder) if isinstance(entry, str) else [make_source(entry.url, entry.sha256)]
        )
    ]
    twice = [name for name, count in Counter(name_snapshot(source) for _, source in found).items() if count > 1]
    if twice:
        raise SourceError(f"two sources would be kept as {twice[0]}. Rename one, or let one pattern match it.")
    return found


def name_snapshot(source: Source) -> str:
    """The file's name in data/raw: `flights-2013-01.csv.gz` is kept as `flights-2013-01.csv`."""
    name = source.name
    for packing in PACKINGS:
        name = name.removesuffix(packing)
    return name.removesuffix(".csv") + ".csv"


def check_names(section: Ingest) -> None:
    """Raise ParamsError for names of a table that is none, and for names that are blank or stand there twice."""
    lost = next((table for table in section.header if table not in section.tables), None)
    if lost is not None:
        near = did_you_mean(lost, section.tables)
        raise ParamsError(f"params.yaml: ingest.header.{lost}: there is no such table.{near}")
    for table, names in section.names.items():
        where = f"params.yaml: ingest.names.{table}"
        if table not in section.tables:
            raise ParamsError(f"{where}: there is no such table.{did_you_mean(table, section.tables)}")
        wrong = next((name for name in names if not name.strip() or names.count(name) > 1), None)
        if wrong is not None:
            raise ParamsError(f"{where}: '{wrong}' is blank or stands there twice. Give each column a name of its own.")


def take_snapshot(found: list[tuple[str, Source]], section: Ingest, folder: Path) -> None:
    """Write every source's table and the manifest into the (empty) folder."""
    files: list[RawFile] = []
    for table, source in found:
        like: list[str] = next((file.columns for file in files if file.table == table), [])
        file = attempt(
            lambda table=table, source=source, like=like: take_source(table, source, section, folder, like),  # type: ignore[misc]
            source.url or str(source.path),
            section.tries,
            section.wait_seconds,
        )
        files.append(file)
        logging.info("ingest: %s: %s rows", source.name, f"{file.rows:,}")
        for remark in file.remarks:
            logging.info("ingest: %s: %s", source.name, remark)
    for table in section.tables:
        ours = [file for file in files if file.table == table]
        check_columns(
            table, {file.source: file.columns for file in ours}, {file.source: not file.has_header for file in ours}
        )
    write_json(folder / raw_files.PATH.name, msgspec.to_builtins(RawFiles(files)))


def take_source(table: str, source: Source, section: Ingest, folder: Path, like: list[str]) -> RawFile:
    """Write one source's table into the folder; what the manifest says of it.

    `like`: the columns of an earlier file of the table.
    """
    names = section.names.get(table, [])
    expected = [section.header[table]] if table in section.header else []
    target = folder / name_snapshot(source)
    with fetch(source, section.timeout_seconds, folder.parent / FETCHED, section.bounds) as (path, content):
        csv = normalize(
            path,
            target,
            names,
            section.encoding,
            section.delimiter,
            like,
            expected,
            section.bounds,
            section.rows_only,
        )
    if expected and expected[0] not in csv.columns:
        raise SourceError(
            f"{source.name}: no line names a column '{expected[0]}' (params.yaml: ingest.header.{table})."
            f"{did_you_mean(expected[0], csv.columns)} The header found is: {', '.join(csv.columns[:20])}."
        )
    return RawFile(
        name=target.name,
        table=table,
        source=source.url or source.name,
        source_sha256=content,
        sha256=sha256(target),
        bytes=target.stat().st_size,
        rows=csv.rows,
        columns=csv.columns,
        dialect=asdict(csv.dialect),
        notes=csv.notes,
        set_aside=[RawRecord(one.line, ",".join(one.cells)[:RECORD_TEXT], one.aside) for one in csv.aside],
        doubts=csv.doubts,
    )


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
    check_names(section)
    found = list_sources(section.tables)
    RAW.parent.mkdir(exist_ok=True)
    for left in RAW.parent.glob(f".raw-*{PART}"):  # by a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".raw-", suffix=PART, dir=RAW.parent, ignore_cleanup_errors=True) as name:
        folder = Path(name) / "raw"
        folder.mkdir()
        take_snapshot(found, section, folder)
        replace_folder(folder, RAW)


def main() -> None:
    """`python -m stages.ingest`."""
    run.stage("ingest", work)


if __name__ == "__main__":
    main()
