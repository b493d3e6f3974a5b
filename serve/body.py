"""Reads a request's body: of the right content type and no longer than allowed, whatever its headers promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from serve.refusal import Refusal

Message = MutableMapping[str, Any]


class Gone(Exception):
    """The caller closed the connection before the body was complete."""


async def read(scope: Message, receive: Callable[[], Awaitable[Message]], limit: int) -> bytes:
    """The body's bytes. Raises Refusal 415 or 413, before reading where the headers tell, and Gone."""
    headers = dict(scope["headers"])
    _check_type(headers)
    if int(headers.get(b"content-length", b"0")) > limit:
        raise _too_large(limit)
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join(parts)


def _check_type(headers: dict[bytes, bytes]) -> None:
    """JSON and nothing else: a page of another site cannot send that content type without being asked first."""
    kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, f"the content type is '{kind[:100]}', but must be application/json")
    coding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if coding != "identity":
        raise Refusal(415, f"the content encoding is '{coding[:100]}', but the body must come as it is")


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the body is longer than the {limit} bytes a request may have")
