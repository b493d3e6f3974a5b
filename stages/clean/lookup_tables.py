"""Tables that are joined to the main one: typed and checked before any row is joined."""

from __future__ import annotations

import pandas as pd

from stages.clean.joins import Lookup, make_index
from stages.clean.params import Clean
from stages.clean.plan import choose_type
from stages.clean.raw_tables import RawTable, Texts
from stages.clean.rows import Plan, make_frame, type_columns
from stages.core.errors import DataError, ParamsError, did_you_mean
from stages.table.csv_io import FILE, LINE


def make_lookup(
    name: str, section: Clean, table: RawTable, types: dict[str, str]
) -> tuple[Lookup, dict[str, tuple[str, str]]]:
    """Return another table, typed (its key as the main table's is), with its key checked for doubles.

    And for each of its columns that are taken the kind and the reason for it.
    """
    wanted = section.joins[name]
    rows, texts = table.rows, Texts(table.rows)
    for column in (*wanted.on, *wanted.columns):
        if column not in texts.columns:
            near = did_you_mean(column, texts.columns)
            raise ParamsError(f"params.yaml: clean.joins.{name}: no column '{column}'.{near}")
    found = {theirs: choose_type(ours, texts.counts(theirs), section) for theirs, ours in wanted.columns.items()}
    kinds = {column: types[column] for column in wanted.on} | {theirs: kind for theirs, (kind, _) in found.items()}
    missing_in = {theirs: section.missing_of(ours) for theirs, ours in wanted.columns.items()}
    missing_in |= {column: section.missing_of(column) for column in wanted.on}
    columns, broken = type_columns(rows, Plan(kinds, section.spellings, missing_in))
    bad = pd.concat([part for part in (table.ragged, broken[broken["reason"].notna()]) if len(part)] or [table.ragged])
    if len(bad):
        row = bad.iloc[0]
        column = f", column {row['column']}" if row["column"] else ""
        raise DataError(
            f"{row['file']}, line {row['line']}{column}: '{row['value']}' ({row['reason']}). "
            f"A table that is joined must be whole: correct {len(bad):,} such rows."
        )
    keyed = make_frame(columns).assign(**{place: rows[place] for place in (FILE, LINE)})
    return make_index(name, keyed, wanted.on, wanted.columns), found
