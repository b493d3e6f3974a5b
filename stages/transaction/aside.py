"""A commit that is made aside: in a clone below `.dvc/tmp`, whole before branch, tags and checkout see any of it.

A kill leaves one of two things. Before the branch has moved: a folder that nobody reads. After it: a checkout that lags
behind its branch. The next command tells them apart by the clone's commit, and removes the folder or ends the work.
Whoever changes the checkout as a whole holds the one lock, so what it finds is of somebody who is gone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.core.errors import BusyError, PipelineError
from stages.core.files import write_together
from stages.model.champion import POINTER
from stages.transaction.repository import GitError, git
from stages.transaction.repository import clone as clone_to

CLONE = Path(".dvc/tmp/aside")
LOCK = Path(".dvc/tmp/aside.lock")
SHARED = (Path("logs"), Path(".checkpoints"))
"""What the clone has in common with this folder."""
BASE = "base/HEAD"
"""What the clone calls the commit it was made of."""


class AsideError(PipelineError):
    """A command that must not fail did."""


def call(*command: str, cwd: Path | None = None) -> str:
    """Return the command's output. Raises AsideError with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode:
        raise AsideError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


@contextmanager
def clone() -> Iterator[Path]:
    """Give this folder's twin in a clone of HEAD with the same git settings, hooks, DVC cache, logs and checkpoints.

    The clone is gone when the block ends, unless the branch has its commit and the checkout could not follow. Raises
    BusyError while another process has one.
    """
    with locked():
        discard(CLONE)
        try:
            settings, hooks = (Path(_git("rev-parse", "--git-path", name)).absolute() for name in ("config", "hooks"))
            options = ["--config", f"include.path={settings}", "--config", f"core.hooksPath={os.devnull}"]
            twin = clone_to(CLONE, "--shared", "--origin", BASE.split("/")[0], *options)
            _furnish(twin)
            git("config", "core.hooksPath", str(hooks), folder=CLONE)  # those of a checkout may want DVC's cache
            yield twin
        finally:
            if not lags():
                discard(CLONE)


def take_over() -> None:
    """Move the branch to the clone's commit, with its tags, in one step and only forward; then the checkout follows.

    Done twice it is the same as once. What DVC cannot bring is said, as `make repro` makes it.
    """
    branch = _git("symbolic-ref", "--quiet", "HEAD")
    refs = [f"HEAD:{branch}", "refs/tags/*:refs/tags/*"]
    git("fetch", "--quiet", "--atomic", "--no-prune", "--no-tags", "--update-head-ok", str(CLONE.absolute()), *refs)
    twin = CLONE / _git("rev-parse", "--show-prefix")
    names = os.fsdecode(git("diff", "--name-only", "--relative", "-z", BASE, "HEAD", folder=twin)).split("\0")[:-1]
    names.sort(key=lambda name: (name.startswith(str(POINTER.with_suffix(""))), name == str(POINTER)))
    for name in names:
        if not (twin / name).exists():
            Path(name).unlink(missing_ok=True)
    write_together({Path(name): (twin / name).read_bytes() for name in names if (twin / name).exists()})
    git("reset", "--quiet", "--", *names)
    discard(CLONE)
    if not any(name.endswith((".dvc", "dvc.lock")) for name in names):
        return  # what DVC keeps is as it was, with whatever a person did to it
    try:
        call("dvc", "checkout", "--force")
    except (AsideError, OSError) as error:
        print(f"Not every output came with the decision; make repro makes what is missing. {error}", file=sys.stderr)


def discard(folder: Path) -> None:
    """Remove a folder that means something by being there: at once, as a half of it would mean something else."""
    gone = folder.with_name(f"{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def recover() -> str | None:
    """End the work of a process that was killed where the branch has its commit, else remove what it left aside.

    Return the subject of that commit. Whoever calls this holds the lock.
    """
    if not CLONE.exists():
        return None
    made = find_made()
    if made is None:
        discard(CLONE)
        print("A decision was killed before it was made: nothing of it remains.", file=sys.stderr)
        return None
    if lags():
        take_over()
        now = "the checkout is now at its commit."
    else:
        discard(CLONE)
        now = f"commits have followed it; see whether they keep it: git diff {made} HEAD"
    print(f"A decision was killed after it was made: {now}", file=sys.stderr)
    return _git("log", "-1", "--format=%s", made)


def find_made() -> str | None:
    """Return the commit that was made aside if the branch has it."""
    try:
        made, base = _git(f"--git-dir={CLONE / '.git'}", "rev-parse", "HEAD", BASE).split()
        git("merge-base", "--is-ancestor", made, "HEAD")
    except GitError:
        return None
    return None if made == base else made


def lags() -> bool:
    """Whether the branch is at a commit that was made aside, and the checkout may not be."""
    return find_made() == _git("rev-parse", "HEAD")


def share_cache(folder: Path) -> None:
    """Give the DVC project that lies below this one its cache. DVC writes only ASCII: hence by a relative path."""
    cache = os.path.relpath(call("dvc", "cache", "dir").strip(), folder)
    call("dvc", "cache", "dir", "--local", cache, cwd=folder)


def _furnish(twin: Path) -> None:
    local = Path(".dvc/config.local")
    if local.exists():
        shutil.copy(local, twin / local)
    share_cache(twin)
    for shared in SHARED:
        shared.mkdir(exist_ok=True)
        (twin / shared).symlink_to(shared.absolute())


def _git(*arguments: str) -> str:
    return git(*arguments).decode().strip()


@contextmanager
def locked() -> Iterator[None]:
    """Hold the lock of whoever changes the checkout as a whole. Raises BusyError while another process has it."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("another approval or adoption is at work here. Wait until it is done.") from None
        yield
