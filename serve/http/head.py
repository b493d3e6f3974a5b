"""What every request's head must hold, whatever it asks for (RFC 9112, 3.2 and 6.1)."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from serve.scoring.errors import Refusal


def check(scope: MutableMapping[str, Any], headers: Mapping[bytes, bytes]) -> None:
    """Raises the Refusal that the connection has put into the scope; 400 without one host, 501 for a coding."""
    if "refusal" in scope:
        raise scope["refusal"]
    if b"host" not in headers and scope["http_version"] == "1.1":
        raise Refusal(400, "the header host is missing")
    given = scope["headers"]
    if len(given) > len(headers) and sum(name == b"host" for name, _ in given) > 1:
        raise Refusal(400, "the header host is given twice")
    if b"transfer-encoding" in headers:
        codings = [value.strip().lower() for name, value in given if name == b"transfer-encoding"]
        if codings != [b"chunked"]:
            raise Refusal(501, "the body may come chunked, but in no other transfer encoding")
