"""Room on the disk for the files that this process writes through its memory: counts, drift, metrics.

They are made long and empty. Where the disk is full when a page of one is first written, the system kills the process
(SIGBUS): so the room is taken beforehand, while there is some. Prometheus' client makes its files when a metric of the
kind is first counted, which may be with the first request: they are made for it, and it takes up files of zeros as its
own. Files that somebody has deleted are put back.
"""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

from serve.monitor.restore import restore

logger = logging.getLogger(__name__)
BLOCK_BYTES = 512
"""Bytes in a unit of st_blocks, on any disk."""
METRIC_KINDS = ("counter", "gauge_all", "gauge_livesum", "gauge_mostrecent", "histogram")
"""The files of Prometheus' client, by what is counted in them: BentoML's metrics and ours are of these kinds."""
OWN_FILE = re.compile(rf"(.*_)?{os.getpid()}[.]")
"""The names of this process's files."""
NEW_FILE_BYTES = 1 << 16
"""Bytes of such a file when it is new."""


class Preallocator:
    """The files of this process in a folder; those of Prometheus' client and ours have its number in their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._allocated: set[str] = set()
        self._files_created = False

    def preallocate(self) -> None:
        """Take the room of files that are new, and put back those that are gone: one look at a small folder."""
        present = self._list_own()
        if lost := self._allocated - present:
            logger.warning("%s has lost %d files of this worker; they are put back", self._folder, len(lost))
            self._files_created, self._allocated = False, present
        if not self._files_created:
            restore(self._folder)
            self._create_metric_files()
            self._files_created = True
        for name in sorted(self._list_own() - self._allocated):
            self._allocated.add(name)
            path = self._folder / name
            try:
                _allocate(path)
            except OSError as error:
                logger.error("%s: there is no room for it (%s); a full disk may end this worker", path, error.strerror)

    def _list_own(self) -> set[str]:
        return {path.name for path in self._folder.glob(f"*{os.getpid()}.*") if OWN_FILE.match(path.name)}

    def _create_metric_files(self) -> None:
        for kind in METRIC_KINDS:
            path = self._folder / f"{kind}_{os.getpid()}.db"
            if not path.exists():
                path.touch()
                os.truncate(path, NEW_FILE_BYTES)


def _allocate(path: Path) -> None:
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        status = os.fstat(file)
        if status.st_blocks * BLOCK_BYTES < status.st_size:
            os.posix_fallocate(file, 0, status.st_size)
    finally:
        os.close(file)
