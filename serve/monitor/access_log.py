"""logs/api.log: one JSON line a request, written off the request's path, shared by all workers and rotated.

Lines are gathered and written by one append (`O_APPEND`: lines of several workers never mix), at once for a failed
request. A full disk or a folder taken away never fails a request: it is told once, and the lines are dropped.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from serve.monitor.request_record import Asked

logger = logging.getLogger(__name__)


class ApiLog:
    """The log of one worker process."""

    def __init__(self, path: Path, rotate_bytes: int, backups: int) -> None:
        self._path = path
        self._rotate_bytes = rotate_bytes
        self._backups = backups
        self._lines: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode_lines
        self._file: int | None = None
        self._broken = False

    def add(self, line: dict[str, Any], *, at_once: bool = False) -> None:
        """Add one line, stamped with the time (UTC); written with the next flush, or `at_once`."""
        self._lines.append(msgspec.json.encode({"time": Stamps().of(time.perf_counter()), **line}) + b"\n")
        if at_once:
            self.flush()

    def answered(self, requests: Sequence[Asked]) -> None:
        """Add a line for each request; written with the next flush."""
        stamps = Stamps()
        for asked in requests:
            asked.time = stamps.of(float(asked.time))
            asked.ms = int(asked.ms * 1000) / 1000
        self._lines.append(self._encode(requests))

    def flush(self) -> None:
        """Write what was gathered."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            _write(self._current(), b"".join(lines))
            self._broken = False
        except OSError as error:
            if not self._broken:
                logger.error("%s cannot be written (%s); its lines are dropped until it can", self._path, error)
            self._broken = True

    def close(self) -> None:
        """Write what was gathered and close the file."""
        self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _current(self) -> int:
        """The open file; a new one where this or another worker has rotated it, or someone moved it away."""
        if self._file is not None and not _is(self._path, self._file):
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._file = _open(self._path)
        if os.fstat(self._file).st_size >= self._rotate_bytes:
            self._rotate()
        return self._file

    def _rotate(self) -> None:
        """api.log becomes api.log.1, that one api.log.2, …; of several workers only the first one does it."""
        lock = _open(self._path.with_name(f".{self._path.name}.lock"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._file is not None and _is(self._path, self._file):
                for number in range(self._backups, 0, -1):
                    older = self._path if number == 1 else self._backup(number - 1)
                    if older.exists():
                        older.replace(self._backup(number))
        finally:
            os.close(lock)
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._file = _open(self._path)

    def _backup(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class Stamps:
    """Times of `time.perf_counter` as a person reads them (UTC); the seconds of one are kept for the next."""

    def __init__(self) -> None:
        self._offset = time.time() - time.perf_counter()
        self._second = -1
        self._text = ""

    def of(self, counter: float) -> str:
        """Such as 2026-11-22T23:09:50.111Z."""
        moment = self._offset + counter
        second = int(moment)
        if second != self._second:
            self._second, self._text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{int((moment - second) * 1000):03d}Z"


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _is(path: Path, file: int) -> bool:
    """Whether the open file is the one the path names now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _write(file: int, content: bytes) -> None:
    """The whole content; a disk that takes only a part of it raises at the rest."""
    while content:
        content = content[os.write(file, content) :]
