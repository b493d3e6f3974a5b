"""The rooms of the code: what each may use, so that there is no way round in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter

import pytest
from imports import LOCAL
from small import ROOT


def room_of(module: str) -> str:
    """The room that a module lies in: of `stages.train.fit` it is `stages.train`; serve/ is one room here."""
    parts = module.split(".")
    return parts[0] if parts[0] == "serve" else ".".join(parts[:2])


def arrows() -> dict[str, set[str]]:
    """The other rooms that each room imports from."""
    found: dict[str, set[str]] = {}
    for path in sorted(file for top in LOCAL for file in (ROOT / top).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module == "stages":
                names = [f"stages.{alias.name}" for alias in node.names]
            rooms = {room_of(name) for name in names if name and name.split(".")[0] in LOCAL}
            found.setdefault(room_of(module), set()).update(rooms - {room_of(module)})
    return found


def test_no_room_uses_another_that_uses_it() -> None:
    try:
        TopologicalSorter(arrows()).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' → '.join(reversed(error.args[1]))}")
