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

from serve.monitor.request_record import RequestRecord

logger = logging.getLogger(__name__)


class AccessLog:
    """The log of one worker process."""

    def __init__(self, path: Path, rotate_bytes: int, backups: int) -> None:
        self._path = path
        self._rotate_bytes = rotate_bytes
        self._backups = backups
        self._lines: list[bytes] = []
        self._encode = msgspec.json.Encoder().encode_lines
        self._file: int | None = None
        self._is_failing = False

    def add(self, line: dict[str, Any], *, at_once: bool = False) -> None:
        """Add one line, stamped with the time (UTC); written with the next flush, or `at_once`."""
        self._lines.append(
            msgspec.json.encode({"time": TimestampFormatter().format(time.perf_counter()), **line}) + b"\n"
        )
        if at_once:
            self.flush()

    def add_requests(self, records: Sequence[RequestRecord]) -> None:
        """Add a line for each request; written with the next flush. Changes the records into what is logged."""
        timestamps = TimestampFormatter()
        for record in records:
            record.time = timestamps.format(float(record.time))
            record.ms = int(record.ms * 1000) / 1000
        self._lines.append(self._encode(records))

    def flush(self) -> None:
        """Write what was gathered."""
        lines, self._lines = self._lines, []
        if not lines:
            return
        try:
            _write_all(self._open_current(), b"".join(lines))
            self._is_failing = False
        except OSError as error:
            if not self._is_failing:
                logger.error("%s cannot be written (%s); its lines are dropped until it can", self._path, error)
            self._is_failing = True

    def close(self) -> None:
        """Write what was gathered and close the file."""
        self.flush()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _open_current(self) -> int:
        """Return the open file; a new one where this or another worker has rotated it, or someone moved it away."""
        if self._file is not None and not _is_same_file(self._path, self._file):
            os.close(self._file)
            self._file = None
        if self._file is None:
            self._file = _open_for_append(self._path)
        if os.fstat(self._file).st_size >= self._rotate_bytes:
            self._rotate()
        return self._file

    def _rotate(self) -> None:
        """Rename: api.log becomes api.log.1, that one api.log.2, …; of several workers only the first one does it."""
        lock = _open_for_append(self._path.with_name(f".{self._path.name}.lock"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._file is not None and _is_same_file(self._path, self._file):
                for number in range(self._backups, 0, -1):
                    older = self._path if number == 1 else self._backup_path(number - 1)
                    if older.exists():
                        older.replace(self._backup_path(number))
        finally:
            os.close(lock)
        if self._file is not None:
            os.close(self._file)
        self._file = None
        self._file = _open_for_append(self._path)

    def _backup_path(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


class TimestampFormatter:
    """Writes times of `time.perf_counter` as a person reads them (UTC); the second of one is kept for the next."""

    def __init__(self) -> None:
        self._epoch_offset = time.time() - time.perf_counter()
        self._second = -1
        self._text = ""

    def format(self, counter: float) -> str:
        """Return the time such as 2026-11-22T23:09:50.111Z."""
        seconds = self._epoch_offset + counter
        second = int(seconds)
        if second != self._second:
            self._second, self._text = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._text}.{int((seconds - second) * 1000):03d}Z"


def _open_for_append(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _is_same_file(path: Path, file: int) -> bool:
    """Return whether the open file is the one the path names now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except FileNotFoundError:
        return False


def _write_all(file: int, content: bytes) -> None:
    """Write the whole content; a disk that takes only a part of it raises OSError at the rest."""
    while content:
        content = content[os.write(file, content) :]
