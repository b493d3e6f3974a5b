"""From text to clean rows, for any block of rows: what a row becomes never depends on the rows around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.clean.columns.parsing import is_absent, parse_cells, split_kind
from stages.clean.expressions import Rule, parse_rule
from stages.clean.joins import Lookup, join
from stages.table.csv_io import FILE, LINE
from stages.table.schema import Reading

Columns = dict[str, npt.NDArray[Any]]
REJECTED = ["file", "line", "column", "value", "reason"]


@dataclass(frozen=True)
class Plan:
    """What is done to each row, in this order: parse, set aside, date, define, check, join.

    `types` gives each column's kind (see columns/parsing.py), `spellings` are those of a missing value in any
    column, `missing_in` those in one.
    """

    types: Mapping[str, str]
    spellings: frozenset[str]
    missing_in: Mapping[str, Collection[str]] = field(default_factory=dict)
    set_aside: Mapping[str, Rule] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    dates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    define: Mapping[str, Rule] = field(default_factory=dict)
    lookups: list[Lookup] = field(default_factory=list)
    target: str = ""


class Cleaned(NamedTuple):
    """The rows that stay (typed, with FILE and LINE), those set aside by rule, and those that are invalid."""

    rows: pd.DataFrame
    set_aside: pd.DataFrame
    invalid: pd.DataFrame


def clean_rows(block: pd.DataFrame, plan: Plan) -> Cleaned:
    """Type, check and join a block of text rows (columns of `plan.types`, FILE and LINE).

    Every row of the block is in exactly one of the three results, in the block's order.
    """
    columns, broken = type_columns(block, plan)
    unreadable = broken["reason"].notna().to_numpy()  # what such a cell would say, no rule can know
    aside = _set_aside(block, columns, plan)
    add_made(columns, broken, block, plan)
    for rule in plan.rules:
        fails = ~rule.holds(columns) & ~rule.unknown(columns)
        _mark(broken, fails, ", ".join(sorted(rule.columns)), _values(block, rule), f"rule not met: {rule.text}")
    if plan.target:
        _mark(broken, is_absent(columns[plan.target]), plan.target, None, "the target is missing")
    is_aside = aside["reason"].notna().to_numpy() & ~unreadable
    is_broken = broken["reason"].notna().to_numpy() & ~is_aside
    rows = make_frame(columns).assign(**{name: block[name].to_numpy() for name in (FILE, LINE)})
    return Cleaned(
        join(rows[~is_aside & ~is_broken].reset_index(drop=True), plan.lookups),
        aside[is_aside].reset_index(drop=True),
        broken[is_broken].reset_index(drop=True),
    )


def type_inputs(block: pd.DataFrame, plan: Plan) -> tuple[Columns, pd.DataFrame]:
    """The block's columns as typed arrays, dated and defined, and for each row the first cell that is unreadable.

    For rows that are scored: none is set aside, no rule is asked, nothing is joined. The second result has the columns
    of REJECTED, their reason missing where a row is whole.
    """
    columns, broken = type_columns(block, plan)
    add_made(columns, broken, block, plan)
    return columns, broken


def plan_reading(reading: Reading) -> Plan:
    """How a row of the source files is read for a model: its columns, dates and definitions, and no more."""
    known = list(reading.columns)
    return Plan(
        {name: f"{column.type} {column.format}".strip() for name, column in reading.columns.items()},
        frozenset(["", *reading.missing]),
        {name: column.missing for name, column in reading.columns.items() if column.missing},
        dates=reading.dates,
        define={name: parse_rule(text, known, f"define.{name}") for name, text in reading.define.items()},
    )


def type_columns(block: pd.DataFrame, plan: Plan) -> tuple[Columns, pd.DataFrame]:
    """The block's columns as typed arrays, and for each row the first cell that is not of its column's type."""
    broken = _nothing_rejected(block)
    columns: Columns = {}
    for name, kind in plan.types.items():
        columns[name], bad = parse_cells(block[name], kind, plan.spellings.union(plan.missing_in.get(name, ())))
        if bad.any():
            _mark(broken, bad, name, block[name], explain_misfit(name, kind))
    return columns, broken


def explain_misfit(name: str, kind: str) -> str:
    """The reason of a cell that is no value of its column's kind."""
    bare, form = split_kind(kind)
    return f"{name} is not of type {bare}" + (f" ({form})" if form else "")


def add_made(columns: Columns, broken: pd.DataFrame, block: pd.DataFrame, plan: Plan) -> None:
    """Add the dates made of year, month and day, and the columns defined by a rule; note what is no date."""
    for name, parts in plan.dates.items():
        columns[name], impossible = join_date(*(columns[part] for part in parts))
        said = block[[*parts]].agg("-".join, axis=1) if impossible.any() else None
        _mark(broken, impossible, name, said, "no such date")
    for name, rule in plan.define.items():
        answer = np.where(rule.holds(columns), "yes", "no").astype(object)
        answer[rule.unknown(columns)] = None
        columns[name] = answer


def make_frame(columns: Columns) -> pd.DataFrame:
    """The columns as a DataFrame; text is str with NaN where missing, even where a block holds no text at all."""
    return pd.DataFrame({name: pd.array(v, dtype="str") if v.dtype == object else v for name, v in columns.items()})


def join_date(
    year: npt.NDArray[np.float64], month: npt.NDArray[np.float64], day: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """The date of each year, month and day (NaT where one is missing), and where there is no such date."""
    known = ~(np.isnan(year) | np.isnan(month) | np.isnan(day))
    possible = known & (year >= 1) & (year <= 9999) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    for part in (year, month, day):
        possible &= part == np.floor(part)
    parts = [np.where(possible, part, 1).astype(np.int64) for part in (year, month, day)]
    months = ((parts[0] - 1970) * 12 + parts[1] - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (parts[2] - 1)
    possible &= dates.astype("datetime64[M]") == months
    return np.where(possible, dates.astype("datetime64[s]"), np.datetime64("NaT", "s")), known & ~possible


def _set_aside(block: pd.DataFrame, columns: Columns, plan: Plan) -> pd.DataFrame:
    aside = _nothing_rejected(block)
    for reason, rule in plan.set_aside.items():
        _mark(aside, rule.holds(columns) & ~rule.unknown(columns), ", ".join(sorted(rule.columns)), None, reason)
    return aside


def _nothing_rejected(block: pd.DataFrame) -> pd.DataFrame:
    rejected = block[[FILE, LINE]].reset_index(drop=True).set_axis(REJECTED[:2], axis=1)
    return rejected.assign(column=None, value=None, reason=None).astype(dict.fromkeys(REJECTED[2:], object))


def _mark(
    rejected: pd.DataFrame, where: npt.NDArray[np.bool_], column: str, values: pd.Series[str] | None, reason: str
) -> None:
    """Note the reason for the rows that have none yet."""
    new = where & rejected["reason"].isna().to_numpy()
    if new.any():
        rejected.loc[new, "column"] = column
        rejected.loc[new, "value"] = None if values is None else values.to_numpy(dtype=object)[new]
        rejected.loc[new, "reason"] = reason


def _values(block: pd.DataFrame, rule: Rule) -> pd.Series[str] | None:
    names = sorted(rule.columns)
    return block[names[0]] if len(names) == 1 and names[0] in block else None
