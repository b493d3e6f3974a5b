"""The project as a revision has it, or as it lies here: files that git has, and those that DVC keeps."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from stages.core.errors import PipelineError
from stages.storage.address import find_url
from stages.storage.check import matches
from stages.storage.outputs import LOCK, find_cache, place
from stages.transaction import replacement
from stages.transaction.repository import GitError, git, read_at
from stages.verify.lock import Lock, read_stages


class Snapshot:
    """A revision by its commit, or without one what lies here. `lost` says what could not be had, and why."""

    def __init__(self, name: str, commit: str = "") -> None:
        self.name, self.commit = name, commit
        self.lost: list[str] = []
        content = self.read(LOCK)
        self.lock: Lock = read_stages(content.decode()) if content else {}

    def read(self, path: Path) -> bytes | None:
        """Return a file that git has; None where there is none."""
        if not self.commit:
            return path.read_bytes() if path.exists() else None
        with contextlib.suppress(GitError):
            return read_at(self.commit, path)
        return None

    def locate(self, path: Path, folder: Path) -> Path | None:
        """Return where a file that DVC keeps lies whole: here, in the cache, or in the folder, fetched from the remote.

        None where it is not to be had.
        """
        try:
            return self._find(path, folder)
        except PipelineError as error:
            self.lost.append(f"{path} of {self.name}: {str(error).rstrip('.')}")
            return None

    def _find(self, path: Path, folder: Path) -> Path:
        if not self.commit:
            if path.exists():
                return path
            raise PipelineError("it is not here: make repro")
        outs = [out for entry in self.lock.values() for out in entry.get("outs", []) if out["path"] == path.as_posix()]
        if not outs:
            raise PipelineError("its dvc.lock names none")
        md5 = outs[0]["md5"]
        there: Path = find_cache() / place(md5)
        if there.is_file() and matches(there, md5):
            return there
        if not find_url():
            raise PipelineError("it is not in the cache, and no remote is set")
        try:
            return _fetch(md5, folder)
        except PipelineError as error:
            raise PipelineError(f"it is not in the cache, and {error}") from None

    def list_sources(self) -> dict[str, str]:
        """Return the hash of each source by its name; of one that DVC keeps that of its pointer."""
        where = [replacement.SOURCE.as_posix(), replacement.POINTERS.as_posix()]
        if self.commit:
            entries = os.fsdecode(git("ls-tree", "-r", "-z", self.commit, "--", *where)).split("\0")
            pairs = [(Path(name), head.split()[2]) for head, _, name in (one.partition("\t") for one in entries if one)]
        else:
            paths = os.fsdecode(git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *where))
            here = [path for path in dict.fromkeys(paths.split("\0")) if path and Path(path).is_file()]
            hashes = git("hash-object", "--", *here).decode().split() if here else []
            pairs = [(Path(path), one) for path, one in zip(here, hashes, strict=True)]
        return {path.name.removesuffix(".dvc"): one for path, one in pairs if _is_source(path)}


def _fetch(md5: str, folder: Path) -> Path:
    from stages.storage.remote import Remote  # all of DVC: half a second, which few reviews need

    remote = Remote()
    remote.check()
    target: Path = folder / md5
    remote.fetch(md5, target)
    if not matches(target, md5):
        raise PipelineError(f"{remote.url} does not have it whole")
    return target


def _is_source(path: Path) -> bool:
    """Whether it is data, or the pointer to some: what is told of the folder beside them is none."""
    if path.suffix == ".dvc":
        return path.parent == replacement.POINTERS
    return path.parent == replacement.SOURCE and path.name != "README.md" and not path.name.startswith(".")
