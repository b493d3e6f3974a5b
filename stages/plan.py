"""What clean does to each row: found from its params and one look at the tables, before any row is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pandas as pd

from stages import params, tables
from stages.errors import DataError, ParamsError, did_you_mean
from stages.expressions import parse
from stages.files import read_json
from stages.joins import Lookup, lookup
from stages.rows import REJECTED, Plan, frame, typed
from stages.spellings import PARSERS, inferred
from stages.tables import FILE, LINE

TAKEN = {"row", "probability", "prediction", "baseline", "champion", "split"}
"""Columns that later stages write beside the target's."""
RAW = Path("data/raw")

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Join(params.Params, frozen=True):
    """Columns taken from another table: `on` its key, `columns` its name for each → ours."""

    on: Annotated[list[str], msgspec.Meta(min_length=1)]
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
    dates: dict[str, tuple[str, str, str]] = {}
    define: dict[str, str] = {}
    set_aside: dict[str, str] = {}
    rules: list[str] = []
    max_invalid: Share = 0.001
    joins: dict[str, Join] = {}

    @property
    def spellings(self) -> frozenset[str]:
        """How a missing value is spelled; an empty cell always is one."""
        return frozenset(["", *self.missing])

    @property
    def gone(self) -> set[str]:
        """The columns that do not reach data/clean.csv."""
        return {*self.drop, *self.drop_leaks} - {self.target}

    def role(self, name: str) -> str:
        """What a column of data/clean.csv is for: the target, an id, or an input."""
        return "target" if name == self.target else "id" if name in self.ids else "input"


def read_manifest() -> list[dict[str, Any]]:
    """What ingest says of each file of data/raw. Raises DataError when it is missing or damaged."""
    path = RAW / "manifest.json"
    try:
        files: list[dict[str, Any]] = read_json(path)["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is missing or damaged ({type(error).__name__}). Run `dvc repro ingest`.") from None
    return files


