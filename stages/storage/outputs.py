"""What DVC keeps of this project: the files that `dvc.lock` and the pointers to large sources name, by their MD5."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from stages.core.errors import PipelineError
from stages.transaction import replacement

LOCK = Path("dvc.lock")
FOLDER = ".dir"
"""How the hash of a folder ends: it is that of the list of its files."""
CHUNK = 1 << 20


class Output(NamedTuple):
    """A file or folder, its hash, its size in bytes, and who makes it: a stage, or the pointer to a source.

    Where it is not `kept`, git has it and DVC's cache does not.
    """

    path: Path
    md5: str
    size: int
    owner: str
    kept: bool

    @property
    def is_source(self) -> bool:
        """Whether no stage can make it again."""
        return self.owner.endswith(".dvc")


def list_outputs() -> list[Output]:
    """Return all of them, sources first. Raises PipelineError where a file of DVC's is none."""
    found = list_sources()
    kept = replacement.list_outputs()
    stages = (_read(LOCK).get("stages") or {}) if LOCK.exists() else {}
    for stage, entry in stages.items():
        for out in entry.get("outs", []):
            if out["path"] in kept:  # DVC keeps what a stage of another name made once
                found.append(Output(Path(out["path"]), out["md5"], out.get("size", 0), stage, kept[out["path"]]))
    return found


def list_sources(project: Path = Path()) -> list[Output]:
    """Return the sources that DVC keeps, as a project's pointers have them."""
    pointers = [one.relative_to(project) for one in sorted((project / replacement.POINTERS).glob("*.dvc"))]
    return [
        Output(pointer.parent / out["path"], out["md5"], out.get("size", 0), pointer.as_posix(), True)
        for pointer in pointers
        for out in _read(project / pointer).get("outs", [])
    ]


def find_cache() -> Path:
    """Return the folder of DVC's cache in which an object lies by its hash."""
    done = subprocess.run(["dvc", "cache", "dir"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PipelineError(f"`dvc cache dir` failed: {done.stderr.strip()}")
    return Path(done.stdout.strip()) / "files" / "md5"


def place(md5: str) -> str:
    """Return where an object lies below a cache or a remote."""
    return f"{md5[:2]}/{md5[2:]}"


def find_absent(outputs: list[Output], cache: Path) -> list[Output]:
    """Return those that are neither in their place nor in the cache."""
    return [one for one in outputs if one.kept and not one.path.exists() and not (cache / place(one.md5)).exists()]


def digest(path: Path, tell: Callable[[int], object] = lambda _: None) -> str:
    """Return the MD5 of a file; `tell` hears how many bytes were read."""
    found = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
            tell(len(chunk))
    return found.hexdigest()


def digest_folder(path: Path, tell: Callable[[int], object] = lambda _: None) -> str:
    """Return the hash of a folder as DVC has it: of the list of its files."""
    return hashlib.md5(write_list(path, tell), usedforsecurity=False).hexdigest() + FOLDER


def write_list(folder: Path, tell: Callable[[int], object] = lambda _: None) -> bytes:
    """Return the list of a folder's files as DVC keeps it."""
    files = {one.relative_to(folder).as_posix(): digest(one, tell) for one in folder.rglob("*") if one.is_file()}
    listed = [{"md5": md5, "relpath": name} for name, md5 in sorted(files.items())]
    return json.dumps(listed, sort_keys=True).encode()


def read_list(content: bytes) -> list[tuple[str, str]]:
    """Return name and hash of each file that the list of a folder holds."""
    return [(file["relpath"], file["md5"]) for file in json.loads(content)]


def _read(path: Path) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8")
    if "<<<<<<< " in text:
        raise PipelineError(f"{path} has conflicts of a merge. Settle what people wrote, then make resolve.")
    try:
        return dict(yaml.safe_load(text) or {})
    except (ValueError, yaml.YAMLError) as error:
        raise PipelineError(f"{path} cannot be read: {error}. Get it back: git restore {path}") from None
