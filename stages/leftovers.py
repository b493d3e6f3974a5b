"""What a killed DVC leaves half-written, put right before DVC reads it, because DVC itself then refuses to run.

DVC writes `.dvc/tmp/rwlock` (who reads and writes what) and `dvc.lock` in place, and copies files under temporary
names. Both of its locks are held while anything is removed, so nothing of a process that still works is touched. The
other files need nothing: the kernel frees `.dvc/tmp/lock` and `.dvc/tmp/rwlock.lock`, and `.dvc/tmp/btime` is empty.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
import yaml
import zc.lockfile

from stages.core.errors import BusyError
from stages.core.files import write_bytes
from stages.transaction import aside, replacement
from stages.transaction.committed import check_champion
from stages.transaction.repository import GitError, check, read_at

LOCK = Path("dvc.lock")
TMP = Path(".dvc/tmp")
GUARDS = (TMP / "lock", TMP / "rwlock.lock")
"""In the order in which DVC takes them."""
RWLOCK = TMP / "rwlock"
CONFIGS = (Path(".dvc/config"), Path(".dvc/config.local"))
"""Where DVC is told how to lock."""
KEPT = TMP / "dvc.lock"
"""The last whole `dvc.lock` of the `make repro` that runs."""
CACHE = Path(".dvc/cache")
RUNS = CACHE / "runs"
OUTPUTS = (Path("data"), Path("metrics"), Path("model"), Path("reports"))
TEMPORARY = re.compile(r".*\.[\w-]{22}\.tmp")
PATIENCE_S = 5.0
"""How long another DVC may hold its lock before this gives up; most hold it for a moment."""
CLOCK_S = 2.0
"""How far the start of a process and the date of a file may be apart by rounding."""


def recover() -> str | None:
    """Do what every command does first here: put right what killed ones left, and refuse a champion that git does not
    have. Return the subject of a decision that was recorded all the same.

    An approval or adoption that is at work is left alone. Raises PipelineError where something cannot be put right.
    """
    clear_leftovers()
    recorded = None
    with suppress(BusyError), aside.locked():
        recorded = aside.recover()
        replacement.recover()
    check_champion()
    return recorded


def clear_leftovers(patience_s: float = PATIENCE_S) -> None:
    """Remove or restore what killed processes left half-written, and say so on stderr, a line for each.

    Raises BusyError, with nothing touched, while another process works in this folder, and GitError outside of git.
    """
    check()
    if _is_locked_by_links():
        return
    until = time.monotonic() + patience_s
    while TMP.is_dir() and (holders := _clear()):
        if time.monotonic() > until:
            raise BusyError(
                f"another process works in this folder: {'; '.join(holders)}. Nothing was touched. "
                "Wait until it has ended, or end it, and run this again."
            )
        time.sleep(0.1)


def keep_lock() -> None:
    """Copy `dvc.lock` if it is whole, so that a kill while DVC writes the next one costs one stage."""
    if not LOCK.exists():
        KEPT.unlink(missing_ok=True)
    elif is_whole(content := LOCK.read_bytes()):
        write_bytes(KEPT, content)


def is_whole(lock: bytes) -> bool:
    """Return whether DVC takes this for a `dvc.lock`, and it does not end in the middle of a line."""
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA  # takes a tenth of a second
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(yaml.load(lock, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, UnicodeDecodeError, Invalid):
        return False
    return lock.endswith(b"\n")


def read_holders(rwlock: str) -> list[tuple[int, str]] | None:
    """Return the process and the command of each entry; None where the file was cut off."""
    try:
        modes = json.loads(rwlock)
        writers, readers = modes.get("write", {}).values(), modes.get("read", {}).values()
        entries = [*writers, *(entry for several in readers for entry in several)]
        return [(int(entry["pid"]), str(entry["cmd"])) for entry in entries]
    except (ValueError, AttributeError, KeyError, TypeError):
        return None


def is_alive(pid: int, written: float) -> bool:
    """Return whether the process of that number is the one that a file of that date names.

    Numbers are given again, in a container within moments: who started after the file was written is another one. One
    that has ended and was not fetched by its parent does nothing any more.
    """
    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= written + CLOCK_S)
    except psutil.NoSuchProcess:
        return False


def _is_locked_by_links() -> bool:
    """Return whether DVC locks as for network disks: there a lock's file is the lock, and none may be left behind."""
    configs = [path for path in CONFIGS if path.exists()]
    return any("hardlink_lock" in path.read_text(encoding="utf-8") for path in configs)


