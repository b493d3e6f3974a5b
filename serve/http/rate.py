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

from serve.keys import MOST

TIME = struct.Struct("=d")


class Rate:
    """Lets each place ask `per_second` times a second, and as often at once after a pause (once at least)."""

    def __init__(self, folder: Path, per_second: float, name: str = "keys.rate", places: int = MOST) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._apart = 1 / per_second
        self._ahead = max(1.0, per_second) * self._apart - self._apart
        file = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, places * TIME.size)
        self._times = mmap.mmap(file, places * TIME.size)
        os.close(file)

    def wait(self, place: int, now: float) -> float:
        """Seconds until the one at the place may ask again; 0 where it may now, which counts as asked.

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


class AddressRate:
    """Lets each address ask so often. An IPv6 network of 64 bits is one address, as it is one customer's."""

    PLACES = 65_536
    """Few enough for a file of half a megabyte; two addresses that share one by chance share the limit."""

    def __init__(self, folder: Path, per_second: float) -> None:
        self._rate = Rate(folder, per_second, "addresses.rate", self.PLACES)

    def wait(self, address: str, now: float) -> float:
        """As `Rate.wait`. What is no address, as of a socket without one, is one, too."""
        try:
            packed = ipaddress.ip_address(bare(address)).packed[:8]
        except ValueError:
            packed = b""
        place = int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "big") % self.PLACES
        return self._rate.wait(place, now)


def bare(address: str) -> str:
    """Return the address without port and brackets, and as IPv4 where a socket of both kinds tells it in IPv6."""
    inner = address.removeprefix("[").partition("]")[0]
    return inner.removeprefix("::ffff:").partition(":")[0] if "." in inner else inner


def retry_after(seconds: float) -> bytes:
    """The value of the header: whole seconds, one at least."""
    return str(max(1, math.ceil(seconds))).encode()
