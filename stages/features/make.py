"""From the clean table to the features, the target and the split, without a file."""

from __future__ import annotations

import msgspec
import pandas as pd

from stages.features.params import Features
from stages.table.schema import Schema
from stages.transform.definition import Definition, build_features, define_features
from stages.transform.split import check, settle_split, split_rows


def make_features(rows: pd.DataFrame, columns: Schema, section: Features) -> tuple[pd.DataFrame, Definition]:
    """Return each row's features, target and split, in the order of the rows, and how the features are made.

    rows: the clean table with the schema's columns and types. Raises ParamsError for a section that does not go with
    it, DataError where a part has no rows or not the classes it needs.
    """
    definition = define_features(columns.inputs, section.derive, section.drop, columns.target.name)
    rule = settle_split(rows, section.split, columns.key or [column.name for column in columns.inputs])
    part = split_rows(rows, rule)
    check(part, rows[columns.target.name], is_class=columns.task != "regression")
    built = build_features(rows[[column.name for column in columns.inputs]], columns.types, definition)
    added = pd.DataFrame({columns.target.name: rows[columns.target.name], definition.split: part})
    rule = msgspec.structs.replace(rule, types={name: columns.types[name] for name in rule.columns})
    return pd.concat([built, added], axis=1), msgspec.structs.replace(definition, rule=rule)
