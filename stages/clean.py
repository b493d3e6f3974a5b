"""Clean: typed rows, one for each unit, and every row that was set aside with its reason.

Reads `data/raw/`. Writes `data/clean.csv`, `data/rejected.csv`, `data/schema.json` and `metrics/clean.json`.
Rows in = rows out + rows set aside, always.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
import pandas as pd

from stages import params, run, tables
from stages.spellings import PARSERS, inferred
from stages.errors import DataError, ParamsError, did_you_mean
from stages.expressions import parse
from stages.files import read_json, rounded, write_json
from stages.joins import Lookup, lookup
from stages.rows import REJECTED, Cleaned, Plan, clean_rows, typed
from stages.schema import Column, Schema, Target
from stages.schema import write as write_schema

RAW = Path("data/raw")
CLEAN = Path("data/clean.csv")
REJECTED_ROWS = Path("data/rejected.csv")
METRICS = Path("metrics/clean.json")
BLOCK_ROWS = 50_000

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Join(params.Params, frozen=True):
    """Columns taken from another table: `on` its key, `columns` its name for each → ours."""

    on: list[str]
    columns: dict[str, str]


class Clean(params.Params, frozen=True):
    """The section `clean` of params.yaml."""

    table: str
    target: str
    positive: str
    missing: list[str] = []
    drop_leaks: list[str] = []
    drop: list[str] = []
    ids: list[str] = []
    key: list[str] = []
    types: dict[str, str] = {}
    dates: dict[str, list[str]] = {}
    define: dict[str, str] = {}
    set_aside: dict[str, str] = {}
    rules: list[str] = []
    max_invalid: Share = 0.001
    joins: dict[str, Join] = {}


def read_raw(table: str, manifest: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All text rows of a table with `file` and `line`, and its ragged rows as rejected ones."""
    frames, ragged_rows = [], []
    for entry in manifest:
        if entry["table"] == table:
            text, ragged = tables.read_text(RAW / entry["name"])
            frames.append(text.to_pandas().assign(file=entry["source"]))
            for row in ragged:
                reason = "wrong number of fields"
                ragged_rows.append((entry["source"], row.line, f"{row.expected} fields expected", row.text, reason))
    if not frames:
        known = sorted({str(entry["table"]) for entry in manifest})
        raise ParamsError(f"params.yaml: clean: ingest.tables has no table '{table}'.{did_you_mean(table, known)}")
    return pd.concat(frames, ignore_index=True), pd.DataFrame(ragged_rows, columns=REJECTED)


def plan_for(section: Clean, main: pd.DataFrame) -> tuple[Plan, dict[str, str]]:
    """What to do to each row of the main table (all but the joins), and the reason for each column's type."""
    known = [name for name in main.columns if name not in ("file", "line")]
    for where, names in section_columns(section).items():
        for name in names:
            if name not in known and name not in section.dates and name not in section.define:
                raise ParamsError(
                    f"params.yaml: clean.{where}: {section.table} has no column '{name}'.{did_you_mean(name, known)}"
                )
    all_names = [*known, *section.dates, *section.define]
    set_aside = {reason: parse(text, known, "params.yaml: clean.set_aside") for reason, text in section.set_aside.items()}
    rules = [parse(text, all_names, "params.yaml: clean.rules") for text in section.rules]
    define = {name: parse(text, known, f"params.yaml: clean.define.{name}") for name, text in section.define.items()}
    used = {name for rule in (*set_aside.values(), *rules, *define.values()) for name in rule.columns}
    used |= {name for parts in section.dates.values() for name in parts} | set(section.key)
    unused = {*section.drop, *section.drop_leaks} - used - {section.target}
    spellings = frozenset(section.missing)
    types, reasons = {}, {}
    for name in known:
        if name not in unused:
            types[name], reasons[name] = column_type(name, main[name], section, spellings)
    plan = Plan(types, spellings, set_aside, rules, section.dates, define, target=section.target)
    return plan, reasons


def section_columns(section: Clean) -> dict[str, list[str]]:
    """Where params name columns of the main table."""
    named = {"drop": section.drop, "drop_leaks": section.drop_leaks, "ids": section.ids, "key": section.key}
    dates = {f"dates.{name}": parts for name, parts in section.dates.items()}
    return {**named, **dates, "target": [section.target]}


