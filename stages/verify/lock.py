"""The committed lock, part by part."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML  # what DVC reads and writes the file with: YAML 1.2, where yes is a text
from ruamel.yaml.error import YAMLError

from stages.core.errors import PipelineError
from stages.transaction.repository import git, read_at

LOCK = Path("dvc.lock")

Lock = dict[str, dict[str, Any]]


class VerifyError(PipelineError):
    """What the code makes is not what is committed, or not the same twice."""


class Part(NamedTuple):
    """One thing a lock says of a stage: its command, a parameter, or a file it reads (deps) or writes (outs)."""

    stage: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.name or 'the command'} ({self.kind} of stage {self.stage})"


def read_committed() -> Lock:
    """Return what the lock of HEAD says of each stage. Raises VerifyError where there is none, or it cannot be read."""
    if not git("ls-files", str(LOCK)):
        raise VerifyError(f"{LOCK} is not committed. Run `make repro` and commit {LOCK} first.")
    return read_stages(read_at("HEAD", LOCK).decode())


def read_stages(text: str) -> Lock:
    """Return what the text of a lock says of each stage. Raises VerifyError where it is none."""
    try:
        stages: Lock = dict(YAML(typ="safe").load(text)["stages"])
    except (YAMLError, KeyError, TypeError, ValueError):
        raise VerifyError(f"{LOCK} cannot be read. After a merge: make resolve; else: git restore {LOCK}") from None
    return stages


def list_parts(lock: Lock) -> dict[Part, Any]:
    """Return every part of a lock with its value (the hash, for files), in the order of the lock."""
    found: dict[Part, Any] = {}
    for stage, entry in lock.items():
        found[Part(stage, "cmd", "")] = entry.get("cmd")
        for file, values in entry.get("params", {}).items():
            found |= {Part(stage, "params", f"{file}:{key}"): value for key, value in values.items()}
        for kind in ("deps", "outs"):
            found |= {Part(stage, kind, each["path"]): each.get("md5") for each in entry.get(kind, [])}
    return found
