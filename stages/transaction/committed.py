"""Whether git has the champion: only `make approve` makes one, and commits it before anybody can see it."""

from __future__ import annotations

import json
import subprocess
from contextlib import suppress
from pathlib import Path

from stages.core.errors import ModelError

POINTER = "model/champion.json"
PRODUCTION = "model#production#"
"""How GTO's tags begin that say what is in use; the highest number is the latest."""


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


def describe_disagreement(root: Path = Path()) -> str:
    """Return how the registry, which is git's tags, and the champion disagree; nothing where they do not.

    They do where somebody used `gto assign` by hand, or has not fetched the tags.
    """
    try:
        named = json.loads((root / POINTER).read_bytes())["version"]
        tags = _git(root, "tag", "--list", f"{PRODUCTION}*").split()
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    numbers = [tag.removeprefix(PRODUCTION) for tag in tags]
    latest = max((number for number in numbers if number.rstrip("!").isdigit()), key=_count, default="")
    if not latest or named is None:
        return ""
    registered, held = "none", None
    if not latest.endswith("!"):  # which would say that it was taken out
        commit = f"refs/tags/{PRODUCTION}{latest}"
        with suppress(ValueError, KeyError, TypeError):
            held = json.loads(_git(root, "show", f"{commit}:./{POINTER}"))["version"]
        versions = _git(root, "tag", "--list", "model@*", "--points-at", f"{commit}^{{commit}}").split()
        registered = f"{versions[0].removeprefix('model@') if versions else 'a version'} (model {held})"
    if held == named:
        return ""
    return (
        f"The registry (gto show) has {registered} in production, but {POINTER} names model {named}, which is what is "
        "served. To serve another version: make rollback TO=<version>; to correct the registry: gto assign model "
        "--version <version> --stage production --simple false."
    )


def _count(number: str) -> int:
    return int(number.rstrip("!"))


def _git(root: Path, *arguments: str, asked: str = "") -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, input=asked, capture_output=True, text=True, check=False).stdout
