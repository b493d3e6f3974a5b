"""The remote that clones share: whether it can be reached, and what lies in it."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from dvc.repo import Repo

from stages.core.errors import PipelineError
from stages.storage.address import find_kind, find_url
from stages.storage.check import UNKNOWN
from stages.storage.clients import install
from stages.storage.outputs import CHUNK, place

PATIENCE_S = 20.0
"""How long a remote may take to answer before it counts as out of reach: the clients themselves try for minutes."""


class RemoteError(PipelineError):
    """The remote cannot be reached, or does not do what it must."""


class Remote:
    """The default remote. Its errors are RemoteError, which names its address and what went wrong."""

    def __init__(self) -> None:
        self.url = find_url()
        self.kind = find_kind(self.url)
        install(self.kind)
        with self._named("cannot be used"), Repo() as repo:
            remote = repo.cloud.get_remote()
            self._fs, self._root, self._objects = remote.fs, remote.path, remote.odb.path

    def check(self) -> None:
        """Raise RemoteError unless it answers in time."""
        failed: list[str] = []

        def ask() -> None:
            try:
                with self._named("cannot be reached"):
                    if self.kind in ("http", "https"):
                        requests.head(self.url, timeout=PATIENCE_S)  # DVC's client takes no answer for an empty one
                    elif not self._fs.exists(self._root) and self.kind == "file":
                        failed.append(f"{self.url} is not there.")
            except RemoteError as error:
                failed.append(str(error))

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(PATIENCE_S)
        if asking.is_alive():
            raise RemoteError(f"{self.url} did not answer within {PATIENCE_S:.0f} s.")
        if failed:
            raise RemoteError(failed[0])

    def size(self, md5: str) -> int | None:
        """Return the size of an object in bytes; None where there is none, `UNKNOWN` where it is not told."""
        with self._named("did not tell what it has"):
            try:
                size = self._fs.info(self._where(md5))["size"]
            except FileNotFoundError:
                return None
            return UNKNOWN if size is None else int(size)

    def digest(self, md5: str, tell: Callable[[int], object]) -> str | None:
        """Return the MD5 of what lies there under that hash; None where nothing does."""
        found = hashlib.md5(usedforsecurity=False)
        with self._named(f"did not give {md5}"):
            try:
                with self._fs.open(self._where(md5), "rb") as file:
                    while chunk := file.read(CHUNK):
                        found.update(chunk)
                        tell(len(chunk))
            except FileNotFoundError:
                return None
        return found.hexdigest()

    def fetch(self, md5: str, target: Path) -> None:
        """Write an object to a file, whatever its bytes are."""
        with self._named(f"did not give {md5}"):
            self._fs.get_file(self._where(md5), str(target))

    def remove(self, md5: str) -> None:
        """Remove an object."""
        with self._named(f"did not remove {md5}"):
            self._fs.remove(self._where(md5))

    def prove(self) -> None:
        """Write a small object, read it back and remove it. Raises RemoteError at the first of these that fails."""
        sent, name = secrets.token_bytes(64), self._fs.join(self._root, f"probe-{secrets.token_hex(8)}")
        with tempfile.TemporaryDirectory() as folder:
            there, back = Path(folder, "there"), Path(folder, "back")
            there.write_bytes(sent)
            with self._named("did not take a file of 64 bytes"):
                self._fs.makedirs(self._root, exist_ok=True)
                self._fs.put_file(str(there), name)
            with self._named("did not give back what was written"):
                self._fs.get_file(name, str(back))
            if back.read_bytes() != sent:
                raise RemoteError(f"{self.url} gave back other bytes than were written.")
        with self._named("did not remove what was written"):
            self._fs.remove(name)

    def _where(self, md5: str) -> str:
        return str(self._fs.join(self._objects, place(md5)))

    @contextlib.contextmanager
    def _named(self, what: str) -> Iterator[None]:
        try:
            yield
        except RemoteError:
            raise
        except Exception as error:  # each client has errors of its own
            text = str(error).strip() or "no reason is given"
            raise RemoteError(f"{self.url} {what}: {type(error).__name__}: {text[-500:]}") from None
