"""Requests and failures counted by every worker, summed over all of them: one alert for a server, not one a worker."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
from pathlib import Path
from typing import NamedTuple

LEADER_FILE = "alert.lead"
COUNTS_FORMAT = struct.Struct("=qq")


class Counts(NamedTuple):
    """How many requests there were since the server's start, and how many of them failed."""

    requests: int
    failed: int


class SharedCounts:
    """This worker's counts, in a small file of its own that the other workers can read.

    The folder is emptied when the server starts and shared by its workers. A dead worker's file stays, and what stood
    in one that somebody deleted is remembered: sums never fall.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        file = os.open(folder / f"{os.getpid()}.tally", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        os.ftruncate(file, COUNTS_FORMAT.size)
        self._memory = mmap.mmap(file, COUNTS_FORMAT.size)
        os.close(file)
        self._requests, self._failed = COUNTS_FORMAT.unpack(self._memory)
        self._last_read: dict[str, tuple[int, int]] = {}

    def add(self, requests: int, failed: int) -> None:
        """Count some requests, of which some failed."""
        self._requests += requests
        self._failed += failed
        COUNTS_FORMAT.pack_into(self._memory, 0, self._requests, self._failed)

    def sum_all(self) -> Counts:
        """Return the counts of all workers."""
        for file in self._folder.glob("*.tally"):
            with contextlib.suppress(FileNotFoundError, struct.error):  # gone meanwhile, or not yet written
                requests, failed = COUNTS_FORMAT.unpack(file.read_bytes())
                before = self._last_read.get(file.name, (0, 0))
                self._last_read[file.name] = max(before[0], requests), max(before[1], failed)
        pairs = self._last_read.values()
        return Counts(sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))


def alert_is_on(folder: Path) -> bool:
    """Return whether the leader of a server's workers has said so, or the last one had when it ended."""
    try:
        return (folder / LEADER_FILE).read_bytes()[:1] == b"1"
    except FileNotFoundError:
        return False


class LeaderLock:
    """The lock of the worker that judges for all; it falls free when that worker ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = os.open(folder / LEADER_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def try_acquire(self) -> bool:
        """Take the lock if it is free; return whether this worker holds it.

        To be asked anew each time: with a file that was put back, another worker may be faster.
        """
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def alert_on(self) -> bool:
        """Whether an alert is on: kept in the file, so that a new leader ends what the old one started."""
        return os.pread(self._file, 1, 0) == b"1"

    @alert_on.setter
    def alert_on(self, value: bool) -> None:
        os.pwrite(self._file, b"1" if value else b"0", 0)
