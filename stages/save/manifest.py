"""`model/manifest.json`: all that a service or a person must know of a saved model, and nothing of when or where."""

from __future__ import annotations

from typing import Any

import msgspec
import pandas as pd
from sklearn.pipeline import Pipeline

from stages.table.schema import Schema
from stages.transform.definition import Definition

FORMAT = 2


def inputs(schema: Schema, train: pd.DataFrame) -> list[dict[str, Any]]:
    """Each input's name, type, whether it may be missing, and, where it is ordered, its levels or its range in the
    train rows.
    """
    made = []
    for column in schema.inputs:
        entry: dict[str, Any] = {"name": column.name, "type": column.type, "nullable": column.nullable}
        values = train[column.name].dropna()
        if column.type in ("number", "integer") and len(values):
            entry |= {"low": float(values.min()), "high": float(values.max())}
        elif column.type in ("date", "time") and len(values):
            form = "%Y-%m-%d" if column.type == "date" else "%Y-%m-%dT%H:%M:%SZ"
            entry |= {"low": values.min().strftime(form), "high": values.max().strftime(form)}
        elif column.type == "ordinal":
            entry["levels"] = column.levels
        made.append(entry)
    return made


def features(model: Pipeline, definition: Definition) -> dict[str, Any]:
    """The feature definition as data, its columns in the order the fitted encoder gives them, with the codes of each
    category and the position of each level.
    """
    encode = model["encode"]
    categories = list(encode.transformers_[0][2])
    codes = _codes(encode.named_transformers_["category"], categories) if categories else {}
    levels = {feature.name: feature.levels for feature in definition.columns if feature.type == "ordinal"}
    columns: list[dict[str, Any]] = []
    for name in map(str, encode.get_feature_names_out()):
        kind: dict[str, Any] = {"type": "number"}
        if name in codes:
            kind = {"type": "category", "codes": codes[name]}
        elif name in levels:
            kind = {"type": "ordinal", "codes": {level: place for place, level in enumerate(levels[name])}}
        columns.append({"name": name, **kind})
    return {"derive": msgspec.to_builtins(definition.derive), "columns": columns}


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