def read_raw(table: str, manifest: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All text rows of a table with FILE and LINE, and its ragged rows as rejected ones."""
    frames, ragged_rows = [], []
    for entry in manifest:
        if entry["table"] == table:
            text, ragged = tables.read_text(RAW / entry["name"])
            frames.append(text.to_pandas().assign(**{FILE: entry["source"]}))
            for row in ragged:
                reason = f"{row.found} fields where the header has {row.expected}"
                ragged_rows.append((entry["source"], row.line, None, row.text, reason))
    if not frames:
        known = sorted({str(entry["table"]) for entry in manifest})
        raise ParamsError(f"params.yaml: clean: ingest.tables has no table '{table}'.{did_you_mean(table, known)}")
    return pd.concat(frames, ignore_index=True), pd.DataFrame(ragged_rows, columns=REJECTED)


def column_names(rows: pd.DataFrame) -> list[str]:
    """The columns of the table itself."""
    return [name for name in rows.columns if name not in (FILE, LINE)]


def plan_for(section: Clean, main: pd.DataFrame) -> tuple[Plan, dict[str, str]]:
    """What to do to each row of the main table (all but the joins), and the reason for each column's type."""
    known = column_names(main)
    check_names(section, known)
    all_names = [*known, *section.dates, *section.define]
    aside = {reason: parse(text, known, "params.yaml: clean.set_aside") for reason, text in section.set_aside.items()}
    rules = [parse(text, all_names, "params.yaml: clean.rules") for text in section.rules]
    define = {name: parse(text, known, f"params.yaml: clean.define.{name}") for name, text in section.define.items()}
    used = {name for rule in (*aside.values(), *rules, *define.values()) for name in rule.columns}
    used |= {name for parts in section.dates.values() for name in parts}
    used |= {name for join in section.joins.values() for name in join.on}
    check_leaks(section, {**section.dates, **{name: rule.columns for name, rule in define.items()}})
    types, reasons = {}, {}
    for name in known:
        if name in used or name not in section.gone:
            types[name], reasons[name] = column_type(name, main[name], section)
    for name, parts in section.dates.items():
        for part in parts:
            if types[part] not in ("number", "integer"):
                raise ParamsError(f"params.yaml: clean.dates.{name}: '{part}' is a {types[part]}, not a number.")
    plan = Plan(types, section.spellings, aside, rules, section.dates, define, target=section.target)
    return plan, reasons


def check_names(section: Clean, known: list[str]) -> None:
    """Raise ParamsError for a name of no column, for a new column named as an old one, or a key that is dropped."""
    made = [*section.dates, *section.define]
    joined = [ours for join in section.joins.values() for ours in join.columns.values()]
    places: dict[str, tuple[list[str], list[str]]] = {
        "target": ([section.target], [*known, *made]),
        "drop": (section.drop, [*known, *made]),
        "drop_leaks": (section.drop_leaks, [*known, *made]),
        "ids": (section.ids, [*known, *made, *joined]),
        "key": (section.key, [*known, *made]),
        "types": (list(section.types), [*known, *joined]),
        **{f"dates.{name}": (list(parts), known) for name, parts in section.dates.items()},
        **{f"joins.{table}.on": (join.on, known) for table, join in section.joins.items()},
    }
    for where, (names, allowed) in places.items():
        for name in names:
            if name not in allowed:
                near = did_you_mean(name, allowed)
                raise ParamsError(f"params.yaml: clean.{where}: {section.table} has no column '{name}'.{near}")
    if section.target in TAKEN:
        raise ParamsError(
            f"params.yaml: clean.target: a target named '{section.target}' would be mistaken for a column of "
            f"data/predictions.csv. Define one under another name: clean.define: {{outcome: {section.target} == …}}."
        )
    everything = [*known, *made, *joined]
    double = next((name for name in [*made, *joined] if everything.count(name) > 1), None)
    if double is not None:
        raise ParamsError(f"params.yaml: clean: '{double}' would be two columns. Give the new one another name.")
    lost = next((name for name in section.key if name in section.gone), None)
    if lost is not None:
        raise ParamsError(f"params.yaml: clean.key: '{lost}' is dropped. List it in clean.ids instead of clean.drop.")


def check_leaks(section: Clean, made: Mapping[str, Collection[str]]) -> None:
    """Raise ParamsError for an input that is made of a column listed under clean.drop_leaks."""
    for name, parts in made.items():
        leak = next((part for part in sorted(parts) if part in section.drop_leaks), None)
        if leak is not None and name not in {section.target, *section.ids, *section.gone}:
            raise ParamsError(
                f"params.yaml: clean: '{name}' is made of '{leak}', which is known only afterwards (clean.drop_leaks). "
                "List it in clean.ids or clean.drop."
            )


def column_type(name: str, texts: pd.Series[str], section: Clean) -> tuple[str, str]:
    """The column's type, from params or else from its values, and the reason."""
    if name == section.target:
        return "category", "the target: its texts are the classes"
    if name in section.types:
        kind = section.types[name]
        if kind not in PARSERS:
            raise ParamsError(f"params.yaml: clean.types.{name}: no type '{kind}'.{did_you_mean(kind, PARSERS)}")
        return kind, "set in params.yaml"
    return inferred(texts, section.spellings)


def read_lookup(
    name: str, section: Clean, manifest: list[dict[str, Any]], types: dict[str, str]
) -> tuple[Lookup, dict[str, str]]:
    """Another table, typed (its key as the main table's is), with its key checked for doubles; and its types."""
    wanted = section.joins[name]
    rows, ragged = read_raw(name, manifest)
    known = column_names(rows)
    for column in (*wanted.on, *wanted.columns):
        if column not in known:
            raise ParamsError(f"params.yaml: clean.joins.{name}: no column '{column}'.{did_you_mean(column, known)}")
    kinds = {column: types[column] for column in wanted.on}
    for theirs, ours in wanted.columns.items():
        kinds[theirs] = column_type(ours, rows[theirs], section)[0]
    columns, broken = typed(rows, Plan(kinds, section.spellings))
    bad = pd.concat([part for part in (ragged, broken[broken["reason"].notna()]) if len(part)] or [ragged])
    if len(bad):
        row = bad.iloc[0]
        column = f", column {row['column']}" if row["column"] else ""
        raise DataError(
            f"{row['file']}, line {row['line']}{column}: '{row['value']}' ({row['reason']}). "
            f"A table that is joined must be whole: correct {len(bad):,} such rows."
        )
    keyed = frame(columns).assign(**{place: rows[place] for place in (FILE, LINE)})
    return lookup(name, keyed, wanted.on, wanted.columns), kinds
