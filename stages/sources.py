"""Where raw data comes from: files below `data/source/`, or URLs whose content was declared by its hash."""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from stages.errors import SourceError, did_you_mean
from stages.retry import PassingError

FOLDER = Path("data/source")
AS_STORED = {"Accept-Encoding": "identity"}  # the declared hash is the file's, not that of an unpacked transfer
PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Source:
    """One source: a file (`path`), or a URL with the SHA-256 its content must have."""

    name: str
    path: Path | None = None
    url: str = ""
    sha256: str = ""


def matching(pattern: str, folder: Path = FOLDER) -> list[Source]:
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


def from_url(url: str, sha256: str) -> Source:
    """A source that is fetched over HTTP."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise SourceError(f"{url} is not an address: {error}.") from None
    name = Path(parts.path).name
    if parts.scheme not in ("http", "https") or not parts.netloc or not name:
        raise SourceError(f"{url} is not an http(s) address of a file.")
    return Source(name, url=url, sha256=sha256.lower())


def fetch(source: Source, timeout_seconds: float) -> bytes:
    """The source's bytes as they came. Raises PassingError where another try may help, else SourceError or OSError."""
    return _download(source, timeout_seconds) if source.url else _read(source)


def unpacked(source: Source, content: bytes) -> bytes:
    """The content without its gzip wrapping, if it has one. Raises SourceError when that is cut short or damaged."""
    if not content:
        raise SourceError(f"{source.name} is empty: 0 bytes. Fetch it again, or remove it from ingest.tables.")
    if content[:2] != b"\x1f\x8b":
        if source.name.endswith(".gz"):
            raise SourceError(f"{source.name} is not a gzip file, whatever its name says. Rename it, or pack it again.")
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{source.name} is truncated or damaged: {str(error).rstrip('.')}. Fetch it again.") from None


def _read(source: Source) -> bytes:
    assert source.path is not None
    try:
        return source.path.read_bytes()
    except (PermissionError, FileNotFoundError) as error:
        raise SourceError(f"{source.path} cannot be read: {error.strerror}. Check its permissions or links.") from None


def _download(source: Source, timeout_seconds: float) -> bytes:
    import requests  # most runs read files only

    try:
        answer = requests.get(source.url, timeout=timeout_seconds, headers=AS_STORED)
    except (requests.exceptions.InvalidURL, requests.exceptions.TooManyRedirects) as error:
        raise SourceError(f"{source.url} could not be fetched: {error} Check the address.") from None
    except requests.RequestException as error:
        raise PassingError(f"{source.url} could not be fetched ({type(error).__name__})") from None
    if answer.status_code in PASSING_STATUS:
        raise PassingError(f"{source.url} answered {answer.status_code}")
    if answer.status_code != 200:
        raise SourceError(f"{source.url} answered {answer.status_code} {answer.reason}. Check the address.")
    got = hashlib.sha256(answer.content).hexdigest()
    if got != source.sha256:
        raise SourceError(
            f"{source.url} holds other content than declared: sha256 {got}, declared {source.sha256}. "
            "If the new content is wanted, write its hash into params.yaml."
        )
    return answer.content
