"""The model in use: which one it is, and whether it can answer for today's clean table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stages.core.errors import ModelError
from stages.core.files import read_json, sha256
from stages.table.schema import Column, Schema

POINTER = Path("model/champion.json")
FOLDER = Path("model/champion")
NEEDED = ("manifest.json", "model.onnx")
ALIKE = ({"number", "integer"}, {"category", "ordinal"})
"""Types whose values a model reads alike."""


def version(pointer: Path = POINTER) -> str | None:
    """The champion's version, or None while no model was approved."""
    try:
        found: str | None = read_json(pointer)["version"]
    except FileNotFoundError:
        raise ModelError(f"{pointer} is missing. Restore it: git restore {pointer}") from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(f"{pointer} is damaged. Restore it: git restore {pointer}") from None
    return found


def verified(pointer: Path = POINTER, folder: Path = FOLDER) -> dict[str, Any]:
    """The champion's manifest. Raises ModelError unless the folder holds the very files the pointer names."""
    named = read_json(pointer).get("files", {})
    for name in NEEDED:
        path = folder / name
        if not path.exists() or sha256(path) != named.get(name):
            raise ModelError(f"{path} is missing or not the file {pointer} names. Restore it: git restore {folder}")
    manifest: dict[str, Any] = read_json(folder / "manifest.json")
    return manifest


def incomparable(manifest: dict[str, Any], schema: Schema) -> str:
    """Why the model cannot be scored on today's clean table, as a sentence's end; empty where it can."""
    task, target = manifest.get("task", "binary"), manifest["target"]
    if task != schema.task:
        return f"it was made for a {task} target, and today's is {schema.task}"
    if target["name"] != schema.target.name:
        return f"it predicts {target['name']}, not {schema.target.name}"
    if set(target["classes"]) != set(schema.target.classes):
        return f"its classes are {_listed(target['classes'])}, and today's are {_listed(schema.target.classes)}"
    if target.get("positive") != schema.target.positive:
        return f"it gives the probability of {target.get('positive')}, not of {schema.target.positive}"
    gone = lacking(manifest, schema)
    if gone:
        return f"the clean table no longer has its inputs {', '.join(gone)}, or has them with another type or levels"
    return ""


def lacking(manifest: dict[str, Any], schema: Schema) -> list[str]:
    """The inputs of the model that the clean table no longer has, or has with another type, or with levels that the
    model does not know.
    """
    have = {column.name: column for column in schema.inputs}
    return [wanted["name"] for wanted in manifest["inputs"] if not _serves(have.get(wanted["name"]), wanted)]


def _serves(column: Column | None, wanted: dict[str, Any]) -> bool:
    if column is None or not (column.type == wanted["type"] or {column.type, wanted["type"]} in ALIKE):
        return False
    return wanted["type"] != "ordinal" or set(column.levels) <= set(wanted.get("levels") or [])


def _listed(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
