"""How the inputs of a model are found in a file: in the sources' own spelling, or in that of data/clean.csv.

A column of the main table is read as clean reads it: same format, same spellings of a missing value. A column that
only clean makes (a date made of parts, a defined one, a joined one) has one spelling, that of data/clean.csv. Where
the first rows fit that spelling better in the main table's columns too, the whole file is read so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
import pyarrow as pa

from stages.clean.columns.parsing import BETWEEN_LEVELS, parse_cells
from stages.clean.expressions import parse_rule
from stages.contracts.manifest import Input
from stages.core.errors import DataError, did_you_mean
from stages.table.schema import Reading, SourceColumn


class ColumnMatch(msgspec.Struct):
    """How this file is read, and the inputs it does not hold (`absent`), of which `joined` come from other tables."""

    reading: Reading
    absent: list[str]
    joined: list[str]


def match_columns(
    reading: Reading, inputs: Sequence[Input], columns: Collection[str], tables: Collection[str]
) -> ColumnMatch:
    """Return how the inputs are found in a file of these columns with these tables to look up in.

    Raises DataError, with the nearest name there is, when an input that is never missing cannot be made of the file.
    """
    joined_tables = {mine: table for table, join in reading.joins.items() for mine in join.columns.values()}
    source_columns: dict[str, SourceColumn] = {}
    dates: dict[str, list[str]] = {}
    define: dict[str, str] = {}
    joins: dict[str, list[str]] = {}
    absent, joined = [], []
    for column in inputs:
        name, parts = column.name, list_parts(reading, column.name)
        if name in joined_tables and name not in columns:
            table = joined_tables[name]
            if table in tables:
                joins.setdefault(table, []).append(name)
                keys = _check_present(reading.joins[table].on, columns, f"join {table}")
                source_columns |= _pick_columns(reading, keys)
            else:
                joined.append(name)
        elif parts and not set(parts) - set(columns):
            source_columns |= _pick_columns(reading, parts)
            dates |= {name: reading.dates[name]} if name in reading.dates else {}
            define |= {name: reading.define[name]} if name in reading.define else {}
        elif name in columns:
            source_columns[name] = reading.columns.get(name) or spell_as_clean(column)
        elif column.nullable:
            absent.append(name)
        else:
            _check_present(parts or [name], columns, f"make {name}" if parts else "")
    used_joins = {
        table: msgspec.structs.replace(join, columns={t: m for t, m in join.columns.items() if m in joins[table]})
        for table, join in reading.joins.items()
        if table in joins
    }
    columns = {name: _widen_integer(column) for name, column in source_columns.items()}
    narrowed = msgspec.structs.replace(reading, columns=columns, dates=dates, define=define, joins=used_joins)
    return ColumnMatch(narrowed, absent, joined)


def list_parts(reading: Reading, name: str) -> list[str]:
    """Return the source columns that clean makes the column of; none where it is one of them itself."""
    if name in reading.dates:
        return list(reading.dates[name])
    if name in reading.define:
        return sorted(parse_rule(reading.define[name], [*reading.columns], f"define {name}").columns)
    return []


def list_sources(reading: Reading, inputs: Sequence[Input]) -> list[str]:
    """Return every source column that an input is, or is made of."""
    joined_names = {mine for join in reading.joins.values() for mine in join.columns.values()}
    return [part for column in inputs if column.name not in joined_names
            for part in list_parts(reading, column.name) or [column.name]]  # fmt: skip


def respell_as_clean(reading: Reading) -> Reading:
    """Return the same columns spelled as in data/clean.csv. No value there is spelled as the sources spell missing."""
    columns = {
        name: msgspec.structs.replace(spell_as_clean(column), missing=column.missing)
        for name, column in reading.columns.items()
    }
    return msgspec.structs.replace(reading, columns=columns)


def is_clean(reading: Reading, texts: Mapping[str, pa.Array]) -> bool:
    """Return whether the texts of a file's first rows fit data/clean.csv's spelling better than the sources'."""
    n_broken = [0, 0]
    clean_columns = respell_as_clean(reading).columns
    for name, column in reading.columns.items():
        if format_kind(column) != format_kind(clean_columns[name]):
            missing = {"", *reading.missing, *column.missing}
            for index, spelled in enumerate((column, clean_columns[name])):
                n_broken[index] += int(parse_cells(texts[name].to_pandas(), format_kind(spelled), missing)[1].sum())
    return n_broken[1] < n_broken[0]


def format_kind(column: SourceColumn) -> str:
    """Return the column's type and format as `stages.clean.columns.parsing` takes them."""
    return f"{column.type} {column.format}".strip()


def spell_as_clean(column: Input | SourceColumn) -> SourceColumn:
    """Return the column as data/clean.csv spells it, where a label may be what means missing in other columns."""
    formats = {"boolean": "true/false", "ordinal": BETWEEN_LEVELS.join(column.levels)}
    if column.type == "category" and isinstance(column, SourceColumn):
        return SourceColumn(column.type, column.format)
    return SourceColumn(column.type, formats.get(column.type, ""), column.levels)


def _widen_integer(column: SourceColumn) -> SourceColumn:
    """Let a column of whole numbers take any number: to the model it is one."""
    return msgspec.structs.replace(column, type="number") if column.type == "integer" else column


def _pick_columns(reading: Reading, names: Sequence[str]) -> dict[str, SourceColumn]:
    return {name: reading.columns[name] for name in names}


def _check_present(names: Sequence[str], columns: Collection[str], purpose: str) -> Sequence[str]:
    """Return the names. Raises DataError, with the nearest name there is, for one that is no column."""
    for name in names:
        if name not in columns:
            needed = f", which is needed to {purpose}" if purpose else ""
            raise DataError(f"there is no column '{name}'{needed}.{did_you_mean(name, columns)}")
    return names
