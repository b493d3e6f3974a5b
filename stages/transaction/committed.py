"""Whether git has the champion: only `make approve` makes one, and commits it before anybody can see it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from stages.core.errors import ModelError

POINTER = "model/champion.json"


def check_champion(root: Path = Path()) -> None:
    """Raise ModelError when a champion is named that no commit of this repository has.

    Where there is no git, or it does not keep the pointer (a packed service, a container), nothing can be said.
    """
    try:
        named = json.loads((root / POINTER).read_bytes())["version"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # whoever wants to know the champion says so
    if named is None:
        return
    try:
        blob = _git(root, "hash-object", POINTER)
        found = _git(root, "cat-file", "--batch-check", asked=f"HEAD:./{POINTER}\n{blob}").splitlines()
    except OSError:
        return
    missing = [line.endswith(" missing") for line in found]
    if missing == [False, True]:
        raise ModelError(
            f"{POINTER} names version {named}, which git does not have: no approval made it. Undo it: "
            f"git restore {POINTER} {POINTER.removesuffix('.json')}"
        )


def _git(root: Path, *arguments: str, asked: str = "") -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, input=asked, capture_output=True, text=True, check=False).stdout
