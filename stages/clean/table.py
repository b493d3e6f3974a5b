"""From text rows to the clean table, without a file."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from stages.clean.columns import file_drift
from stages.clean.joins import name_match_column
from stages.clean.lookup_tables import make_lookup
from stages.clean.params import Clean
from stages.clean.plan import make_plan
from stages.clean.raw_tables import RawTable, Texts
from stages.clean.rows import REJECTED, Cleaned, Plan, clean_rows
from stages.clean.schema_report import describe_schema
from stages.contracts.clean_metrics import CleanMetrics, Joined
from stages.core.errors import DataError
from stages.core.files import round_floats
from stages.table import csv_io
from stages.table.schema import Schema

BLOCK_ROWS = 50_000


class CleanTable(NamedTuple):
    """The clean rows with the schema's columns and types; those set aside with their reason; and the counts."""

    rows: pd.DataFrame
    rejected: pd.DataFrame
    columns: Schema
    metrics: CleanMetrics


def clean_table(section: Clean, tables: Mapping[str, RawTable]) -> CleanTable:
    """Return the clean table: typed rows, one for each unit, and every row that was set aside with its reason.

    tables: the main one and those that are joined, by name. Cleans block by block, then looks at what only the whole
    table shows: doubled keys, classes. Raises ParamsError for a section that does not go with the tables, DataError for
    too many rows that are invalid.
    """
    main = tables[section.table]
    rows_in = len(main.rows) + len(main.ragged) + len(main.outside)
    texts = Texts(main.rows)
    plan, reasons = make_plan(section, texts)
    drifts = _check_drift(section, plan, texts)
    lookups = {name: make_lookup(name, section, tables[name], dict(plan.types)) for name in section.joins}
    plan = replace(plan, lookups=[found for found, _ in lookups.values()])
    parts = [clean_rows(block, plan) for block in _blocks(main.rows)]
    cleaned = Cleaned(*(pd.concat(kind, ignore_index=True) for kind in zip(*parts, strict=True)))
    rows, doubles = _without_doubles(cleaned.rows, section.key)
    invalid = pd.concat([part for part in (main.ragged, cleaned.invalid, doubles) if len(part)] or [doubles])
    _check_invalid(invalid, rows_in, section.max_invalid)
    if not len(rows):
        raise DataError(f"no row of {rows_in:,} is left. Check clean.set_aside and clean.rules.")
    rows, rare = _without_rare(rows, section.target, section.rarest_class)
    joined = {name: found for name, (_, found) in lookups.items()}
    columns = describe_schema(rows, section, plan, reasons, joined, texts.columns, main.bare_names)
    rejected = pd.concat([part for part in (main.outside, cleaned.set_aside, rare, invalid) if len(part)] or [doubles])
    rejected = _in_source_order(rejected, main.sources)[REJECTED]
    for column in columns.columns:
        if column.type == "time":
            rows[column.name] = rows[column.name].dt.tz_localize("UTC")
        elif column.type in ("boolean", "integer"):  # which are written as such: true, and 10000000000 for no 1e+10
            rows[column.name] = rows[column.name].astype("boolean" if column.type == "boolean" else "Int64")
    metrics = _summary(rows, rows_in, rejected, columns, list(lookups), drifts)
    rejected = rejected.astype({"line": np.int64, "column": "str", "value": "str"})
    return CleanTable(rows[[column.name for column in columns.columns]], rejected, columns, metrics)


def _blocks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in blocks, in order."""
    for start in range(0, len(rows), BLOCK_ROWS):
        yield rows.iloc[start : start + BLOCK_ROWS].reset_index(drop=True)


def _without_doubles(rows: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first row of each key, and the others as rejected rows; without a key, every row."""
    if not key:
        return rows, pd.DataFrame(columns=REJECTED)
    double = rows.duplicated(subset=key)
    again = rows.loc[double, [csv_io.FILE, csv_io.LINE]].set_axis(REJECTED[:2], axis=1).assign(column=", ".join(key))
    again["value"] = rows.loc[double, key].astype(str).agg(", ".join, axis=1) if double.any() else None
    return rows[~double].reset_index(drop=True), again.assign(reason="the key stands in an earlier row already")


