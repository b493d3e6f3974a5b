"""Whether git has the champion: only `make approve` makes one, and commits it before anybody can see it."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import suppress
from pathlib import Path

from stages.core.errors import ModelError

POINTER = "model/champion.json"
PRODUCTION = re.compile(r"model#production(?P<out>!?)#(?P<number>\d+)")
"""GTO's tags that say what was put in production, or taken out."""


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
        listed = _git(
            root, "for-each-ref", "--format=%(refname:short) %(*objectname) %(objectname)", "refs/tags/model#*"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    commit = _find_production(listed.splitlines())
    if commit is None or named is None:
        return ""
    registered, held = "none", None
    if commit:
        with suppress(ValueError, KeyError, TypeError):
            held = json.loads(_git(root, "show", f"{commit}:./{POINTER}"))["version"]
        versions = _git(root, "tag", "--list", "model@*", "--points-at", commit).split()
        registered = f"{versions[0].removeprefix('model@') if versions else 'a version'} (model {held})"
    if held == named:
        return ""
    return (
        f"The registry (gto show) has {registered} in production, but {POINTER} names model {named}, which is what is "
        "served. To serve another version: make rollback TO=<version>; to correct the registry: gto assign model "
        "--version <version> --stage production --simple false."
    )


def _find_production(tags: list[str]) -> str | None:
    """Return the commit of what the tags say is in production: the last that was put there and not taken out.

    Empty where all were taken out, None where nothing ever was there.
    """
    events = []
    for line in tags:
        name, *objects = line.split()
        if found := PRODUCTION.fullmatch(name):
            events.append((int(found["number"]), found["out"], objects[0]))
    there: dict[str, int] = {}
    for number, out, commit in sorted(events):
        there.pop(commit, None)
        if not out:
            there[commit] = number
    return max(there, key=lambda commit: there[commit], default="") if events else None


def _git(root: Path, *arguments: str, asked: str = "") -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, input=asked, capture_output=True, text=True, check=False).stdout
