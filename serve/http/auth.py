"""Who is let in: asked before anything of a request but its headers is read."""

from __future__ import annotations

import time
from collections.abc import Mapping

from serve.http.rate import AddressRateLimiter, RateLimiter, format_retry_after, strip_port
from serve.keys import Keys, read_key
from serve.scoring.errors import ApiError

OPEN_PATHS = frozenset({"/livez", "/readyz"})
"""Probes, which have no place to keep a key. Everything else asks for one, metrics and pages too."""
CHALLENGES = [(b"www-authenticate", b'Bearer realm="predictor"'), (b"www-authenticate", b'Basic realm="predictor"')]


class AccessControl:
    """The check of one worker. `proxy` is the address of the one whose X-Forwarded-For is believed."""

    def __init__(
        self,
        keys: Keys,
        key_limiter: RateLimiter | None = None,
        address_limiter: AddressRateLimiter | None = None,
        proxy: str | None = None,
    ) -> None:
        self._keys = keys
        self._key_limiter = key_limiter
        self._address_limiter = address_limiter
        self._proxy = proxy

    def replace_keys(self, keys: Keys) -> None:
        """Accept other keys from now on."""
        self._keys = keys

    def authenticate(self, path: str, headers: Mapping[bytes, bytes], peer: str = "") -> str | None:
        """Return the name the request's key was made for, None where none is asked for.

        Raises ApiError 401 without a key that is known, 429 where the key, or without one the address, asks more often
        than it may.
        """
        if path in OPEN_PATHS:
            return None
        key = read_key(headers) if self._keys else None
        owner = self._keys.find(key) if key else None
        if owner is not None:
            if self._key_limiter:
                _check_rate(self._key_limiter.seconds_to_wait(owner.slot, time.monotonic()), f"the key '{owner.name}'")
            return owner.name
        if self._address_limiter:
            address = self._find_address(headers, peer)
            _check_rate(self._address_limiter.seconds_to_wait(address, time.monotonic()), "this address")
        if self._keys:
            reason = "this key is not known" if key else "a key is needed: send it as `Authorization: Bearer KEY`"
            raise ApiError(401, reason, headers=CHALLENGES)
        return None

    def _find_address(self, headers: Mapping[bytes, bytes], peer: str) -> str:
        """Return the caller's address: the last one that the proxy tells, where the connection is the proxy's."""
        if strip_port(peer) != self._proxy:
            return peer
        return headers.get(b"x-forwarded-for", b"").decode("latin-1").rpartition(",")[2].strip() or peer


def _check_rate(wait_s: float, caller: str) -> None:
    if wait_s:
        retry_after = (b"retry-after", format_retry_after(wait_s))
        raise ApiError(429, f"{caller} asks more often than it may", headers=[retry_after])
