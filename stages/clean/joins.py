"""Columns of other tables, joined so that no row is multiplied and none is lost."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from stages.core.errors import DataError
from stages.table.csv_io import FILE, LINE


@dataclass(frozen=True)
class Lookup:
    """Another table with one row at most for each key, its columns under the names they take after the join."""

    table: str
    on: list[str]
    rows: pd.DataFrame


def make_index(table: str, rows: pd.DataFrame, on: list[str], columns: dict[str, str]) -> Lookup:
    """The table's rows by their key; rows without a whole key can match nothing and are left out.

    `rows` has the columns FILE and LINE. Raises DataError, naming both lines, when a key stands there twice.
    """
    keyed = rows.dropna(subset=on)
    double = keyed.duplicated(subset=on)
    if double.any():
        second = keyed[double].iloc[0]
        key = {name: second[name] for name in on}
        first = keyed[(keyed[on] == second[on]).all(axis=1)].iloc[0]
        raise DataError(
            f"{second[FILE]}, line {second[LINE]}: the key {_said(key)} stands there again, after line "
            f"{first[LINE]} of {first[FILE]}. A join on it would multiply rows: remove one of the two, "
            f"or join {table} on more columns."
        )
    return Lookup(table, on, keyed[[*on, *columns]].rename(columns=columns))


def name_match_column(table: str) -> str:
    """The column that says where a row found its key in the table."""
    return f"(matched {table})"


def join(rows: pd.DataFrame, lookups: list[Lookup]) -> pd.DataFrame:
    """The rows, same number and order, with each lookup's columns and where they matched (see `name_match_column`)."""
    for other in lookups:
        marked = other.rows.assign(**{name_match_column(other.table): True})
        rows = rows.merge(marked, on=other.on, how="left", validate="many_to_one", sort=False)
        rows[name_match_column(other.table)] = rows[name_match_column(other.table)].notna()
    return rows


def _said(key: dict[str, object]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in key.items())