def column_type(
    name: str, texts: pd.Series[str], section: Clean, spellings: frozenset[str]
) -> tuple[str, str]:
    """The column's type, from params or else from its values, and the reason."""
    if name in section.types:
        kind = section.types[name]
        if kind not in PARSERS:
            raise ParamsError(f"params.yaml: clean.types.{name}: no type '{kind}'.{did_you_mean(kind, PARSERS)}")
        return kind, "set in params.yaml"
    return inferred(texts, spellings)


def read_lookup(name: str, section: Clean, manifest: list[dict[str, Any]], types: dict[str, str]) -> tuple[Lookup, Plan]:
    """Another table, typed (its key as the main table's is), with its key checked for doubles."""
    wanted = section.joins[name]
    rows, ragged = read_raw(name, manifest)
    spellings = frozenset(section.missing)
    for column in (*wanted.on, *wanted.columns):
        if column not in rows.columns:
            known = [known for known in rows.columns if known not in ("file", "line")]
            raise ParamsError(f"params.yaml: clean.joins.{name}: no column '{column}'.{did_you_mean(column, known)}")
    for column in wanted.on:
        if column not in types:
            raise ParamsError(f"params.yaml: clean.joins.{name}.on: {section.table} has no column '{column}'.")
    for ours in wanted.columns.values():
        if ours in types:
            raise ParamsError(f"params.yaml: clean.joins.{name}: the main table has a column '{ours}' already; rename.")
    kinds = {column: types[column] for column in wanted.on}
    for theirs in wanted.columns:
        kinds[theirs] = section.types.get(wanted.columns[theirs]) or inferred(rows[theirs], spellings)[0]
    plan = Plan(kinds, spellings)
    columns, broken = typed(rows, plan)
    bad = pd.concat([ragged, broken[broken["reason"].notna()]])
    if len(bad):
        row = bad.iloc[0]
        raise DataError(
            f"{row['file']}, line {row['line']}, column {row['column']}: '{row['value']}' ({row['reason']}). "
            f"A table that is joined must be whole: correct {len(bad):,} such rows."
        )
    frame = pd.DataFrame(columns).assign(file=rows["file"], line=rows["line"])
    return lookup(name, frame, wanted.on, wanted.columns), plan


