"""`model/manifest.json`: all that a service or a person must know of a saved model, and nothing of when or where."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from sklearn.pipeline import Pipeline

from stages.contracts.manifest import Column, Features, Input
from stages.table.schema import Schema
from stages.transform.definition import Definition

FORMAT: Literal[2] = 2


def describe_inputs(schema: Schema, train: pd.DataFrame) -> list[Input]:
    """Return each input's name, type, whether it may be missing, and, where it is ordered, its levels or its range in
    the train rows.
    """
    inputs = []
    for column in schema.inputs:
        values = train[column.name].dropna()
        low: float | str | None = None
        high: float | str | None = None
        if column.type in ("number", "integer") and len(values):
            low, high = float(values.min()), float(values.max())
        elif column.type in ("date", "time") and len(values):
            form = "%Y-%m-%d" if column.type == "date" else "%Y-%m-%dT%H:%M:%SZ"
            low, high = values.min().strftime(form), values.max().strftime(form)
        inputs.append(Input(column.name, column.type, column.nullable, low, high, column.levels))
    return inputs


def describe_features(model: Pipeline, definition: Definition) -> Features:
    """Return the feature definition as data, its columns in the order the fitted encoder gives them, with the codes of
    each category and the position of each level.
    """
    encode = model["encode"]
    categories = list(encode.transformers_[0][2])
    codes = _codes(encode.named_transformers_["category"], categories) if categories else {}
    levels = {feature.name: feature.levels for feature in definition.columns if feature.type == "ordinal"}
    columns = []
    for name in map(str, encode.get_feature_names_out()):
        if name in codes:
            columns.append(Column(name, "category", codes[name]))
        elif name in levels:
            columns.append(Column(name, "ordinal", {level: place for place, level in enumerate(levels[name])}))
        else:
            columns.append(Column(name, "number"))
    return Features(definition.derive, columns)


def _codes(encoder: Any, names: list[str]) -> dict[str, dict[str, int]]:
    """Each category column's codes, asked of the fitted encoder itself: pooled rare categories share one."""
    made: dict[str, dict[str, int]] = {}
    for position, name in enumerate(names):
        categories = [value for value in encoder.categories_[position] if isinstance(value, str)]
        if not categories:  # always missing
            made[name] = {}
            continue
        frame = pd.DataFrame({other: categories if other == name else [None] * len(categories) for other in names})
        given = encoder.transform(frame)[:, position]
        made[name] = {value: int(code) for value, code in zip(categories, given, strict=True)}
    return made
