"""One request, as the log will tell it: made when it arrives, filled in on its way, written after it was answered."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

import msgspec

GONE = 499
"""The caller left before the answer: nginx's word for it."""
SHOWN = 200
"""Characters of a path that are repeated to anyone."""
PLAIN = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_numbers = itertools.count(1)
_prefix = secrets.token_hex(6)


class Asked(msgspec.Struct, gc=False, omit_defaults=True):
    """A line of logs/api.log. `time` is one of `time.perf_counter` until it is written, `ms` 0 until it is answered."""

    time: float | str
    id: str
    method: str
    path: str
    status: int
    version: str | None = None
    rows: int | None = None
    ms: float = 0.0
    error: str | None = None
    caller: str | None = None
    inputs: list[dict[str, Any]] | None = None


def asked(method: str, path: str, headers: Mapping[bytes, bytes]) -> Asked:
    """A request that begins now, under the caller's own x-request-id where that is a plain one, else a new one."""
    name = headers.get(b"x-request-id")
    if name is not None and PLAIN.fullmatch(name):
        return Asked(time.perf_counter(), name.decode(), method, path[:SHOWN], GONE)
    return Asked(time.perf_counter(), f"{_prefix}-{next(_numbers)}", method, path[:SHOWN], GONE)