def blocks(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows in blocks, in order."""
    for start in range(0, len(rows), BLOCK_ROWS):
        yield rows.iloc[start : start + BLOCK_ROWS].reset_index(drop=True)


def without_doubles(rows: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first row of each key, and the others as rejected rows; without a key, every row."""
    if not key:
        return rows, pd.DataFrame(columns=REJECTED)
    double = rows.duplicated(subset=key)
    again = rows.loc[double, ["file", "line"]].assign(column=", ".join(key))
    again["value"] = rows.loc[double, key].astype(str).agg(", ".join, axis=1) if double.any() else None
    return rows[~double].reset_index(drop=True), again.assign(reason="the key stands in an earlier row already")


def check_invalid(invalid: pd.DataFrame, rows_in: int, limit: float) -> None:
    """Raise DataError with the three most common reasons when more rows are invalid than the limit allows."""
    if len(invalid) <= limit * rows_in:
        return
    said = []
    for reason, count in invalid["reason"].value_counts().head(3).items():
        row = invalid[invalid["reason"] == reason].iloc[0]
        value = "" if pd.isna(row["value"]) else f": '{str(row['value'])[:60]}'"
        said.append(f"{reason} ({count:,}), first in {row['file']}, line {row['line']}, column {row['column']}{value}")
    raise DataError(
        f"{len(invalid):,} of {rows_in:,} rows are invalid ({len(invalid) / rows_in:.2%}; clean.max_invalid allows "
        f"{limit:.2%}). {'; '.join(said)}. Correct the file, or change clean.missing, clean.types or clean.rules."
    )


def schema_for(rows: pd.DataFrame, section: Clean, plan: Plan, reasons: dict[str, str], joined: dict[str, Plan]) -> Schema:
    """The schema of the clean rows. Raises DataError unless the target has two classes, one of them the positive."""
    columns: list[Column] = []

    def add(name: str, kind: str, source: str, reason: str) -> None:
        role = "target" if name == section.target else "id" if name in section.ids else "input"
        columns.append(Column(name, kind, role, bool(rows[name].isna().any()), source, reason))

    gone = {*section.drop, *section.drop_leaks} - {section.target}
    for name, parts in section.dates.items():
        add(name, "date", section.table, f"made of {', '.join(parts)}")
    for name, kind in plan.types.items():
        if name not in gone:
            add(name, kind, section.table, reasons[name])
    for table, its in joined.items():
        for theirs, ours in section.joins[table].columns.items():
            add(ours, its.types[theirs], table, f"joined on {', '.join(section.joins[table].on)}")
    for name, rule in plan.define.items():
        if name not in gone:
            add(name, "category", section.table, f"defined as {rule.text}")
    classes = sorted(map(str, rows[section.target].unique()))
    if len(classes) != 2 or section.positive not in classes:
        raise DataError(
            f"the target {section.target} has the classes {', '.join(classes[:5])} in {len(rows):,} rows; two are "
            f"needed, one of them '{section.positive}' (clean.positive). Check clean.define and clean.set_aside."
        )
    definition = section.define.get(section.target, "")
    return Schema(section.table, "binary", Target(section.target, classes, section.positive, definition), section.key, columns)


def summary(rows: pd.DataFrame, rows_in: int, rejected: pd.DataFrame, schema: Schema, joins: list[str]) -> dict[str, Any]:
    """What metrics/clean.json says. Raises AssertionError if a row was lost or made."""
    counts = {str(reason): int(count) for reason, count in rejected["reason"].value_counts().items()}
    assert rows_in == len(rows) + sum(counts.values()), "rows in are not rows out + rows set aside"
    matched = {table: int(rows[f"matched_{table}"].sum()) for table in joins}
    missing = {name: float(rows[name].isna().mean()) for name in (column.name for column in schema.inputs)}
    return {
        "rows_in": rows_in,
        "rows_out": len(rows),
        "set_aside": counts,
        "joins": {table: {"matched": count, "unmatched": len(rows) - count} for table, count in matched.items()},
        "missing": {name: share for name, share in missing.items() if share},
    }


def work() -> None:
    """Clean the main table block by block, then look at what only the whole table shows: doubled keys, classes."""
    section = params.load("clean", Clean)
    manifest = read_json(RAW / "manifest.json")["files"]
    main, ragged = read_raw(section.table, manifest)
    rows_in = len(main) + len(ragged)
    plan, reasons = plan_for(section, main)
    found = {name: read_lookup(name, section, manifest, dict(plan.types)) for name in section.joins}
    plan = replace(plan, lookups=[one for one, _ in found.values()])
    parts = [clean_rows(block, plan) for block in blocks(main)]
    cleaned = Cleaned(*(pd.concat(kind, ignore_index=True) for kind in zip(*parts, strict=True)))
    rows, doubles = without_doubles(cleaned.rows, section.key)
    invalid = pd.concat([part for part in (ragged, cleaned.invalid, doubles) if len(part)] or [doubles])
    check_invalid(invalid, rows_in, section.max_invalid)
    if not len(rows):
        raise DataError(f"no row of {rows_in:,} is left. Check clean.set_aside and clean.rules.")
    schema = schema_for(rows, section, plan, reasons, {name: its for name, (_, its) in found.items()})
    rejected = pd.concat([part for part in (cleaned.set_aside, invalid) if len(part)] or [doubles])
    order = {str(entry["source"]): position for position, entry in enumerate(manifest)}
    rejected = rejected.sort_values(["file", "line"], key=lambda column: column.map(order) if column.name == "file" else column)
    for column in schema.columns:
        if column.type == "time":
            rows[column.name] = rows[column.name].dt.tz_localize("UTC")
    tables.write(CLEAN, rows[[column.name for column in schema.columns]])
    tables.write(REJECTED_ROWS, rejected[REJECTED].astype({"line": np.int64, "column": "str", "value": "str"}))
    write_schema(schema)
    write_json(METRICS, rounded(summary(rows, rows_in, rejected, schema, list(found))))
    logging.info("clean: %s rows in, %s out, %s set aside", f"{rows_in:,}", f"{len(rows):,}", f"{len(rejected):,}")


def main() -> None:
    """`python -m stages.clean`."""
    run.stage("clean", work)


if __name__ == "__main__":
    main()
