"""The model that a server serves, kept beside its workers' files: what lies in model/ may be another one by now.

A worker that takes up a model keeps a copy under the number of the taking-up, the first one for all. A worker that
comes back takes the newest copy, so that it never serves what `make repro` or `make approve` has just written.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from serve.scoring.loader import Files
from serve.workers import status_files
from stages.core.errors import ModelError

logger = logging.getLogger(__name__)
END = ".pinned"
T = TypeVar("T")


class Pinned(Generic[T]):
    """One worker's view of the copies in the folder that the server's workers share.

    `make` makes what answers of a model's files; what it refuses is never kept. The copy of what is served is held
    open: should someone delete the folder, serve.monitor.restore puts it back.
    """

    def __init__(self, folder: Path, make: Callable[[Files], T]) -> None:
        self._folder, self._make = folder, make
        self._file: int | None = None
        self.number = 0
        """The taking-up that what is served is of."""

    def first(self, read: Callable[[], Files]) -> T:
        """Return what is served by the server already, else of what `read` gives. Raises ModelError."""
        while copies := self._copies():
            with contextlib.suppress(FileNotFoundError):  # a newer one has taken its place meanwhile
                return self._take(max(copies))
        return self.next(read)

    def next(self, read: Callable[[], Files]) -> T:
        """Return what others took up at this asking, else of what `read` gives. Raises ModelError."""
        number = status_files.asked(self._folder)
        if number in self._copies():
            return self._take(number)
        self.number = number
        files = read()
        made = self._make(files)
        try:
            if not self._keep(number, files):
                return self._take(number)
            self._hold(number, self._open(number))
        except OSError as error:  # it is served all the same
            logger.error("%s: no copy of the model can be kept there (%s)", self._folder, error)
        return made

    def _copies(self) -> list[int]:
        return [int(path.name.removesuffix(END)) for path in self._folder.glob(f"*{END}")]

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}{END}"

    def _keep(self, number: int, files: Files) -> bool:
        """Write the copy, whole or not at all. Return whether nobody was faster."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".") as part:
            part.write(msgspec.msgpack.encode(files))
            part.flush()
            try:
                os.link(part.name, self._path(number))
            except FileExistsError:
                return False
        return True

    def _take(self, number: int) -> T:
        """Make a copy answer, and hold it. Raises FileNotFoundError where it has gone since it was seen."""
        file = self._open(number)
        try:
            with open(file, "rb", closefd=False) as copy:
                made = self._make(msgspec.msgpack.decode(copy.read(), type=Files))
        except (OSError, msgspec.DecodeError) as error:
            os.close(file)
            raise ModelError(f"{self._path(number)} cannot be read ({error}). Start the server again.") from None
        self._hold(number, file)
        return made

    def _open(self, number: int) -> int:
        return os.open(self._path(number), os.O_RDWR | os.O_CLOEXEC)

    def _hold(self, number: int, file: int) -> None:
        """Hold the copy open, and remove older ones."""
        self.number = number
        before, self._file = self._file, file
        if before is not None:
            os.close(before)
        for older in self._copies():
            if older < number:
                self._path(older).unlink(missing_ok=True)
