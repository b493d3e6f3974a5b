"""The proof by hashes alone: that the committed lock is about the code, params and inputs it is committed with.

DVC hashes what git has of HEAD, in a clone that lasts as long as that takes. What its cache alone has is not read: the
lock must say the same of it at the stage that makes it and at each that reads it. So a lock that was forgotten is
found; that a stage makes what the lock says is not proved: that takes a run.
"""

from __future__ import annotations

import reprlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from dvc.exceptions import DvcException
from dvc.output import Output
from dvc.repo import Repo
from dvc.stage import PipelineStage
from dvc_data.hashfile.build import build
from dvc_data.hashfile.hash_info import HashInfo
from dvc_data.hashfile.obj import HashFile
from dvc_data.hashfile.tree import Tree

from stages.storage.outputs import FOLDER
from stages.transaction.repository import clone, git
from stages.verify.lock import LOCK, Part, VerifyError, list_parts, read_committed

MD5 = "md5"
REPRO = (
    f"Run `make repro` and commit {LOCK} with what it makes; where that changes nothing, git lacks a file: git status."
)
KEPT = f"DVC keeps in {LOCK} what dvc.yaml names no longer:"
ABSENT = object()
"""The value of a part that is not there: None is one that a parameter may have."""


class Difference(NamedTuple):
    """What differs, how, and what to do."""

    what: str
    how: str
    advice: str


