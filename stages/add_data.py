"""`make add-data`: one more file for a table that is there, tried before it is placed.

Ingest, clean and features run in a folder aside, with the file among the others: what they refuse is refused here, and
nothing is placed. What the file brings is told: rows, categories, the period, and which part of the split they go to.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from stages.adopt import dry_run
from stages.clean.__main__ import CLEAN, REJECTED_ROWS
from stages.core import params
from stages.core.errors import DataError, PipelineError
from stages.core.files import PART, replacing, write_bytes
from stages.features.__main__ import FEATURES
from stages.ingest.params import Ingest
from stages.leftovers import recover
from stages.storage.outputs import digest
from stages.table import csv_io, schema
from stages.table.schema import SCHEMA, Schema
from stages.transaction import replacement
from stages.transaction.aside import locked
from stages.transform import definition
from stages.transform.split import PARTS
from stages.wording.numbers import listed, plural

SHOWN = 8


class State(NamedTuple):
    """The tables of a run: what the columns are, the clean rows, those set aside, and each row's part."""

    columns: Schema
    rows: pd.DataFrame
    rejected: pd.DataFrame
    parts: Counter[str]


def read_state(folder: Path) -> State:
    """Return what a run left in the folder. Raises PipelineError where it is not whole."""
    missing = [str(path) for path in (SCHEMA, CLEAN, REJECTED_ROWS, FEATURES) if not (folder / path).exists()]
    if missing:
        raise PipelineError(f"{missing[0]} is not here, to compare with. Run make repro first.")
    columns = schema.read(folder / SCHEMA)
    split = definition.read(folder / definition.DEFINITION).split
    parts = pd.read_csv(folder / FEATURES, usecols=[split], dtype=str)[split]
    rejected = pd.read_csv(folder / REJECTED_ROWS, dtype=str)
    return State(columns, csv_io.read(folder / CLEAN, columns.types), rejected, Counter(parts))


def find_table(name: str, section: Ingest) -> str:
    """Return the table that takes a file of that name. Raises PipelineError with the patterns where none does."""
    for table, sources in section.tables.items():
        if any(isinstance(source, str) and fnmatch.fnmatch(name, source) for source in sources):
            return table
    patterns = [source for sources in section.tables.values() for source in sources if isinstance(source, str)]
    raise PipelineError(
        f"no table takes a file named {name}: params.yaml (ingest.tables) has {', '.join(patterns)}. Rename the file, "
        "or add a pattern there."
    )


def try_out(file: Path, name: str, folder: Path) -> State:
    """Return what the first stages make of the sources with the file among them. Raises what they raise."""
    sources = folder / replacement.SOURCE
    sources.mkdir(parents=True)
    for path in replacement.SOURCE.iterdir():
        if path.is_file() and not path.name.startswith("."):  # .gitignore is written there
            _link(path, sources / path.name)
    shutil.copyfile(file, sources / name)
    shutil.copy(params.PARAMS, folder)
    dry_run.run_clean(folder)
    dry_run.run_features(folder)
    return read_state(folder)


def check(name: str, before: State, after: State) -> None:
    """Raise DataError where the file would change what a column is, or brings nothing."""
    old, new = before.columns.types, after.columns.types
    changed = [
        f"{column} would be {new.get(column, 'gone')}, not {kind}"
        for column, kind in old.items()
        if new.get(column) != kind
    ]
    if changed:
        raise DataError(
            f"with {name} {listed(changed[:SHOWN])}. Correct the file, or say what the column is in params.yaml: "
            "clean.types."
        )
    if _count_new(before, after) <= 0:
        raise DataError(f"{name} has no row that could be used and is not there already.")


def describe(name: str, table: str, before: State, after: State) -> str:
    """Return what the file brings, a line for each thing."""
    aside = after.rejected[after.rejected["file"] == name]["reason"].value_counts()
    used = len(after.rows) - len(before.rows)
    lines = [f"{name}: a file of the table {table}. It adds {used:,} rows to the {len(before.rows):,} there are."]
    if len(aside):
        told = [f"{reason} ({rows:,})" for reason, rows in aside.head(SHOWN).items()]
        lines.append(f"Set aside: {plural(int(aside.sum()), 'row', 'rows')}: {', '.join(told)}")
    if same := used - _count_new(before, after):
        lines.append(f"Equal to rows that are there: {same:,}")
    for column, kind in ((one.name, one.type) for one in after.columns.inputs):
        old, new = before.rows[column].dropna(), after.rows[column].dropna()
        if kind in ("category", "ordinal") and (added := sorted(set(map(str, new)) - set(map(str, old)))):
            more = f" and {len(added) - SHOWN} more" if len(added) > SHOWN else ""
            lines.append(f"New in {column}: {', '.join(added[:SHOWN])}{more}")
        elif kind in ("date", "time") and len(old) and (old.min(), old.max()) != (new.min(), new.max()):
            lines.append(f"{column}: {_span(old)} becomes {_span(new)}")
    parts = [f"{part} {before.parts[part]:,} to {after.parts[part]:,}" for part in PARTS]
    lines.append(f"Rows by part: {', '.join(parts)}")
    return "\n".join(lines)


def add(file: Path) -> str:
    """Try the file, place it, and return what it brings. Raises PipelineError, with nothing placed."""
    if not file.is_file():
        raise PipelineError(f"{file} is no file. Give one: make add-data FILE=flights-2014-01.csv")
    name, section = replacement.name_source(file), params.load("ingest", Ingest)
    table, target = find_table(name, section), replacement.SOURCE / name
    if target.exists():
        same = digest(target) == digest(file)
        raise PipelineError(
            f"{target} is there already, {'with these very bytes' if same else 'with other bytes'}."
            + ("" if same else " Give the file another name, or put it there yourself if it is to be replaced.")
        )
    before = read_state(Path())
    with locked(), tempfile.TemporaryDirectory(prefix=".add-data-", suffix=PART, dir=".") as made:
        folder = Path(made)
        after = try_out(file, name, folder)
        check(name, before, after)
        told = describe(name, table, before, after)
        place(file, target, folder)
    return told


def place(file: Path, target: Path, folder: Path) -> None:
    """Put the file among the sources: in git, or where it is large in DVC's cache with a pointer in git."""
    if file.stat().st_size > replacement.LARGEST_IN_GIT:
        replacement.keep_with_dvc(folder, [target.name])
        pointer = replacement.POINTERS / f"{target.name}.dvc"
        ignored = replacement.SOURCE / ".gitignore"
        lines = [*(ignored.read_text().splitlines() if ignored.exists() else []), f"/{target.name}"]
        write_bytes(ignored, ("\n".join(dict.fromkeys(lines)) + "\n").encode())
        write_bytes(pointer, (folder / pointer).read_bytes())
    with replacing(target) as temporary:
        shutil.copyfile(file, temporary)


def _count_new(before: State, after: State) -> int:
    """Return how many rows are in the second table that equal none of the first."""
    return len(after.rows.drop_duplicates()) - len(before.rows.drop_duplicates())


def _span(values: pd.Series[pd.Timestamp]) -> str:
    return f"{values.min():%Y-%m-%d} to {values.max():%Y-%m-%d}"


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="add_data", description="Add a file to a table that is there.")
    parser.add_argument("file", type=Path, help="a file with the table's columns")
    asked = parser.parse_args()
    try:
        recover()
        print(add(asked.file.expanduser()))
    except PipelineError as error:
        sys.exit(f"add-data: {error} Nothing was placed.")
    print("\nPlaced. Next: make repro")


if __name__ == "__main__":
    main()
