"""What the head of a request must be, and headers that keep a browser from misusing an answer."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from serve.scoring.errors import ApiError, Header

SAFE_HEADERS: list[Header] = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
"""On every answer: it is what its content type says, and where it was is told to nobody."""
PRIVATE_HEADERS: list[Header] = [*SAFE_HEADERS, (b"cache-control", b"no-store")]
"""On what depends on the caller, the model or the moment: nobody on the way keeps it."""
PAGE_HEADERS: list[Header] = [
    *SAFE_HEADERS,
    (
        b"content-security-policy",
        b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        b"img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
"""On BentoML's pages: nothing from elsewhere, such as the tracker of its makers, and in nobody's frame."""


def check_head(scope: MutableMapping[str, Any], headers: Mapping[bytes, bytes]) -> None:
    """Raise the ApiError that the connection has put into the scope; 400 without one host, 501 for a coding."""
    if "api_error" in scope:
        raise scope["api_error"]
    if b"host" not in headers and scope["http_version"] == "1.1":
        raise ApiError(400, "the header host is missing")
    pairs = scope["headers"]
    if len(pairs) > len(headers) and sum(name == b"host" for name, _ in pairs) > 1:
        raise ApiError(400, "the header host is given twice")
    if b"transfer-encoding" in headers:
        codings = [value.strip().lower() for name, value in pairs if name == b"transfer-encoding"]
        if codings != [b"chunked"]:
            raise ApiError(501, "the body may come chunked, but in no other transfer encoding")
