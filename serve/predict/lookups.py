"""Other tables that columns are joined from: those of the snapshot data/raw, or files named in the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from serve.predict import input_file
from serve.predict.column_match import spell_as_clean
from stages.clean.columns.inference import infer_column
from stages.clean.joins import Lookup, make_index
from stages.clean.rows import make_frame, plan_reading, type_columns
from stages.contracts import raw_files
from stages.contracts.manifest import Input
from stages.contracts.raw_files import RawFiles
from stages.core.errors import DataError, did_you_mean
from stages.core.files import read_struct
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading, SourceColumn

Files = Mapping[str, Sequence[Path]]
"""The files of each table."""


def find_files(options: Sequence[str] | None, reading: Reading, root: Path) -> dict[str, list[Path]]:
    """Return the files to look up in: for each `TABLE=FILE` that one; for nothing but the option, those of data/raw.

    Raises DataError for a table that the model joins nothing from, and for a snapshot or a file that is not there.
    """
    if options is None:
        return {}
    pairs = [text for text in options if text]
    paths_by_table: dict[str, list[Path]] = {} if pairs else _list_snapshot(root, reading)
    for text in pairs:
        table, _, path = text.partition("=")
        if table not in reading.joins:
            tables = ", ".join(reading.joins) or "none"
            raise DataError(
                f"--lookup {text}: the model joins no table '{table}' (it joins: {tables})."
                f"{did_you_mean(table, reading.joins)}"
            )
        paths_by_table.setdefault(table, []).append(Path(path))
    return paths_by_table


def read_lookup(table: str, paths: Sequence[Path], reading: Reading, inputs: Sequence[Input]) -> Lookup:
    """Return the table, typed, with its key checked for doubles. Raises DataError for a cell that cannot be read."""
    join = reading.joins[table]
    blocks = [block for path in paths for block in _read_texts(path, [*join.on, *join.columns])]
    if not blocks:
        raise DataError(f"{', '.join(map(str, paths))}: table {table} has no rows to look up in.")
    rows = pd.concat(blocks, ignore_index=True)
    inputs_by_name = {column.name: column for column in inputs}
    columns = {name: reading.columns[name] for name in join.on}
    columns |= {
        other_name: _find_spelling(rows[other_name], inputs_by_name[name], reading.missing)
        for other_name, name in join.columns.items()
    }
    values, broken = type_columns(rows, plan_reading(Reading(missing=reading.missing, columns=columns)))
    unreadable = broken[broken["reason"].notna()]
    if len(unreadable):
        row = unreadable.iloc[0]
        raise DataError(
            f"{row['file']}, line {row['line']}: '{row['value']}' ({row['reason']}). "
            f"A table that is joined must be whole: correct {len(unreadable):,} such rows."
        )
    return make_index(table, make_frame(values).assign(**{at: rows[at] for at in (FILE, LINE)}), join.on, join.columns)


def _find_spelling(texts: pd.Series[str], column: Input, missing: Sequence[str]) -> SourceColumn:
    """Return how the other table spells a column: as clean infers it, where that is a spelling of the input's type."""
    if column.type in ("category", "ordinal", "text"):
        return spell_as_clean(column)
    inferred = infer_column(column.name, texts.str.strip().value_counts(), missing)
    if inferred.kind != column.type:
        return spell_as_clean(column)
    return SourceColumn(inferred.kind, inferred.format, missing=list(inferred.missing))


def _list_snapshot(root: Path, reading: Reading) -> dict[str, list[Path]]:
    manifest = root / raw_files.PATH
    try:
        snapshot = read_struct(manifest, RawFiles).files
    except (FileNotFoundError, ValueError) as error:
        raise DataError(
            f"--lookup: {manifest} is missing or damaged ({type(error).__name__}). Run `dvc pull` or "
            "`dvc repro ingest`, or name a file: --lookup TABLE=FILE."
        ) from None
    paths_by_table: dict[str, list[Path]] = {}
    for file in snapshot:
        if file.table in reading.joins:
            paths_by_table.setdefault(file.table, []).append(manifest.with_name(file.name))
    return paths_by_table


def _read_texts(path: Path, needed: Sequence[str]) -> list[pd.DataFrame]:
    """Return the needed columns' texts with FILE and LINE, in blocks. Raises DataError for rows of another length."""
    frames = []
    with input_file.open_source(path, needed) as table:
        for name in needed:
            if name not in table.columns:
                raise DataError(f"{path} has no column '{name}'.{did_you_mean(name, table.columns)}")
        for block in table.read_blocks():
            if ragged := {place: reason for place, reason in block.ragged.items() if place not in block.aside}:
                place, reason = min(ragged.items())
                raise DataError(f"{path}, line {block.lines[place]} {reason}. A table that is joined must be whole.")
            texts = pa.table({name: block.columns[name] for name in needed}).to_pandas()
            texts = texts.assign(**{FILE: str(path), LINE: np.array(block.lines)})
            frames.append(texts.drop(index=list(block.aside)))
    return frames
