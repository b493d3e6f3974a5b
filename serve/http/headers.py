"""Headers that keep a browser from doing with an answer what it was not made for."""

from __future__ import annotations

from serve.scoring.errors import Header

SAFE: list[Header] = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
"""On every answer: it is what its content type says, and where it was is told to nobody."""
PRIVATE: list[Header] = [*SAFE, (b"cache-control", b"no-store")]
"""On what depends on the caller, the model or the moment: nobody on the way keeps it."""
PAGE: list[Header] = [
    *SAFE,
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
"""On BentoML's pages: nothing from elsewhere, such as the tracker of its makers, and in nobody's frame."""
