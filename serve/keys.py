"""API keys: who may ask. Only their SHA-256 is kept, so that whoever reads the file cannot ask.

`python -m serve.keys NAME` makes a key of 256 random bits: too many to guess, so a plain hash keeps it.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from serve.settings import ROOT, Settings
from stages.core.errors import ServeError

VARIABLE = "SERVE_KEYS"
OFF = "off"
"""What the variable says where no key is asked for, whatever params.yaml says: the stage's own server."""
LINE = re.compile(r"([\w.-]{1,64}):([0-9a-f]{64})", re.ASCII)
MOST = 1000


class Found(NamedTuple):
    """The key a request was sent with: its place among the keys, and the name it was made for."""

    place: int
    name: str


class Keys:
    """The keys that are known. Without any, everybody may ask."""

    def __init__(self, known: Iterable[tuple[str, bytes]] = ()) -> None:
        self._known = list(known)

    def __len__(self) -> int:
        return len(self._known)

    def find(self, key: bytes) -> Found | None:
        """The key among those known; looked for in a time that tells nothing of them."""
        digest = hashlib.sha256(key).digest()
        found = None
        for place, (name, known) in enumerate(self._known):
            if hmac.compare_digest(known, digest):
                found = Found(place, name)
        return found


def is_off() -> bool:
    """Whether nobody is asked for a key, nor to wait: as in the stage's own server."""
    return os.environ.get(VARIABLE, "").strip() == OFF


def load(settings: Settings, root: Path = ROOT) -> Keys:
    """The keys of `SERVE_KEYS` where it is set, else of `serve.keys_file`.

    Raises ServeError where they cannot be read: a mistake lets nobody in.
    """
    if is_off():
        return Keys()
    if given := os.environ.get(VARIABLE, "").strip():
        return parse(re.split(r"[\s,]+", given), VARIABLE)
    if settings.keys_file is None:
        if settings.rate_per_key is not None:
            raise ServeError("params.yaml: serve.rate_per_key is set, but no keys are: set serve.keys_file, too.")
        return Keys()
    path = root / settings.keys_file
    try:
        return parse(path.read_text(encoding="utf-8").splitlines(), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ServeError(f"the keys of serve.keys_file cannot be read: {path}: {reason}.") from None


def parse(lines: Iterable[str], where: str) -> Keys:
    """The keys of `name:sha256` lines; blank ones and those that begin with # are none.

    Raises ServeError that names the line, but does not repeat it: it may hold a key by mistake.
    """
    known = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        if match is None:
            raise ServeError(
                f"{where}, line {number}: must be name:sha256, the sha256 as 64 hexadecimal digits in small letters. "
                "`python -m serve.keys NAME` prints such a line."
            )
        known.append((match[1], bytes.fromhex(match[2])))
    if not known:
        raise ServeError(f"{where} holds no key. Make one with `python -m serve.keys NAME`.")
    if len(known) > MOST:
        raise ServeError(f"{where} holds {len(known)} keys, more than the {MOST} there can be.")
    return Keys(known)


def presented(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key a request brings: `x-api-key`, or `authorization` as a Bearer's token or a Basic password.

    Basic is what a browser asks a person for, so that /ui works with a key.
    """
    plain = headers.get(b"x-api-key")
    if plain is not None:
        return plain
    kind, _, rest = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer":
        return rest.strip()
    return _password(rest.strip()) if kind.lower() == b"basic" else None


def _password(encoded: bytes) -> bytes | None:
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except binascii.Error:
        return None


def main() -> None:
    """Make a key and print it once."""
    parser = argparse.ArgumentParser("python -m serve.keys", description="Make an API key.")
    parser.add_argument("name", help="whom it is for: letters, digits, '.', '_' and '-'; the log shows it")
    name = parser.parse_args().name
    key = secrets.token_urlsafe(32)
    line = f"{name}:{hashlib.sha256(key.encode()).hexdigest()}"
    if not LINE.fullmatch(line):
        parser.error(f"'{name}' may hold letters, digits, '.', '_' and '-', 64 at most")
    print(f"the key, shown this once: {key}\nthe line for serve.keys_file: {line}")


if __name__ == "__main__":
    main()
