"""The model that a server serves, kept beside its workers' files: what lies in model/ may be another one by now.

A worker that takes up a model keeps a copy under the number of the reload, the first one for all. A worker that
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
SUFFIX = ".pinned"
T = TypeVar("T")


class PinnedModel(Generic[T]):
    """One worker's view of the copies in the folder that the server's workers share.

    `build` makes what answers of a model's files; what it refuses is never kept. The copy of what is served is held
    open: should someone delete the folder, serve.monitor.restore puts it back.
    """

    def __init__(self, folder: Path, build: Callable[[Files], T]) -> None:
        self._folder, self._build = folder, build
        self._file: int | None = None
        self.number = 0
        """Of the reload at which the served model was loaded."""

    def load_first(self, read: Callable[[], Files]) -> T:
        """Return what is served by the server already, else of what `read` gives. Raises ModelError."""
        while copies := self._list_copies():
            with contextlib.suppress(FileNotFoundError):  # a newer one has taken its place meanwhile
                return self._load_copy(max(copies))
        return self.load_next(read)

    def load_next(self, read: Callable[[], Files]) -> T:
        """Return what others loaded at this reload, else of what `read` gives. Raises ModelError."""
        number = status_files.read_reload_number(self._folder)
        if number in self._list_copies():
            return self._load_copy(number)
        self.number = number
        files = read()
        model = self._build(files)
        try:
            if not self._write_copy(number, files):
                return self._load_copy(number)
            self._hold_copy(number, self._open_copy(number))
        except OSError as error:  # it is served all the same
            logger.error("%s: no copy of the model can be kept there (%s)", self._folder, error)
        return model

    def _list_copies(self) -> list[int]:
        return [int(path.name.removesuffix(SUFFIX)) for path in self._folder.glob(f"*{SUFFIX}")]

    def _copy_path(self, number: int) -> Path:
        return self._folder / f"{number}{SUFFIX}"

    def _write_copy(self, number: int, files: Files) -> bool:
        """Write the copy, whole or not at all. Return whether nobody was faster."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".") as temporary:
            temporary.write(msgspec.msgpack.encode(files))
            temporary.flush()
            try:
                os.link(temporary.name, self._copy_path(number))
            except FileExistsError:
                return False
        return True

    def _load_copy(self, number: int) -> T:
        """Return what is made of a copy, and hold that. Raises FileNotFoundError where it has gone meanwhile."""
        file = self._open_copy(number)
        try:
            with open(file, "rb", closefd=False) as copy:
                model = self._build(msgspec.msgpack.decode(copy.read(), type=Files))
        except (OSError, msgspec.DecodeError) as error:
            os.close(file)
            raise ModelError(f"{self._copy_path(number)} cannot be read ({error}). Start the server again.") from None
        self._hold_copy(number, file)
        return model

    def _open_copy(self, number: int) -> int:
        return os.open(self._copy_path(number), os.O_RDWR | os.O_CLOEXEC)

    def _hold_copy(self, number: int, file: int) -> None:
        """Hold the copy open, and remove older ones."""
        self.number = number
        previous, self._file = self._file, file
        if previous is not None:
            os.close(previous)
        for older in self._list_copies():
            if older < number:
                self._copy_path(older).unlink(missing_ok=True)
