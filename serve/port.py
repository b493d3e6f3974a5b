"""Who listens at a port, as Linux tells."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

LISTENS = "0A"


def find_listener(port: int, proc: Path = Path("/proc")) -> tuple[int, str] | None:
    """Return the process that listens at the port, the one that began first, and its command line.

    None where there is none, or it is another user's, of whom the system does not tell.
    """
    sockets = {f"socket:[{inode}]" for inode in _inodes(port, proc)}
    found = []
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_link(link) in sockets for link in (folder / "fd").iterdir()):
                began = int((folder / "stat").read_text().rpartition(")")[2].split()[19])
                words = (folder / "cmdline").read_text(errors="replace").rstrip("\0").split("\0")
                found.append((began, int(folder.name), shlex.join(words)))
    return min(found)[1:] if found else None


def _inodes(port: int, proc: Path) -> list[str]:
    """Return the sockets that listen at the port, of all addresses."""
    found = []
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):  # no IPv6
            for line in (proc / "net" / table).read_text().splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if state == LISTENS and int(local.rpartition(":")[2], 16) == port:
                    found.append(rest[5])
    return found


def _link(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError):  # closed meanwhile
        return os.readlink(path)  # noqa: PTH115 (it is no path)
    return ""
