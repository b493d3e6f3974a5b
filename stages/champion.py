"""The model in use: which one it is, and whether today's clean table still has what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stages.errors import ModelError
from stages.files import read_json, sha256
from stages.schema import Schema

POINTER = Path("model/champion.json")
FOLDER = Path("model/champion")
NEEDED = ("manifest.json", "model.onnx")


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


def lacking(manifest: dict[str, Any], schema: Schema) -> list[str]:
    """The inputs of the model that the clean table no longer has, or has with another type."""
    have = {column.name: column.type for column in schema.inputs}
    numbers = {"number", "integer"}
    return [
        wanted["name"]
        for wanted in manifest["inputs"]
        if have.get(wanted["name"]) != wanted["type"] and not {have.get(wanted["name"]), wanted["type"]} <= numbers
    ]
