"""What git has of this project, wherever it lies: every path is taken from the current folder, which may be one of a
larger repository or of a worktree.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from stages.core.errors import PipelineError

NO_REPOSITORY = (
    "this folder is no git repository, as after the download of a zip. Type\n"
    "    git init && git add --all && git commit --message start\n"
    "and then the same command again."
)


class GitError(PipelineError):
    """Git cannot do what was asked."""


def git(*arguments: str, folder: Path | None = None, stdin: bytes | None = None) -> bytes:
    """Return what git says in this folder, to `stdin` where it reads some. Raises GitError with its complaint."""
    try:
        english = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(
            ["git", *arguments], cwd=folder, env=english, input=stdin, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or not on PATH.") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()
        raise GitError(
            NO_REPOSITORY if "not a git repository" in complaint else f"`git {' '.join(arguments)}` failed: {complaint}"
        )
    return done.stdout


def check() -> None:
    """Raise GitError, with what to type, unless this folder lies in a git repository."""
    git("rev-parse", "--git-dir")


def read_at(revision: str, path: Path) -> bytes:
    """Return the file as that revision has it. Raises GitError where it has none."""
    return git("show", f"{revision}:./{path.as_posix()}")


def find_commit(revision: str) -> str:
    """Return the commit of a branch, tag or commit's beginning. Raises GitError where there is none."""
    check()
    try:
        return git("rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except GitError:
        raise GitError(f"there is no revision '{revision}'. Give a branch, tag or commit: BASE=main") from None


def clone(target: Path, *options: str, source: Path | None = None) -> Path:
    """Clone what is committed, with these options of git's, and return this project's folder in the clone."""
    top, here = git("rev-parse", "--show-toplevel", "--show-prefix", folder=source).decode().split("\n")[:2]
    git("clone", "--quiet", *options, top, str(target))
    return target / here


def find_changes() -> list[str]:
    """Return the paths in this folder that git does not have as they are: changed, staged, new or gone."""
    above = os.fsdecode(git("rev-parse", "--show-prefix")).rstrip("\n")
    entries = os.fsdecode(git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", "."))
    return [entry[3:].removeprefix(above) for entry in entries.split("\0") if entry]
