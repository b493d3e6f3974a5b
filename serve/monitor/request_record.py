"""One request, as the log will tell it: made when it arrives, filled in on its way, written after it was answered."""

from __future__ import annotations

import itertools
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any

import msgspec

CLIENT_CLOSED_REQUEST = 499
"""The caller left before the answer: nginx's status for it."""
MAX_PATH_SHOWN = 200
"""Characters of a path that are repeated to anyone."""
PLAIN_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_numbers = itertools.count(1)
_prefix = secrets.token_hex(6)


class RequestRecord(msgspec.Struct, gc=False, omit_defaults=True):
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


def start_record(method: str, path: str, headers: Mapping[bytes, bytes]) -> RequestRecord:
    """Return the record of a request that begins now, with the caller's x-request-id where plain, else a new id."""
    sent_id = headers.get(b"x-request-id")
    if sent_id is not None and PLAIN_ID.fullmatch(sent_id):
        request_id = sent_id.decode()
    else:
        request_id = f"{_prefix}-{next(_numbers)}"
    return RequestRecord(time.perf_counter(), request_id, method, path[:MAX_PATH_SHOWN], CLIENT_CLOSED_REQUEST)
