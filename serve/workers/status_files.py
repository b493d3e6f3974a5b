"""What the processes of one server tell each other: which reload was requested last, and what each worker serves.

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

from stages.core.files import write_bytes

REQUEST_FILE = "asked.number"
T = TypeVar("T")


class Status(msgspec.Struct, frozen=True):
    """What a worker serves since which reload, or why it still serves what it did.

    Files say `asked`, as they always have: a server may be deployed to by later code than its own.
    """

    pid: int
    reload_number: int = msgspec.field(name="asked")
    version: str | None = None
    approved: bool = False
    error: str | None = None


class Server(msgspec.Struct, frozen=True):
    """A running server: its process, where it listens, its workers' folder and how many they are."""

    pid: int
    address: str
    folder: str
    workers: int


class StatusFile:
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
        """Write another value. Spaces cover what is left of a longer text before."""
        content = msgspec.json.encode(value)
        os.pwrite(self._file, content.ljust(os.fstat(self._file).st_size), 0)


def read_statuses(folder: Path) -> list[Status]:
    """Return what each living worker of a server says."""
    return _read_held(folder, "*.worker", Status)


def read_servers(folder: Path) -> list[Server]:
    """Return the living servers that write their logs to the folder; remove what dead ones left."""
    return _read_held(folder / ".servers", "*.json", Server)


def open_worker_file(folder: Path) -> StatusFile:
    """Open this worker's status file."""
    return StatusFile(folder / f"{os.getpid()}.worker")


def open_server_file(logs: Path) -> StatusFile:
    """Open this server's status file."""
    return StatusFile(logs / ".servers" / f"{os.getpid()}.json")


def read_reload_number(folder: Path) -> int:
    """Return the number of the reload that was requested last, 0 before the first one."""
    try:
        return int((folder / REQUEST_FILE).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def request_reload(folder: Path) -> None:
    """Ask every worker to load what is to be served now, by a higher number.

    It is the time, so that it is higher, too, where somebody has deleted the folder with the last one.
    """
    number = max(read_reload_number(folder) + 1, time.time_ns())
    write_bytes(folder / REQUEST_FILE, str(number).encode())


def _read_held(folder: Path, pattern: str, value_type: type[T]) -> list[T]:
    """Return what stands in the locked files; remove the others."""
    values = []
    for path in sorted(folder.glob(pattern)):
        with contextlib.suppress(FileNotFoundError, msgspec.DecodeError), path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                values.append(msgspec.json.decode(file.read(), type=value_type))
            else:
                path.unlink()
    return values
