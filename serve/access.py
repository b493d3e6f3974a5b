"""Who is let in: asked before anything of a request but its headers is read."""

from __future__ import annotations

import time
from collections.abc import Mapping

from serve.keys import Found, Keys, presented
from serve.rate import Rate, retry_after
from serve.refusal import Refusal

FREE = frozenset({"/livez", "/readyz"})
"""Probes, which have no place to keep a key. Everything else asks for one, metrics and pages too."""
ASK = [(b"www-authenticate", b'Bearer realm="predictor"'), (b"www-authenticate", b'Basic realm="predictor"')]


class Access:
    """The check of one worker."""

    def __init__(self, keys: Keys, rate: Rate | None = None) -> None:
        self._keys = keys
        self._rate = rate

    def replace(self, keys: Keys) -> None:
        """Know other keys from now on."""
        self._keys = keys

    def check(self, path: str, headers: Mapping[bytes, bytes], peer: str = "") -> str | None:
        """The name the request's key was made for, None where none is asked for.

        Raises Refusal 401 without a key that is known, 429 where it asks more often than it may.
        """
        if not self._keys or path in FREE:
            return None
        key = presented(headers)
        found = self._keys.find(key) if key else None
        if found is None:
            reason = "this key is not known" if key else "a key is needed: send it as `Authorization: Bearer KEY`"
            raise Refusal(401, reason, headers=ASK)
        if self._rate:
            self._admit(found, self._rate)
        return found.name

    @staticmethod
    def _admit(found: Found, rate: Rate) -> None:
        seconds = rate.wait(found.place, time.monotonic())
        if seconds:
            raise Refusal(
                429,
                f"the key '{found.name}' asks more often than it may",
                headers=[(b"retry-after", retry_after(seconds))],
            )
