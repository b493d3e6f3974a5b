"""Which local modules a module imports, directly or not, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path

LOCAL = ("stages", "serve")


def closure(module: str, root: Path = Path()) -> set[str]:
    """The files (relative to the root) of the module and of every local module it imports, packages' too."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        for part in _with_packages(name):
            path = _file(part, root)
            if path is not None and str(path) not in found:
                found.add(str(path))
                waiting += _imported((root / path).read_text(encoding="utf-8"), part, root)
    return found


def _imported(source: str, module: str, root: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports are not used here"
            names.append(str(node.module))
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name.split(".")[0] in LOCAL and _file(name, root) is not None]


def _with_packages(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _file(module: str, root: Path) -> Path | None:
    base = Path(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if (root / path).is_file():
            return path
    return None