def _clear() -> list[str]:
    """Clear all, or return who works here."""
    with ExitStack() as stack:
        for guard in GUARDS:
            try:
                stack.enter_context(closing(zc.lockfile.LockFile(str(guard))))
            except zc.lockfile.LockError:
                return [f"DVC (process {guard.read_text(encoding='utf-8').strip()})"]
        holders = read_holders(RWLOCK.read_text(encoding="utf-8")) if RWLOCK.exists() else []
        if holders != []:
            written = RWLOCK.stat().st_mtime
            alive = [f"{cmd} (process {pid})" for pid, cmd in holders or [] if is_alive(pid, written)]
            if alive := sorted({*alive, *_find_stages()}):
                return alive
            RWLOCK.unlink()
            _tell(f"{RWLOCK}, {'cut off' if holders is None else 'held'} by a process that is gone, was removed")
        _restore_lock()
        _remove_temporary()
    return []


def _find_stages() -> Iterator[str]:
    """Yield the stages that still run here though their DVC is gone."""
    stages = {f"stages.{name}" for name in yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"]}
    for process in _find_processes(Path.cwd()):
        if process.info["cwd"] == str(Path.cwd()) and stages.intersection(process.info["cmdline"] or []):
            yield f"{' '.join(process.info['cmdline'])} (process {process.pid})"


def _find_processes(folder: Path) -> list[psutil.Process]:
    """Return the processes that run in the folder or below."""
    found = psutil.process_iter(["cwd", "cmdline"])
    return [process for process in found if process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(folder)]


def _restore_lock() -> None:
    if not LOCK.exists() or is_whole(lock := LOCK.read_bytes()) or b"<<<<<<<" in lock:  # a merge is for a person
        return
    for source, content in _find_locks():
        if is_whole(content):
            write_bytes(LOCK, content)
            _tell(f"{LOCK}, which a kill cut off, was restored from {source}")
            return
    LOCK.unlink()
    _tell(f"{LOCK}, which a kill cut off, was removed: git has none, so every stage runs again")


def _find_locks() -> Iterator[tuple[str, bytes]]:
    """Yield where a whole `dvc.lock` may be, and its content, the nearest first."""
    if KEPT.exists():
        yield "the run that was killed", KEPT.read_bytes()
    with suppress(GitError):
        yield "git", read_at("HEAD", LOCK)


def _remove_temporary() -> None:
    """Remove what DVC copied and had not yet renamed, and folders of its run cache into which it had put nothing yet.

    Experiments share the cache and have locks of their own: while one runs, nothing is removed there.
    """
    places = [place for place in (CACHE, *OUTPUTS) if place.is_dir() and not place.is_symlink()]
    found = [path for place in places for path in place.rglob("*.tmp") if TEMPORARY.fullmatch(path.name)]
    folders = [path for path in RUNS.glob("*/*") if all(inner in found for inner in path.iterdir())]
    if (found or folders) and _find_processes(TMP.resolve()):
        found, folders = [path for path in found if not path.is_relative_to(CACHE)], []
    for path in found:
        path.unlink()
        _tell(f"{path}, which a kill cut off, was removed")
    for path in folders:
        path.rmdir()
        _tell(f"{path}, which a kill left empty, was removed")


def _tell(line: str) -> None:
    print(f"{line}.", file=sys.stderr)


def main() -> None:
    """Clear; where another process works here say so, and leave what to do to the command that follows."""
    try:
        clear_leftovers()
    except BusyError as error:
        print(error, file=sys.stderr)
    except GitError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
