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

ENV_VARIABLE = "SERVE_KEYS"
OFF = "off"
"""What the variable says where no key is asked for, whatever params.yaml says: the stage's own server."""
KEY_LINE = re.compile(r"([\w.-]{1,64}):([0-9a-f]{64})", re.ASCII)
MAX_KEYS = 1000


class KeyOwner(NamedTuple):
    """Whose key a request was sent with: its slot among the keys, and the name it was made for."""

    slot: int
    name: str


class Keys:
    """The keys that are known. Without any, everybody may ask."""

    def __init__(self, digests: Iterable[tuple[str, bytes]] = ()) -> None:
        self._digests = list(digests)

    def __len__(self) -> int:
        return len(self._digests)

    def find(self, key: bytes) -> KeyOwner | None:
        """Return whose key it is, None where nobody's; looked for in a time that tells nothing of the known ones."""
        digest = hashlib.sha256(key).digest()
        owner = None
        for slot, (name, known_digest) in enumerate(self._digests):
            if hmac.compare_digest(known_digest, digest):
                owner = KeyOwner(slot, name)
        return owner


def is_off() -> bool:
    """Return whether nobody is asked for a key, nor to wait: as in the stage's own server."""
    return os.environ.get(ENV_VARIABLE, "").strip() == OFF


def load(settings: Settings, root: Path = ROOT) -> Keys:
    """Return the keys of `SERVE_KEYS` where it is set, else of `serve.keys_file`.

    Raises ServeError where they cannot be read: a mistake lets nobody in.
    """
    if is_off():
        return Keys()
    if given := os.environ.get(ENV_VARIABLE, "").strip():
        return parse(re.split(r"[\s,]+", given), ENV_VARIABLE)
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
    """Return the keys of `name:sha256` lines; blank ones and those that begin with # are none.

    Raises ServeError that names the line, but does not repeat it: it may hold a key by mistake.
    """
    digests = []
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        match = KEY_LINE.fullmatch(line)
        if match is None:
            raise ServeError(
                f"{where}, line {number}: must be name:sha256, the sha256 as 64 hexadecimal digits in small letters. "
                "`python -m serve.keys NAME` prints such a line."
            )
        digests.append((match[1], bytes.fromhex(match[2])))
    if not digests:
        raise ServeError(f"{where} holds no key. Make one with `python -m serve.keys NAME`.")
    if len(digests) > MAX_KEYS:
        raise ServeError(f"{where} holds {len(digests)} keys, more than the {MAX_KEYS} there can be.")
    return Keys(digests)


def read_key(headers: Mapping[bytes, bytes]) -> bytes | None:
    """Return the key a request brings: `x-api-key`, or `authorization` as a Bearer's token or a Basic password.

    Basic is what a browser asks a person for, so that /ui works with a key.
    """
    key = headers.get(b"x-api-key")
    if key is not None:
        return key
    scheme, _, credentials = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"bearer":
        return credentials.strip()
    return _decode_password(credentials.strip()) if scheme.lower() == b"basic" else None


def _decode_password(encoded: bytes) -> bytes | None:
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
    if not KEY_LINE.fullmatch(line):
        parser.error(f"'{name}' may hold letters, digits, '.', '_' and '-', 64 at most")
    print(f"the key, shown this once: {key}\nthe line for serve.keys_file: {line}")


if __name__ == "__main__":
    main()
