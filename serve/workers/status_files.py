"""What the processes of one server tell each other: which taking-up was asked for last, and what each worker serves.

Small files in the folder that the server's workers share. A worker keeps a lock on its own, which falls free when it
ends, however it ends: so a file without one is of the dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import TypeVar

import msgspec

ASKED = "asked.number"
T = TypeVar("T")


class Status(msgspec.Struct, frozen=True):
    """What a worker serves since which taking-up, or why it still serves what it did."""

    pid: int
    asked: int
    version: str | None = None
    approved: bool = False
    error: str | None = None


class Server(msgspec.Struct, frozen=True):
    """A running server: its process, where it listens, its workers' folder and how many they are."""

    pid: int
    address: str
    folder: str
    workers: int


class Post:
    """A file that is this process's as long as it lives."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        while True:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            if os.fstat(self._file).st_nlink:  # nobody took it for a dead one's meanwhile
                return
            os.close(self._file)

    def write(self, value: msgspec.Struct) -> None:
        """Say something else. Spaces cover what is left of a longer text before."""
        content = msgspec.json.encode(value)
        os.pwrite(self._file, content.ljust(os.fstat(self._file).st_size), 0)


def statuses(folder: Path) -> list[Status]:
    """What each living worker of a server says."""
    return _held(folder, "*.worker", Status)


def servers(folder: Path) -> list[Server]:
    """The servers that write their logs to the folder and live; what dead ones left is taken away."""
    return _held(folder / ".servers", "*.json", Server)


def worker(folder: Path) -> Post:
    """This worker's post."""
    return Post(folder / f"{os.getpid()}.worker")


def server(logs: Path) -> Post:
    """This server's post."""
    return Post(logs / ".servers" / f"{os.getpid()}.json")


def asked(folder: Path) -> int:
    """The number of the taking-up that was asked for last, 0 before the first one."""
    try:
        return int((folder / ASKED).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def ask(folder: Path) -> None:
    """Ask every worker to take up what is to be served now, by a higher number.

    It is the time, so that it is higher, too, where somebody has deleted the folder with the last one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{ASKED}.part"
    part.write_text(str(max(asked(folder) + 1, time.time_ns())))
    part.replace(folder / ASKED)


def _held(folder: Path, pattern: str, kind: type[T]) -> list[T]:
    """What stands in the locked files; the others are removed."""
    found = []
    for path in sorted(folder.glob(pattern)):
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(msgspec.json.decode(file.read(), type=kind))
            else:
                path.unlink()
    return found
