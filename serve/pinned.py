"""The model that a server serves, kept beside its workers' files: what lies in model/ may be another one by now.

A worker that takes up a model keeps a copy under the number of the taking-up, the first one for all. A worker that
comes back takes the newest copy, so that it never serves what `make repro` or `make approve` has just written.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from serve import board
from serve.model import Files
from stages.errors import ModelError

logger = logging.getLogger(__name__)
END = ".pinned"
T = TypeVar("T")


class Pinned(Generic[T]):
    """One worker's view of the copies in the folder that the server's workers share.

    `make` makes what answers of a model's files; what it refuses is never kept. The copy of what is served is held
    open: should someone delete the folder, serve.restore puts it back.
    """

    def __init__(self, folder: Path, make: Callable[[Files], T]) -> None:
        self._folder, self._make = folder, make
        self._file: int | None = None

    def first(self, read: Callable[[], Files]) -> T:
        """Return what is served by the server already, else of what `read` gives. Raises ModelError."""
        copies = self._copies()
        return self._take(max(copies)) if copies else self.next(read)

    def next(self, read: Callable[[], Files]) -> T:
        """Return what others took up at this asking, else of what `read` gives. Raises ModelError."""
        number = board.asked(self._folder)
        if number in self._copies():
            return self._take(number)
        files = read()
        made = self._make(files)
        try:
            if not self._keep(number, files):
                return self._take(number)
            self._hold(number)
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
        """Make a copy answer, and hold it."""
        path = self._path(number)
        try:
            made = self._make(msgspec.msgpack.decode(path.read_bytes(), type=Files))
            self._hold(number)
        except (OSError, msgspec.DecodeError) as error:
            raise ModelError(f"{path} cannot be read ({error}). Start the server again.") from None
        return made

    def _hold(self, number: int) -> None:
        """Hold the copy open, and remove older ones."""
        before, self._file = self._file, os.open(self._path(number), os.O_RDWR | os.O_CLOEXEC)
        if before is not None:
            os.close(before)
        for older in self._copies():
            if older < number:
                self._path(older).unlink(missing_ok=True)
