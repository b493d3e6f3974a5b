"""How often each key may ask: one limit over all workers, kept in a small file they share.

The generic cell rate algorithm (ITU-T I.371, 1993): for each key one number, the time from which on it would have asked
no more often than it may. A token bucket with a single field, so that workers need no lock: should two of them write at
the same moment, one request more is let through.
"""

from __future__ import annotations

import math
import mmap
import os
import struct
from pathlib import Path

from serve.keys import MOST

TIME = struct.Struct("=d")


class Rate:
    """Lets each key ask `per_second` times a second, and as often at once after a pause (once at least)."""

    def __init__(self, folder: Path, per_second: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._apart = 1 / per_second
        self._ahead = max(1.0, per_second) * self._apart - self._apart
        file = os.open(folder / "keys.rate", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, MOST * TIME.size)
        self._times = mmap.mmap(file, MOST * TIME.size)
        os.close(file)

    def wait(self, place: int, now: float) -> float:
        """Seconds until the key at the place may ask again; 0 where it may now, which counts as asked.

        `now` is `time.monotonic()`, which all processes of a machine share.
        """
        at = place * TIME.size
        stored: float = TIME.unpack_from(self._times, at)[0]
        due = max(stored, now)
        early = due - now - self._ahead
        if early > 1e-9:
            return early
        TIME.pack_into(self._times, at, due + self._apart)
        return 0.0


def retry_after(seconds: float) -> bytes:
    """The value of the header: whole seconds, one at least."""
    return str(max(1, math.ceil(seconds))).encode()
