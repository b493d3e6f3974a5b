"""Reads a request's body: of the right content type and no longer than allowed, whatever its headers promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from serve.scoring.errors import Header, Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
CLOSE: Header = (b"connection", b"close")


class Gone(Exception):
    """The caller closed the connection before the body was complete."""


def check(headers: Mapping[bytes, bytes], limit: int) -> None:
    """What the headers tell of a body, before it is read. Raises Refusal 415 or 413."""
    if headers.get(b"content-type") != b"application/json" or b"content-encoding" in headers:
        _check_type(headers)
    check_length(headers, limit)


def check_length(headers: Mapping[bytes, bytes], limit: int) -> None:
    """Raises Refusal 413 for a body that is said to be longer."""
    length = headers.get(b"content-length")
    if length is not None and int(length) > limit:
        raise too_large(limit)


async def read(scope: Message, receive: Receive, limit: int) -> bytes:
    """The body's bytes. Raises Refusal 413 as soon as they are too many, Gone, and what the scope says meanwhile."""
    message = await receive()
    parts = [message.get("body", b"")]
    length = len(parts[0])
    while length <= limit and message.get("more_body", False) and "refusal" not in scope:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
    if message["type"] == "http.disconnect":
        raise Gone
    if "refusal" in scope:
        raise scope["refusal"]
    if length > limit:
        raise too_large(limit)
    return b"".join(parts)


async def drop(receive: Receive) -> None:
    """Read what is left and forget it: a connection closed before that takes the answer away from its caller."""
    while (await receive()).get("more_body", False):
        pass


def _check_type(headers: Mapping[bytes, bytes]) -> None:
    """JSON and nothing else: a page of another site cannot send that content type without being asked first."""
    kind = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, f"the content type is '{kind[:100]}', but must be application/json")
    coding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if coding != "identity":
        raise Refusal(415, f"the content encoding is '{coding[:100]}', but the body must come as it is")


def too_large(limit: int) -> Refusal:
    """The refusal of a body that is longer than `limit` bytes."""
    return Refusal(413, f"the body is longer than the {limit} bytes a request may have", headers=[CLOSE])


def too_slow(seconds: float) -> Refusal:
    """The refusal of a request that took longer than so many seconds to arrive."""
    return Refusal(408, f"the request did not arrive within {seconds:g} s", headers=[CLOSE])
