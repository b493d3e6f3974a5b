"""Other tables that columns are joined from: those of the snapshot data/raw, or files named in the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from serve.predict import input_file
from serve.predict.column_match import clean_column
from stages.clean.columns.inference import found
from stages.clean.joins import Lookup, lookup
from stages.clean.rows import frame, plan_of, typed
from stages.contracts import raw_files
from stages.contracts.manifest import Input
from stages.contracts.raw_files import RawFiles
from stages.core.errors import DataError, did_you_mean
from stages.core.files import read_struct
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading, SourceColumn

Files = Mapping[str, Sequence[Path]]
"""The files of each table."""


def files(asked: Sequence[str] | None, reading: Reading, root: Path) -> dict[str, list[Path]]:
    """The files to look up in: for each `TABLE=FILE` that one; for nothing but the option, those of data/raw.

    Raises DataError for a table that the model joins nothing from, and for a snapshot or a file that is not there.
    """
    if asked is None:
        return {}
    given = [text for text in asked if text]
    named: dict[str, list[Path]] = {} if given else _snapshot(root, reading)
    for text in given:
        table, _, path = text.partition("=")
        if table not in reading.joins:
            tables = ", ".join(reading.joins) or "none"
            raise DataError(
                f"--lookup {text}: the model joins no table '{table}' (it joins: {tables})."
                f"{did_you_mean(table, reading.joins)}"
            )
        named.setdefault(table, []).append(Path(path))
    return named


def read(table: str, paths: Sequence[Path], reading: Reading, inputs: Sequence[Input]) -> Lookup:
    """The table, typed, with its key checked for doubles. Raises DataError for the first cell that cannot be read."""
    join = reading.joins[table]
    parts = [block for path in paths for block in _texts(path, [*join.on, *join.columns])]
    if not parts:
        raise DataError(f"{', '.join(map(str, paths))}: table {table} has no rows to look up in.")
    rows = pd.concat(parts, ignore_index=True)
    ours = {column.name: column for column in inputs}
    columns = {name: reading.columns[name] for name in join.on}
    columns |= {theirs: _spelled(rows[theirs], ours[mine], reading.missing) for theirs, mine in join.columns.items()}
    values, broken = typed(rows, plan_of(Reading(missing=reading.missing, columns=columns)))
    bad = broken[broken["reason"].notna()]
    if len(bad):
        row = bad.iloc[0]
        raise DataError(
            f"{row['file']}, line {row['line']}: '{row['value']}' ({row['reason']}). "
            f"A table that is joined must be whole: correct {len(bad):,} such rows."
        )
    return lookup(table, frame(values).assign(**{at: rows[at] for at in (FILE, LINE)}), join.on, join.columns)


def _spelled(texts: pd.Series[str], column: Input, missing: Sequence[str]) -> SourceColumn:
    """How the other table spells a column: found as clean finds it, where that is a spelling of the input's type."""
    if column.type in ("category", "ordinal", "text"):
        return clean_column(column)
    finding = found(column.name, texts.str.strip().value_counts(), missing)
    same = finding.kind == column.type
    return SourceColumn(finding.kind, finding.format, missing=list(finding.missing)) if same else clean_column(column)


def _snapshot(root: Path, reading: Reading) -> dict[str, list[Path]]:
    manifest = root / raw_files.PATH
    try:
        snapshot = read_struct(manifest, RawFiles).files
    except (FileNotFoundError, ValueError) as error:
        raise DataError(
            f"--lookup: {manifest} is missing or damaged ({type(error).__name__}). Run `dvc pull` or "
            "`dvc repro ingest`, or name a file: --lookup TABLE=FILE."
        ) from None
    found: dict[str, list[Path]] = {}
    for file in snapshot:
        if file.table in reading.joins:
            found.setdefault(file.table, []).append(manifest.with_name(file.name))
    return found


def _texts(path: Path, needed: Sequence[str]) -> list[pd.DataFrame]:
    """The needed columns' texts with FILE and LINE, in blocks; rows of another length are refused."""
    made = []
    with input_file.opened(path, needed) as table:
        for name in needed:
            if name not in table.columns:
                raise DataError(f"{path} has no column '{name}'.{did_you_mean(name, table.columns)}")
        for block in table.blocks():
            if ragged := {place: said for place, said in block.ragged.items() if place not in block.aside}:
                place, reason = min(ragged.items())
                raise DataError(f"{path}, line {block.lines[place]} {reason}. A table that is joined must be whole.")
            texts = pa.table({name: block.columns[name] for name in needed}).to_pandas()
            placed = texts.assign(**{FILE: str(path), LINE: np.array(block.lines)})
            made.append(placed.drop(index=list(block.aside)))
    return made
