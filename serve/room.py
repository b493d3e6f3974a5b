"""Room on the disk for the files that this process writes through its memory: counts, drift, metrics.

They are made long and empty. Where the disk is full when a page of one is first written, the system kills the process
(SIGBUS): so the room is taken beforehand, while there is some. Prometheus' client makes its files when a metric of the
kind is first counted, which may be with the first request: they are made for it, and it takes up files of zeros as its
own.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)
BLOCK = 512
"""Bytes in a unit of st_blocks, on any disk."""


KINDS = ("counter", "gauge_all", "gauge_livesum", "gauge_mostrecent", "histogram")
"""The files of Prometheus' client, by what is counted in them: BentoML's metrics and ours are of these kinds."""
SIZE = 1 << 16
"""Bytes of such a file when it is new."""


class Room:
    """The files of this process in a folder; those of Prometheus' client and ours have its number in their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._made = False

    def take(self) -> None:
        """Take the room of files that are new. One look at a small folder: to be called once a second."""
        if not self._made:
            self._made = True
            self._make()
        new = [path for path in self._folder.glob(f"*{os.getpid()}*") if path.name not in self._seen]
        for path in new:
            self._seen.add(path.name)
            try:
                _take(path)
            except OSError as error:
                logger.error("%s: there is no room for it (%s); a full disk may end this worker", path, error.strerror)

    def _make(self) -> None:
        for kind in KINDS:
            path = self._folder / f"{kind}_{os.getpid()}.db"
            if not path.exists():
                path.touch()
                os.truncate(path, SIZE)


def _take(path: Path) -> None:
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        found = os.fstat(file)
        if found.st_blocks * BLOCK < found.st_size:
            os.posix_fallocate(file, 0, found.st_size)
    finally:
        os.close(file)
