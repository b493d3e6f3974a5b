"""Trials as DVC experiments: commits below refs/exps/, made from HEAD, which `dvc exp show` lists and `dvc exp apply`
takes.

`dvc exp run` and `dvc exp save` take seconds each, as they go through the whole pipeline. A trial differs from what is
here in two small files, so that git alone writes its commit, in one step; no file of the folder and no index changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from stages.core.errors import PipelineError, did_you_mean
from stages.transaction.repository import git, read_at

NAMESPACE = "refs/exps"


class Baseline(NamedTuple):
    """What experiments are made from: HEAD, the files that git has with their changes of now, this folder's place
    among them, and who makes them; `names` are those there were before.
    """

    head: str
    tree: str
    folder: str
    author: str
    names: frozenset[str]


def find_baseline() -> Baseline:
    """Return what experiments are made from now. Raises GitError where git does not know who makes them."""
    author = git("var", "GIT_COMMITTER_IDENT").decode().rpartition(">")[0] + ">"
    head, folder = git("rev-parse", "HEAD", "--show-prefix").decode().split("\n")[:2]
    changed = git("stash", "create").decode().strip()  # a commit that nothing names; none without changes
    tree = git("rev-parse", f"{changed or head}^{{tree}}").decode().strip()
    names = [ref.removeprefix(_place(head)) for ref in _list_refs() if ref.startswith(_place(head))]
    return Baseline(head, tree, folder, author, frozenset(names))


def record(baseline: Baseline, name: str, message: str, contents: Mapping[Path, bytes]) -> None:
    """Make an experiment of that name in which these files are other ones, unless there is one."""
    if name in baseline.names:
        return
    commit = [
        b"feature done",
        f"commit {_place(baseline.head)}{name}".encode(),
        f"committer {baseline.author} now".encode(),
        _data(message.encode()),
        f"from {baseline.head}".encode(),
        f"M 040000 {baseline.tree} ".encode(),
    ]
    for path, content in contents.items():
        commit += [f"M 100644 inline {baseline.folder}{path.as_posix()}".encode(), _data(content)]
    git("fast-import", "--quiet", "--date-format=now", stdin=b"\n".join([*commit, b"done\n"]))


def read(name: str, path: Path) -> bytes:
    """Return a file of an experiment. Raises PipelineError where there is none of that name."""
    refs = [ref for ref in _list_refs() if ref.endswith(f"/{name}")]
    if not refs:
        names = [ref.rpartition("/")[2] for ref in _list_refs()]
        raise PipelineError(f"no experiment is named '{name}'.{did_you_mean(name, names)} make experiments lists them.")
    return read_at(refs[-1], path)


def _place(head: str) -> str:
    """Return below what DVC looks for the experiments of a commit."""
    return f"{NAMESPACE}/{head[:2]}/{head[2:]}/"


def _list_refs() -> list[str]:
    """Return the full name of each experiment, the oldest first."""
    return git("for-each-ref", "--sort=committerdate", "--format=%(refname)", f"{NAMESPACE}/*/*/*").decode().split()


def _data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)
