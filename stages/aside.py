"""A commit that is made aside: in a clone below `.dvc/tmp`, whole before branch, tags and checkout see any of it.

A kill leaves one of two things. Before the branch has moved: a folder that nobody reads. After it: a checkout that lags
behind its branch. The next command tells them apart by the clone's commit, and removes the folder or ends the work.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from stages.champion import POINTER
from stages.errors import PipelineError
from stages.files import write_together

CLONE = Path(".dvc/tmp/aside")
LOCK = Path(".dvc/tmp/aside.lock")
BASE = "base/HEAD"
"""What the clone calls the commit it was made of."""


class AsideError(PipelineError):
    """A command that must not fail did."""


class BusyError(AsideError):
    """Another process makes its commit."""


def call(*command: str, cwd: Path | None = None) -> str:
    """Return the command's output. Raises AsideError with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    if done.returncode:
        raise AsideError(f"`{' '.join(command)}` failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


@contextmanager
def clone() -> Iterator[Path]:
    """Give this folder's twin in a clone of HEAD with the same git settings, hooks, DVC cache and logs.

    The clone is gone when the block ends, unless the branch has its commit and the checkout could not follow. Raises
    BusyError while another process has one.
    """
    with _locked():
        discard(CLONE)
        try:
            settings, hooks = (Path(_git("rev-parse", "--git-path", name)).absolute() for name in ("config", "hooks"))
            options = ["--config", f"include.path={settings}", "--config", f"core.hooksPath={hooks}"]
            top = _git("rev-parse", "--show-toplevel")
            call("git", "clone", "--quiet", "--shared", "--origin", BASE.split("/")[0], *options, top, str(CLONE))
            yield _furnished(_twin())
        finally:
            if not lags():
                discard(CLONE)


def take_over() -> None:
    """Move the branch to the clone's commit, with its tags, in one step and only forward; then the checkout follows.

    Done twice it is the same as once.
    """
    branch = _git("symbolic-ref", "--quiet", "HEAD")
    refs = [f"HEAD:{branch}", "refs/tags/*:refs/tags/*"]
    call("git", "fetch", "--quiet", "--atomic", "--no-prune", "--no-tags", "--update-head-ok", str(CLONE), *refs)
    twin = _twin()
    names = call("git", "diff", "--name-only", "--relative", "-z", BASE, "HEAD", cwd=twin).split("\0")[:-1]
    names.sort(key=lambda name: (name.startswith(str(POINTER.with_suffix(""))), name == str(POINTER)))
    for name in names:
        if not (twin / name).exists():
            Path(name).unlink(missing_ok=True)
    write_together({Path(name): (twin / name).read_bytes() for name in names if (twin / name).exists()})
    call("git", "reset", "--quiet", "--", *names)
    call("dvc", "checkout", "--quiet")
    discard(CLONE)


def discard(folder: Path) -> None:
    """Remove a folder that means something by being there: at once, as a half of it would mean something else."""
    gone = folder.with_name(f"{folder.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    if folder.exists():
        folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def recover() -> None:
    """End the work of a process that was killed where the branch has its commit, else remove what it left aside.

    What is at work is left alone.
    """
    if not CLONE.exists():
        return
    with suppress(BusyError), _locked():
        if lags():
            take_over()
            print("A decision was killed after it was made: the checkout is now at its commit.", file=sys.stderr)
        else:
            discard(CLONE)
            print("A decision was killed before it was made: nothing of it remains.", file=sys.stderr)


def lags() -> bool:
    """Whether the branch is at a commit that was made aside, and the checkout may not be."""
    commits = ["git", f"--git-dir={CLONE / '.git'}", "rev-parse", "HEAD", BASE]
    done = subprocess.run(commits, capture_output=True, text=True, check=False)
    if done.returncode:
        return False
    made, base = done.stdout.split()
    return made != base and made == _git("rev-parse", "HEAD")


def _furnished(twin: Path) -> Path:
    local = Path(".dvc/config.local")
    if local.exists():
        shutil.copy(local, twin / local)
    call("dvc", "cache", "dir", "--local", call("dvc", "cache", "dir").strip(), cwd=twin)
    Path("logs").mkdir(exist_ok=True)
    (twin / "logs").symlink_to(Path("logs").absolute())
    return twin


def _twin() -> Path:
    return CLONE / _git("rev-parse", "--show-prefix")


def _git(*arguments: str) -> str:
    return call("git", *arguments).strip()


@contextmanager
def _locked() -> Iterator[None]:
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError("another decision is being recorded here. Wait until it is done.") from None
        yield
