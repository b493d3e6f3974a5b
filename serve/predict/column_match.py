"""How the inputs of a model are found in a file: in the sources' own spelling, or in that of data/clean.csv.

A column of the main table is read as clean reads it: same format, same spellings of a missing value. A column that
only clean makes (a date made of parts, a defined one, a joined one) has one spelling, that of data/clean.csv. Where
the first rows fit that spelling better in the main table's columns too, the whole file is read so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec
import pyarrow as pa

from stages.clean.columns.parsing import BETWEEN_LEVELS, parsed
from stages.clean.expressions import parse
from stages.contracts.manifest import Input
from stages.core.errors import DataError, did_you_mean
from stages.table.schema import Reading, SourceColumn


class Found(msgspec.Struct):
    """How this file is read, and the inputs it does not hold (`absent`), of which `joined` come from other tables."""

    reading: Reading
    absent: list[str]
    joined: list[str]


def found(reading: Reading, inputs: Sequence[Input], columns: Collection[str], tables: Collection[str]) -> Found:
    """How the inputs are found in a file of these columns with these tables to look up in.

    Raises DataError, with the nearest name there is, when an input that is never missing cannot be made of the file.
    """
    ours = {mine: table for table, join in reading.joins.items() for mine in join.columns.values()}
    wanted: dict[str, SourceColumn] = {}
    dates: dict[str, list[str]] = {}
    define: dict[str, str] = {}
    joins: dict[str, list[str]] = {}
    absent, joined = [], []
    for column in inputs:
        name, parts = column.name, made_of(reading, column.name)
        if name in ours and name not in columns:
            table = ours[name]
            if table in tables:
                joins.setdefault(table, []).append(name)
                wanted |= _source(reading, _all_there(reading.joins[table].on, columns, f"join {table}"))
            else:
                joined.append(name)
        elif parts and not set(parts) - set(columns):
            wanted |= _source(reading, parts)
            dates |= {name: reading.dates[name]} if name in reading.dates else {}
            define |= {name: reading.define[name]} if name in reading.define else {}
        elif name in columns:
            wanted[name] = reading.columns.get(name) or clean_column(column)
        elif column.nullable:
            absent.append(name)
        else:
            _all_there(parts or [name], columns, f"make {name}" if parts else "")
    kept = {
        table: msgspec.structs.replace(join, columns={t: m for t, m in join.columns.items() if m in joins[table]})
        for table, join in reading.joins.items()
        if table in joins
    }
    columns = {name: _any_number(column) for name, column in wanted.items()}
    narrowed = msgspec.structs.replace(reading, columns=columns, dates=dates, define=define, joins=kept)
    return Found(narrowed, absent, joined)


def made_of(reading: Reading, name: str) -> list[str]:
    """The source columns that clean makes the column of; none where it is one of them itself."""
    if name in reading.dates:
        return list(reading.dates[name])
    if name in reading.define:
        return sorted(parse(reading.define[name], [*reading.columns], f"define {name}").columns)
    return []


def sources_of(reading: Reading, inputs: Sequence[Input]) -> list[str]:
    """Every source column that an input is, or is made of."""
    ours = {mine for join in reading.joins.values() for mine in join.columns.values()}
    return [part for column in inputs if column.name not in ours
            for part in made_of(reading, column.name) or [column.name]]  # fmt: skip


def as_clean(reading: Reading) -> Reading:
    """The same columns spelled as in data/clean.csv. No value there is spelled as a missing one in the sources."""
    columns = {
        name: msgspec.structs.replace(clean_column(column), missing=column.missing)
        for name, column in reading.columns.items()
    }
    return msgspec.structs.replace(reading, columns=columns)


def is_clean(reading: Reading, texts: Mapping[str, pa.Array]) -> bool:
    """Whether the texts of a file's first rows fit data/clean.csv's spelling better than the sources'."""
    broken = [0, 0]
    clean = as_clean(reading).columns
    for name, column in reading.columns.items():
        if kind_of(column) != kind_of(clean[name]):
            missing = {"", *reading.missing, *column.missing}
            for place, spelled in enumerate((column, clean[name])):
                broken[place] += int(parsed(texts[name].to_pandas(), kind_of(spelled), missing)[1].sum())
    return broken[1] < broken[0]


def kind_of(column: SourceColumn) -> str:
    """The column's type and format as `stages.clean.columns.parsing` takes them."""
    return f"{column.type} {column.format}".strip()


def clean_column(column: Input | SourceColumn) -> SourceColumn:
    """The column as data/clean.csv spells it, where a label may be what means missing in other columns."""
    formats = {"boolean": "true/false", "ordinal": BETWEEN_LEVELS.join(column.levels)}
    if column.type == "category" and isinstance(column, SourceColumn):
        return SourceColumn(column.type, column.format)
    return SourceColumn(column.type, formats.get(column.type, ""), column.levels)


def _any_number(column: SourceColumn) -> SourceColumn:
    """A column of whole numbers takes any number: to the model it is one."""
    return msgspec.structs.replace(column, type="number") if column.type == "integer" else column


def _source(reading: Reading, names: Sequence[str]) -> dict[str, SourceColumn]:
    return {name: reading.columns[name] for name in names}


def _all_there(names: Sequence[str], columns: Collection[str], purpose: str) -> Sequence[str]:
    for name in names:
        if name not in columns:
            needed = f", which is needed to {purpose}" if purpose else ""
            raise DataError(f"there is no column '{name}'{needed}.{did_you_mean(name, columns)}")
    return names
