"""The files a person names, in one folder beside the data: given by path, pattern or address."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from stages.core.errors import SourceError
from stages.ingest.bounds import Bounds
from stages.ingest.retry import PassingError, attempt
from stages.transaction.replacement import name_source

TRIES, WAIT_SECONDS, TIMEOUT_SECONDS = 3, 1.0, 60.0
CHUNK = 1 << 20
PASSING = {408, 425, 429, 500, 502, 503, 504}


def find_named(said: Sequence[str]) -> list[str]:
    """Paths and addresses, one each. A text may be a path, an address, a pattern, or several with blanks between.

    Raises SourceError for one that names nothing.
    """
    found: list[str] = []
    for text in said:
        if is_address(text) or Path(text).is_file():
            found.append(text)
            continue
        for part in [text] if _matching(text) else shlex.split(text):
            matches = [part] if is_address(part) else _matching(part)
            if not matches:
                raise SourceError(f"there is no file {part}. Give the path or the address of a CSV file.")
            found += matches
    if not found:
        raise SourceError("no file was named. Give the path or the address of a CSV file.")
    return found


def _matching(pattern: str) -> list[str]:
    path = Path(pattern)
    folder = Path(path.anchor or ".")
    parts = path.parts[1:] if path.anchor else path.parts
    return sorted(str(found) for found in folder.glob("/".join(parts)) if found.is_file()) if parts else []


def is_address(text: str) -> bool:
    """Whether the text is an http(s) address rather than a path."""
    return urlsplit(text).scheme in ("http", "https") if "://" in text else False


def gather(said: Sequence[str], folder: Path, bounds: Bounds) -> list[Path]:
    """The files in the folder, under the names they take below data/source/. Raises SourceError as `named` does."""
    made: list[Path] = []
    for text in said:
        name = name_source(Path(unquote(urlsplit(text).path) if is_address(text) else text))
        if any(name == other.name for other in made):
            raise SourceError(f"two files would be kept as {name}. Rename one.")
        target = folder / name
        if is_address(text):
            attempt(
                lambda text=text, target=target: _download(text, target, bounds),  # type: ignore[misc]
                text,
                TRIES,
                WAIT_SECONDS,
            )
        else:
            try:
                os.link(text, target)  # the same bytes without a copy, where the file system can
            except OSError:
                shutil.copyfile(text, target)
        made.append(target)
    return made


def _download(address: str, target: Path, bounds: Bounds) -> None:
    import requests  # most tables are files

    try:
        with requests.get(address, timeout=TIMEOUT_SECONDS, stream=True) as answer:
            if answer.status_code in PASSING:
                raise PassingError(f"{address} answered {answer.status_code}")
            if answer.status_code != 200:
                raise SourceError(f"{address} answered {answer.status_code} {answer.reason}. Check the address.")
            with target.open("wb") as file:
                for chunk in bounds.taken(address, answer.iter_content(CHUNK)):
                    file.write(chunk)
    except (requests.exceptions.InvalidURL, requests.exceptions.TooManyRedirects) as error:
        raise SourceError(f"{address} could not be fetched: {error} Check the address.") from None
    except requests.RequestException as error:
        raise PassingError(f"{address} could not be fetched ({type(error).__name__})") from None