def _check_invalid(invalid: pd.DataFrame, rows_in: int, limit: float) -> None:
    """Raise DataError with the three most common reasons when more rows are invalid than the limit allows."""
    if len(invalid) <= limit * rows_in:
        return
    said = []
    for reason, count in invalid["reason"].value_counts().head(3).items():
        row = invalid[invalid["reason"] == reason].iloc[0]
        column = "" if pd.isna(row["column"]) else f", column {row['column']}"
        value = "" if pd.isna(row["value"]) else f": '{str(row['value'])[:60]}'"
        said.append(f"{reason} ({count:,}), first in {row['file']}, line {row['line']}{column}{value}")
    raise DataError(
        f"{len(invalid):,} of {rows_in:,} rows are invalid ({len(invalid) / rows_in:.2%}; clean.max_invalid allows "
        f"{limit:.2%}). {'; '.join(said)}. Correct the file, or change clean.missing, "
        "clean.missing_in, clean.types or clean.rules."
    )


def _without_rare(rows: pd.DataFrame, target: str, rarest: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of classes that have at least `rarest` rows, and the others as rejected rows."""
    count = rows.groupby(target)[target].transform("size") if rarest > 1 else pd.Series(rarest, index=rows.index)
    rare = count < rarest
    again = rows.loc[rare, [csv_io.FILE, csv_io.LINE, target]].set_axis([*REJECTED[:2], "value"], axis=1)
    reason = "class " + again["value"].astype(str) + " has only " + count[rare].astype(str) + " rows"
    again = again.assign(column=target, reason=reason.str.replace(r"\b1 rows$", "1 row", regex=True))
    return rows[~rare].reset_index(drop=True), again[REJECTED]


def _check_drift(section: Clean, plan: Plan, texts: Texts) -> list[str]:
    """How the main table's files differ from each other; warned of, or raised as DataError if params say so."""
    told = file_drift.find_differences(
        {name: texts.by_file(name) for name in plan.types}, plan.types, section.missing_of
    )
    if told and section.drift == "error":
        raise DataError(
            f"files of {section.table} differ from the others: {'; '.join(told)}. Correct them, or set clean.drift to "
            "warn."
        )
    for sentence in told:
        logging.warning("clean: %s", sentence)
    return told


def _summary(
    rows: pd.DataFrame, rows_in: int, rejected: pd.DataFrame, columns: Schema, joins: list[str], drifts: list[str]
) -> CleanMetrics:
    """What metrics/clean.json says. Raises AssertionError if a row was lost or made."""
    counts = {str(reason): int(count) for reason, count in rejected["reason"].value_counts().items()}
    assert rows_in == len(rows) + sum(counts.values()), "rows in are not rows out + rows set aside"
    found = {table: int(rows[name_match_column(table)].sum()) for table in joins}
    missing = {column.name: float(rows[column.name].isna().mean()) for column in columns.inputs}
    return CleanMetrics(
        rows_in=rows_in,
        rows_out=len(rows),
        set_aside=counts,
        joins={table: Joined(matched=count, unmatched=len(rows) - count) for table, count in found.items()},
        missing={name: round_floats(share) for name, share in missing.items() if share},
        drift=drifts,
    )


def _in_source_order(rejected: pd.DataFrame, sources: list[str]) -> pd.DataFrame:
    """The rejected rows by file, in the order of the sources, and line."""
    order = {source: position for position, source in enumerate(sources)}
    place = pd.MultiIndex.from_arrays([rejected["file"].map(order), rejected["line"]])
    return rejected.iloc[place.argsort()]
