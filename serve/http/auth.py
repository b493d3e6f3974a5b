"""Who is let in: asked before anything of a request but its headers is read."""

from __future__ import annotations

import time
from collections.abc import Mapping

from serve.http.rate import AddressRate, Rate, bare, retry_after
from serve.keys import Keys, presented
from serve.scoring.errors import Refusal

FREE = frozenset({"/livez", "/readyz"})
"""Probes, which have no place to keep a key. Everything else asks for one, metrics and pages too."""
ASK = [(b"www-authenticate", b'Bearer realm="predictor"'), (b"www-authenticate", b'Basic realm="predictor"')]


class Access:
    """The check of one worker. `proxy` is the address of the one whose X-Forwarded-For is believed."""

    def __init__(
        self,
        keys: Keys,
        rate: Rate | None = None,
        addresses: AddressRate | None = None,
        proxy: str | None = None,
    ) -> None:
        self._keys = keys
        self._rate = rate
        self._addresses = addresses
        self._proxy = proxy

    def replace(self, keys: Keys) -> None:
        """Know other keys from now on."""
        self._keys = keys

    def check(self, path: str, headers: Mapping[bytes, bytes], peer: str = "") -> str | None:
        """The name the request's key was made for, None where none is asked for.

        Raises Refusal 401 without a key that is known, 429 where the key, or without one the address, asks more often
        than it may.
        """
        if path in FREE:
            return None
        key = presented(headers) if self._keys else None
        found = self._keys.find(key) if key else None
        if found is not None:
            if self._rate:
                _admit(self._rate.wait(found.place, time.monotonic()), f"the key '{found.name}'")
            return found.name
        if self._addresses:
            _admit(self._addresses.wait(self._address(headers, peer), time.monotonic()), "this address")
        if self._keys:
            reason = "this key is not known" if key else "a key is needed: send it as `Authorization: Bearer KEY`"
            raise Refusal(401, reason, headers=ASK)
        return None

    def _address(self, headers: Mapping[bytes, bytes], peer: str) -> str:
        """The caller's: as the proxy tells it, where the connection is the proxy's. Of several the last one is its."""
        if bare(peer) != self._proxy:
            return peer
        return headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip() or peer


def _admit(seconds: float, who: str) -> None:
    if seconds:
        raise Refusal(429, f"{who} asks more often than it may", headers=[(b"retry-after", retry_after(seconds))])
