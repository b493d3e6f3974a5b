"""How often each key, or each address, may ask: one limit over all workers, kept in a small file they share.

The generic cell rate algorithm (ITU-T I.371, 1993): for each one number, the time from which on it would have asked no
more often than it may. A token bucket with a single field, so that workers need no lock: should two of them write at
the same moment, one request more is let through.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import mmap
import os
import struct
from pathlib import Path

from serve.keys import MAX_KEYS

TIMESTAMP = struct.Struct("=d")


class RateLimiter:
    """Lets each slot ask `per_second` times a second, and as often at once after a pause (once at least)."""

    def __init__(self, folder: Path, per_second: float, name: str = "keys.rate", slots: int = MAX_KEYS) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._interval_s = 1 / per_second
        self._burst_s = max(1.0, per_second) * self._interval_s - self._interval_s
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, slots * TIMESTAMP.size)
        self._times = mmap.mmap(file, slots * TIMESTAMP.size)
        os.close(file)

    def seconds_to_wait(self, slot: int, now: float) -> float:
        """Return the seconds until the one of the slot may ask again; 0 where it may now, which counts as asked.

        `now` is `time.monotonic()`, which all processes of a machine share.
        """
        offset = slot * TIMESTAMP.size
        stored: float = TIMESTAMP.unpack_from(self._times, offset)[0]
        due_at = max(stored, now)  # who has paused gains no more than one burst
        wait_s = due_at - now - self._burst_s
        if wait_s > 1e-9:  # not 0: sums of floats are not exact
            return wait_s
        TIMESTAMP.pack_into(self._times, offset, due_at + self._interval_s)
        return 0.0


class AddressRateLimiter:
    """Lets each address ask so often. An IPv6 network of 64 bits is one address, as it is one customer's."""

    SLOTS = 65_536
    """Few enough for a file of half a megabyte; two addresses that share one by chance share the limit."""

    def __init__(self, folder: Path, per_second: float) -> None:
        self._limiter = RateLimiter(folder, per_second, "addresses.rate", self.SLOTS)

    def seconds_to_wait(self, address: str, now: float) -> float:
        """Return as `RateLimiter.seconds_to_wait`. What is no address, as of a socket without one, is one, too."""
        try:
            packed = ipaddress.ip_address(strip_port(address)).packed[:8]
        except ValueError:
            packed = b""
        slot = int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") % self.SLOTS
        return self._limiter.seconds_to_wait(slot, now)


def strip_port(address: str) -> str:
    """Return the address without port and brackets, and as IPv4 where a socket of both kinds tells it in IPv6."""
    inner = address.removeprefix("[").partition("]")[0]
    return inner.removeprefix("::ffff:").partition(":")[0] if "." in inner else inner


def format_retry_after(seconds: float) -> bytes:
    """Return the header's value: whole seconds, one at least."""
    return str(max(1, math.ceil(seconds))).encode()
