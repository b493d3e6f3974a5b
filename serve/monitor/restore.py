"""Puts back the files that this process holds open when someone has deleted or moved their folder (`git clean -fdx`).

What is written into a deleted file is seen by no other process. The system still names such a file and has its content:
so each is written anew under its name, and takes the old one's place under the same descriptor, lock and address in
memory. Whoever writes to it (Prometheus' client, too, whose files cannot be opened again) notices nothing. Linux only.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GONE = " (deleted)"
"""What /proc puts behind the name of a file that is no more."""
FIXED = 0x10
"""MAP_FIXED: the new pages take the place of the old ones."""

HERE, NEW_ONLY = -100, 1
"""AT_FDCWD, RENAME_NOREPLACE."""

_libc = ctypes.CDLL(None, use_errno=True)
_mmap = _libc.mmap
_mmap.restype = ctypes.c_void_p
_mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


class Stretch(NamedTuple):
    """A part of memory that is a part of a file."""

    name: str
    start: int
    size: int
    offset: int


def restore(folder: Path) -> None:
    """Put back every file of the folder that this process holds and that is not there under its name.

    One that another process has put back already is shared with it again. Raises OSError where that cannot be written.
    """
    lost = [(name, old) for name, old in _held(folder) if not _is_there(folder / name, old)]
    stretches = _stretches(folder)
    opened: dict[str, int] = {}
    for name, old in lost:
        if name not in opened:
            opened[name] = _open_again(folder / name, old)
        os.dup2(opened[name], old, inheritable=False)
    for stretch in stretches:
        if stretch.name in opened:
            _map_anew(stretch, opened[stretch.name])
    for new in opened.values():
        os.close(new)


def _held(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each open file of the folder, wherever that lies now: the name it had there, and the descriptor."""
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the list's own
            path = Path(str(link.readlink()).removesuffix(GONE))
            if path.parent.name == folder.name:
                yield path.name, int(link.name)


def _is_there(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _open_again(path: Path, old: int) -> int:
    """Open the file that has the path now: one with the old content and lock, if nobody was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new, part = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        os.fchmod(new, os.fstat(old).st_mode & 0o777)
        with Path(f"/proc/self/fd/{old}").open("rb") as content, open(new, "wb", closefd=False) as copy:
            shutil.copyfileobj(content, copy)
        if _is_locked(old):
            fcntl.flock(new, fcntl.LOCK_EX)  # before the others see it, who take one without for a dead one's
        _rename(part, path)
    except FileExistsError:
        os.close(new)
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    finally:
        Path(part).unlink(missing_ok=True)
    return new


def _rename(old: str, new: Path) -> None:
    """Rename a file. Raises FileExistsError where the name is taken."""
    if _libc.renameat2(HERE, os.fsencode(old), HERE, os.fsencode(new), NEW_ONLY):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(new))


def _is_locked(descriptor: int) -> bool:
    return "\nlock:" in Path(f"/proc/self/fdinfo/{descriptor}").read_text()


def _stretches(folder: Path) -> list[Stretch]:
    """Return where in memory files of the folder stand."""
    found = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, offset, *_, path = line.split(maxsplit=5)
        where = Path(path.removesuffix(GONE))
        if rights == "rw-s" and where.parent.name == folder.name:
            start, end = (int(address, 16) for address in span.split("-"))
            found.append(Stretch(where.name, start, end - start, int(offset, 16)))
    return found


def _map_anew(stretch: Stretch, descriptor: int) -> None:
    rights, kind = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED | FIXED
    if _mmap(stretch.start, stretch.size, rights, kind, descriptor, stretch.offset) != stretch.start:
        raise OSError(ctypes.get_errno(), "a lost file cannot be shared again")
