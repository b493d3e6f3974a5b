"""The schema of a clean table: its columns and target with their reasons, what was left out, how sources are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pandas as pd

from stages.clean import targets
from stages.clean.columns.parsing import split_kind, split_levels
from stages.clean.params import Clean, find_reason
from stages.clean.rows import Plan
from stages.table.schema import Column, ColumnType, LeftOut, Reading, Schema, SourceColumn, SourceJoin, Target, Task


def describe_schema(
    rows: pd.DataFrame,
    section: Clean,
    plan: Plan,
    reasons: Mapping[str, str],
    joined: Mapping[str, Mapping[str, tuple[str, str]]],
    sources: list[str],
    names: list[str],
) -> Schema:
    """The schema of the clean rows.

    `joined` gives the kind and reason of each column of the joined tables, `sources` are the main table's columns.
    Raises DataError unless the target has the classes, or the numbers, that its task needs.
    """
    found = [(name, "date", section.table, f"made of {', '.join(parts)}") for name, parts in section.dates.items()]
    found += [(name, kind, section.table, reasons[name]) for name, kind in plan.types.items()]
    for table, types in joined.items():
        join = section.joins[table]
        on = f"joined on {', '.join(join.on)}"
        found += [(ours, types[theirs][0], table, f"{on}; {types[theirs][1]}") for theirs, ours in join.columns.items()]
    found += [(name, "category", section.table, f"defined as {rule.text}") for name, rule in plan.define.items()]
    columns = [
        _column(name, kind, source, _with(find_reason(section.ids, name), reason), rows, section)
        for name, kind, source, reason in found
        if name not in section.gone
    ]
    task, target = describe_target(rows, section, plan, reasons)
    made = [*section.dates, *section.define]
    left_out = [LeftOut(name, section.reason_gone(name)) for name in [*sources, *made] if name in section.gone]
    reading = describe_reading(section, plan, [column.name for column in columns if column.role == "input"], names)
    return Schema(section.table, cast("Task", task), target, section.key, columns, left_out, reading)


def _column(name: str, kind: str, source: str, reason: str, rows: pd.DataFrame, section: Clean) -> Column:
    bare, form = split_kind(kind)
    order = split_levels(form) if bare == "ordinal" else []
    return Column(
        name, cast("ColumnType", bare), section.role(name), bool(rows[name].isna().any()), source, reason, form, order
    )


def _with(given: str, found: str) -> str:
    return f"{given}; {found}" if given else found


def describe_target(rows: pd.DataFrame, section: Clean, plan: Plan, reasons: Mapping[str, str]) -> tuple[str, Target]:
    """The task and the target of the clean rows, with the reason of both."""
    name = section.target
    definition = section.define.get(name, "")
    kind = plan.types.get(name, "category")
    if split_kind(kind)[0] != "category":
        targets.check_quantity(name, kind, rows[name])
        return targets.REGRESSION, Target(name, [], None, definition, split_kind(kind)[0], reasons[name])
    counts = rows[name].value_counts()
    task, classes = targets.list_classes(name, section.task, section.positive, counts)
    given = f"{len(classes):,} classes" + (", as params.yaml says" if section.task else "")
    if task != targets.BINARY:
        return task, Target(name, classes, None, definition, "category", f"{task}: {given}")
    positive, why = targets.choose_positive(classes, counts)
    if section.positive is not None:
        positive, why = section.positive, f"'{section.positive}' is the positive class: set in params.yaml"
    return task, Target(name, classes, positive, definition, "category", f"{task}: {given}; {why}")


def describe_reading(section: Clean, plan: Plan, inputs: list[str], names: list[str]) -> Reading:
    """How the inputs are read from the sources: the columns they are made of, their dates, definitions and joins."""
    dates = {name: list(parts) for name, parts in section.dates.items() if name in inputs}
    define = {name: text for name, text in section.define.items() if name in inputs}
    joins = {}
    for table, join in section.joins.items():
        columns = {theirs: ours for theirs, ours in join.columns.items() if ours in inputs}
        if columns:
            joins[table] = SourceJoin(join.on, columns)
    read = {name for parts in dates.values() for name in parts}
    read |= {name for rule in define for name in plan.define[rule].columns}
    read |= {name for join in joins.values() for name in join.on}
    read |= {*inputs}
    sources: dict[str, SourceColumn] = {}
    for name, kind in plan.types.items():
        if name in read:
            bare, form = split_kind(kind)
            own = sorted(section.missing_in.get(name, []))
            sources[name] = SourceColumn(bare, form, split_levels(form) if bare == "ordinal" else [], own)
    return Reading(section.missing, sources, dates, define, joins, names)
