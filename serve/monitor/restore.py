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

DELETED_SUFFIX = " (deleted)"
"""What /proc puts behind the name of a file that is no more."""
MAP_FIXED = 0x10
"""Of mmap: the new pages take the place of the old ones."""
AT_FDCWD, RENAME_NOREPLACE = -100, 1
"""Of renameat2: paths are taken from the current folder; a file that is there is never replaced."""

_libc = ctypes.CDLL(None, use_errno=True)
_mmap = _libc.mmap
_mmap.restype = ctypes.c_void_p
_mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]


class MappedRegion(NamedTuple):
    """A part of memory that is a part of a file."""

    name: str
    start: int
    size: int
    offset: int


def restore(folder: Path) -> None:
    """Put back every file of the folder that this process holds and that is not there under its name.

    One that another process has put back already is shared with it again. Raises OSError where that cannot be written.
    """
    lost = [(name, old) for name, old in _list_open_files(folder) if not _is_in_place(folder / name, old)]
    regions = _list_mapped_regions(folder)
    opened: dict[str, int] = {}
    for name, old in lost:
        if name not in opened:
            opened[name] = _recreate(folder / name, old)
        os.dup2(opened[name], old, inheritable=False)
    for region in regions:
        if region.name in opened:
            _remap(region, opened[region.name])
    for new in opened.values():
        os.close(new)


def _list_open_files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each open file of the folder, wherever that lies now: the name it had there, and the descriptor."""
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the list's own
            path = Path(str(link.readlink()).removesuffix(DELETED_SUFFIX))
            if path.parent.name == folder.name:
                yield path.name, int(link.name)


def _is_in_place(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _recreate(path: Path, old: int) -> int:
    """Return a descriptor of the file that now has the path: with the old content and lock, if nobody was faster."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        os.fchmod(new, os.fstat(old).st_mode & 0o777)
        with Path(f"/proc/self/fd/{old}").open("rb") as content, open(new, "wb", closefd=False) as copy:
            shutil.copyfileobj(content, copy)
        if _is_locked(old):
            fcntl.flock(new, fcntl.LOCK_EX)  # before the others see it, who take one without for a dead one's
        _rename(temporary, path)
    except FileExistsError:
        os.close(new)
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return new


def _rename(old: str, new: Path) -> None:
    """Rename a file. Raises FileExistsError where the name is taken."""
    if _libc.renameat2(AT_FDCWD, os.fsencode(old), AT_FDCWD, os.fsencode(new), RENAME_NOREPLACE):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(new))


def _is_locked(descriptor: int) -> bool:
    return "\nlock:" in Path(f"/proc/self/fdinfo/{descriptor}").read_text()


def _list_mapped_regions(folder: Path) -> list[MappedRegion]:
    """Return where in memory files of the folder stand."""
    regions = []
    for line in Path("/proc/self/maps").read_text().splitlines():
        span, rights, offset, *_, path = line.split(maxsplit=5)
        file = Path(path.removesuffix(DELETED_SUFFIX))
        if rights == "rw-s" and file.parent.name == folder.name:
            start, end = (int(address, 16) for address in span.split("-"))
            regions.append(MappedRegion(file.name, start, end - start, int(offset, 16)))
    return regions


def _remap(region: MappedRegion, descriptor: int) -> None:
    rights, kind = mmap.PROT_READ | mmap.PROT_WRITE, mmap.MAP_SHARED | MAP_FIXED
    if _mmap(region.start, region.size, rights, kind, descriptor, region.offset) != region.start:
        raise OSError(ctypes.get_errno(), "a lost file cannot be shared again")