def check_lock() -> str:
    """Return in a line that the lock matches. Raises VerifyError, which names all that differs and what to do."""
    lock = read_committed()
    if git("status", "--porcelain", "--", "."):
        print("verify: there are uncommitted changes; only what is committed is compared", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        project = clone(Path(folder) / "clone")
        committed = list_parts(lock)
        try:
            found = list(compare(committed, read_parts(project, committed)))
        except DvcException as error:
            raise VerifyError(f"DVC cannot read what is committed: {error}") from None
    if found:
        told = [f"  {one.what}: {one.how}" for one in found] + list(dict.fromkeys(one.advice for one in found))
        raise VerifyError("\n".join([f"the committed {LOCK} does not match what is committed:", *told]))
    return f"verify: {LOCK} matches the committed code, params and inputs, in all {len(lock)} stages"


def compare(committed: dict[Part, Any], present: dict[Part, Any]) -> Iterator[Difference]:
    """Yield each difference between the parts of the lock and those that are there, whole stages first."""
    locked, listed = ({part.stage: None for part in parts} for parts in (committed, present))
    for stage in listed:
        if stage not in locked:
            yield Difference(f"stage {stage}", f"not in {LOCK}", REPRO)
    for stage in locked:
        if stage not in listed:
            yield Difference(f"stage {stage}", "not in dvc.yaml", f"{KEPT} delete the entry of stage {stage} by hand.")
    before, now = _split(committed), _split(present)
    for part in before | now:
        if part.stage in locked and part.stage in listed and before.get(part, ABSENT) != now.get(part, ABSENT):
            yield _explain(part, before, now)


def _explain(part: Part, before: dict[Part, Any], now: dict[Part, Any]) -> Difference:
    if part not in now:
        again = f"{KEPT} `dvc repro --force {part.stage}` writes the entry of stage {part.stage} anew."
        return Difference(str(part), f"in {LOCK} only", again)
    if part not in before:
        return Difference(str(part), f"not in {LOCK}", REPRO)
    if now[part] is None and part.kind != "params":
        return Difference(str(part), "not in git", f"Commit {part.name}, or take it out of dvc.yaml.")
    if part.kind == "params":
        return Difference(str(part), f"{reprlib.repr(now[part])}, in {LOCK} {reprlib.repr(before[part])}", REPRO)
    makers = [one.stage for one in before if one.kind == "outs" and one.name == part.name]
    others = [one for one in makers if before[Part(one, "outs", part.name)] != before[part]]
    return Difference(str(part), f"not what stage {others[0]} makes" if others else "changed", REPRO)


def _split(parts: dict[Part, Any]) -> dict[Part, Any]:
    """Return the parts with one for each parameter, where a lock has whole sections."""
    return {
        part._replace(name=name): leaf
        for part, value in parts.items()
        for name, leaf in (_list_leaves(part.name, value) if part.kind == "params" else [(part.name, value)])
    }


def _list_leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or not value:
        yield name, value
        return
    for key, inner in value.items():
        yield from _list_leaves(f"{name}.{key}", inner)


def read_parts(project: Path, committed: dict[Part, Any]) -> dict[Part, Any]:
    """Return the parts that the lock of a project must have, each with the value of its files; None where git has none.

    committed: the parts that it has, which alone tell the values of what git need not have.
    """
    with Repo(str(project), config={"core": {"site_cache_dir": str(project / ".dvc" / "tmp")}}) as repo:
        listed = [one for one in repo.index.stages if isinstance(one, PipelineStage)]
        stages = [one for one in listed if Path(one.path).parent == Path(repo.root_dir)]  # those that this lock is of
        kept = Kept.of(repo, stages, committed)
        return {part: value for stage in stages for part, value in _read_stage(stage, kept, committed)}


def _read_stage(stage: PipelineStage, kept: Kept, committed: dict[Part, Any]) -> Iterator[tuple[Part, Any]]:
    yield Part(stage.name, "cmd", ""), stage.cmd
    for file in stage.params:
        for key, value in file.read_params().items():
            yield Part(stage.name, "params", f"{file.def_path}:{key}"), value
    items = [("deps", dep) for dep in stage.deps if dep not in stage.params] + [("outs", out) for out in stage.outs]
    for kind, item in items:
        part = Part(stage.name, kind, item.def_path)
        yield part, kept.find_hash(item, committed.get(part))


class Kept(NamedTuple):
    """What git need not have, by path: the hash of outputs as the lock says it, and of sources as their pointers do."""

    outputs: dict[Path, str | None]
    sources: dict[Path, str]

    @classmethod
    def of(cls, repo: Repo, stages: list[PipelineStage], committed: dict[Part, Any]) -> Kept:
        """Collect it from the stages and the pointers of a project."""
        outputs = {
            Path(out.fs_path): committed.get(Part(stage.name, "outs", out.def_path))
            for stage in stages
            for out in stage.outs
            if out.use_cache or (not out.exists and repo.scm.is_ignored(out.fs_path))
        }
        pointers = [one for one in repo.index.stages if one.is_data_source]
        sources = {Path(out.fs_path): out.hash_info.value for pointer in pointers for out in pointer.outs}
        return cls(outputs, sources)

    def find_hash(self, item: Output, locked: str | None) -> str | None:
        """Return the hash of a file or folder; None where git has none, `locked` where that cannot be known."""
        path = Path(item.fs_path)
        if path in self.outputs or path in self.sources:
            return self.outputs.get(path) or self.sources.get(path) or locked
        if not item.is_in_repo or self._is_mixed(path):
            return locked
        within = {one.relative_to(path).parts: md5 for one, md5 in self.sources.items() if one.is_relative_to(path)}
        if not item.exists and not within:
            return None
        return hash_item(item, within)

    def _is_mixed(self, path: Path) -> bool:
        """Whether the path has, or lies in, what is known by the hash of a whole alone."""
        wholes = [*self.outputs, *(one for one, md5 in self.sources.items() if md5.endswith(FOLDER))]
        return any(one.is_relative_to(path) or path.is_relative_to(one) for one in wholes)


def hash_item(item: Output, within: dict[tuple[str, ...], str]) -> str:
    """Return the hash of a file or folder as DVC has it; `within`: the folder's files that are not in their place."""
    found: HashFile = Tree()  # type: ignore[no-untyped-call]
    if item.exists:
        _, _, found = build(item.cache, item.fs_path, item.fs, MD5, ignore=item.dvcignore, dry_run=True)
    if isinstance(found, Tree):
        for name, md5 in within.items():
            found.add(name, None, HashInfo(MD5, md5))
        found.digest()
    return str(found.hash_info.value)
