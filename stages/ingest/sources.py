"""Where raw data comes from: files below `data/source/`, or URLs whose content was declared by its hash."""

from __future__ import annotations

import fnmatch
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stages.core.errors import SourceError, did_you_mean
from stages.core.files import sha256
from stages.ingest.bounds import Bounds
from stages.ingest.retry import PassingError

FOLDER = Path("data/source")
AS_STORED = {"Accept-Encoding": "identity"}  # the declared hash is the file's, not that of an unpacked transfer
PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}
BLOCK = 1 << 20


@dataclass(frozen=True)
class Source:
    """One source: a file (`path`), or a URL with the SHA-256 its content must have."""

    name: str
    path: Path | None = None
    url: str = ""
    sha256: str = ""


def find_matching(pattern: str, folder: Path = FOLDER) -> list[Source]:
    """The folder's files that match the pattern, by name. Raises SourceError, with what is there, when none does."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if not entry.is_dir())
    except FileNotFoundError:
        raise SourceError(f"the folder {folder} is missing. Put the CSV files there.") from None
    found = [name for name in names if fnmatch.fnmatch(name, pattern)]
    if not found:
        here = ", ".join(names) or "nothing"
        raise SourceError(
            f"no file matches {folder / pattern}.{did_you_mean(pattern, names)} The folder holds: {here}."
        )
    return [Source(name, path=folder / name) for name in found]


def make_source(url: str, sha256: str) -> Source:
    """A source that is fetched over HTTP."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"{url} is not an address: {error}.") from None
    name = Path(parts.path).name
    if parts.scheme not in ("http", "https") or not parts.netloc or not name:
        raise SourceError(f"{url} is not an http(s) address of a file.")
    return Source(name, url=url, sha256=sha256.lower())


@contextmanager
def fetch(source: Source, timeout_seconds: float, folder: Path, bounds: Bounds) -> Iterator[tuple[Path, str]]:
    """The source as a file, and its SHA-256; what is downloaded lies in the folder as long as the block runs.

    Raises PassingError where another try may help, such as for a file that changes meanwhile, else SourceError or
    OSError.
    """
    if source.url:
        folder.mkdir(exist_ok=True)
        path = folder / source.name
        try:
            yield path, _downloaded(source, timeout_seconds, path, bounds)
        finally:
            path.unlink(missing_ok=True)
        return
    assert source.path is not None
    try:
        before = _state(source.path)
        yield source.path, sha256(source.path)
        if _state(source.path) != before:
            raise PassingError("the file was written to while it was read")
    except (PermissionError, FileNotFoundError) as error:
        if error.filename not in (str(source.path), os.fspath(source.path)):
            raise
        raise SourceError(f"{source.path} cannot be read: {error.strerror}. Check its permissions or links.") from None


def _state(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _downloaded(source: Source, timeout_seconds: float, path: Path, bounds: Bounds) -> str:
    """Download to the path; the content's hash."""
    import requests  # most runs read files only

    digest = hashlib.sha256()
    try:
        with requests.get(source.url, timeout=timeout_seconds, headers=AS_STORED, stream=True) as answer:
            _check_status(source, answer.status_code, answer.reason)
            with path.open("wb") as file:
                for block in bounds.taken(source.url, answer.iter_content(BLOCK)):
                    digest.update(block)
                    file.write(block)
    except (requests.exceptions.InvalidURL, requests.exceptions.TooManyRedirects) as error:
        raise SourceError(f"{source.url} could not be fetched: {error} Check the address.") from None
    except requests.RequestException as error:
        raise PassingError(f"{source.url} could not be fetched ({type(error).__name__})") from None
    if digest.hexdigest() != source.sha256:
        raise SourceError(
            f"{source.url} holds other content than declared: sha256 {digest.hexdigest()}, declared {source.sha256}. "
            "If the new content is wanted, write its hash into params.yaml."
        )
    return digest.hexdigest()


def _check_status(source: Source, status: int, reason: str) -> None:
    if status in PASSING_STATUS:
        raise PassingError(f"{source.url} answered {status}")
    if status != 200:
        raise SourceError(f"{source.url} answered {status} {reason}. Check the address.")
