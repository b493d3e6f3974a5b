"""The model in use: which one it is, and whether it can answer for today's clean table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stages.contracts.manifest import Champion, Input, Manifest
from stages.core.errors import ModelError
from stages.core.files import read_struct, sha256
from stages.table.schema import Column, Schema

if TYPE_CHECKING:
    import pandas as pd

POINTER = Path("model/champion.json")
FOLDER = Path("model/champion")
NEEDED = ("manifest.json", "model.onnx")
ALIKE = ({"number", "integer"}, {"category", "ordinal"})
"""Types whose values a model reads alike."""


def read_pointer(pointer: Path = POINTER) -> Champion:
    """Return which model is in use. Raises ModelError where the file is missing or damaged."""
    try:
        return read_struct(pointer, Champion)
    except FileNotFoundError:
        raise ModelError(f"{pointer} is missing. Restore it: git restore {pointer}") from None
    except ValueError:
        raise ModelError(f"{pointer} is damaged. Restore it: git restore {pointer}") from None


def read_verified(pointer: Path = POINTER, folder: Path = FOLDER) -> Manifest:
    """Return the champion's manifest. Raises ModelError unless the folder holds the very files the pointer names."""
    named = read_pointer(pointer).files
    for name in NEEDED:
        path = folder / name
        if not path.exists() or sha256(path) != named.get(name):
            raise ModelError(f"{path} is missing or not the file {pointer} names. Restore it: git restore {folder}")
    return read_struct(folder / "manifest.json", Manifest)


def explain_incomparable(manifest: Manifest, schema: Schema) -> str:
    """Return why the model cannot be scored on today's clean table, as a sentence's end; empty where it can."""
    target = manifest.target
    if manifest.task != schema.task:
        return f"it was made for a {manifest.task} target, and today's is {schema.task}"
    if target.name != schema.target.name:
        return f"it predicts {target.name}, not {schema.target.name}"
    if set(target.classes) != set(schema.target.classes):
        return f"its classes are {_list_names(target.classes)}, and today's are {_list_names(schema.target.classes)}"
    if target.positive != schema.target.positive:
        return f"it gives the probability of {target.positive}, not of {schema.target.positive}"
    gone = list_lacking_inputs(manifest, schema)
    if gone:
        return f"the clean table no longer has its inputs {', '.join(gone)}, or has them with another type or levels"
    return ""


def explain_unknown_split(manifest: Manifest, schema: Schema, rows: pd.DataFrame) -> str:
    """Return why nobody can say which of the rows the model has learnt from, as a sentence's end; empty where that is
    known.
    """
    rule = manifest.split
    if rule is None:
        return "its manifest does not say which rows it has learnt from"
    gone = [name for name in rule.columns if name not in rows or schema.types.get(name) != rule.types.get(name)]
    if gone:
        return f"its rows were split by {_list_names(gone)}, which the clean table lacks or has as another type"
    if rule.split.by == "time" and rows[rule.split.column].isna().any():
        return f"its rows were split by {rule.split.column}, which is missing in rows of today's table"
    return ""


def list_lacking_inputs(manifest: Manifest, schema: Schema) -> list[str]:
    """Return the inputs of the model that the clean table no longer has, or has with another type, or with levels that
    the model does not know.
    """
    columns = {column.name: column for column in schema.inputs}
    return [needed.name for needed in manifest.inputs if not _provides(columns.get(needed.name), needed)]


def _provides(column: Column | None, needed: Input) -> bool:
    if column is None or not (column.type == needed.type or {column.type, needed.type} in ALIKE):
        return False
    return needed.type != "ordinal" or set(column.levels) <= set(needed.levels)


def _list_names(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
