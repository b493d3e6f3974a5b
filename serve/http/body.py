"""Reads a request's body: of the right content type and no longer than allowed, whatever its headers promise."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from serve.scoring.errors import ApiError, Header

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
CLOSE: Header = (b"connection", b"close")


class ClientDisconnect(Exception):
    """The caller closed the connection before the body was complete."""


class BodyTooLarge(ApiError):
    """The body is longer than `limit` bytes (413)."""

    def __init__(self, limit: int) -> None:
        super().__init__(413, f"the body is longer than the {limit} bytes a request may have", headers=[CLOSE])


class RequestTimeout(ApiError):
    """The request took longer than so many seconds to arrive (408)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(408, f"the request did not arrive within {seconds:g} s", headers=[CLOSE])


def check_body_headers(headers: Mapping[bytes, bytes], limit: int) -> None:
    """Check what the headers tell of a body of at most `limit` bytes, before it is read. Raises ApiError 415 or 413."""
    if headers.get(b"content-type") != b"application/json" or b"content-encoding" in headers:
        _check_type(headers)
    check_length(headers, limit)


def check_length(headers: Mapping[bytes, bytes], limit: int) -> None:
    """Raise BodyTooLarge for a body that is said to be longer than `limit` bytes."""
    length = headers.get(b"content-length")
    if length is not None and int(length) > limit:
        raise BodyTooLarge(limit)


async def read_body(scope: Message, receive: Receive, limit: int) -> bytes:
    """Return the body.

    Raises BodyTooLarge as soon as it is longer than `limit` bytes, ClientDisconnect, and the ApiError that the
    connection puts into the scope meanwhile.
    """
    message = await receive()
    parts = [message.get("body", b"")]
    length = len(parts[0])
    while length <= limit and message.get("more_body", False) and "api_error" not in scope:
        message = await receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    if "api_error" in scope:
        raise scope["api_error"]
    if length > limit:
        raise BodyTooLarge(limit)
    return b"".join(parts)


async def drain_body(receive: Receive) -> None:
    """Read what is left and forget it: a connection closed before that takes the answer away from its caller."""
    while (await receive()).get("more_body", False):
        pass


def _check_type(headers: Mapping[bytes, bytes]) -> None:
    """Let in JSON and nothing else: a page of another site cannot send that content type without being asked first."""
    content_type = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise ApiError(415, f"the content type is '{content_type[:100]}', but must be application/json")
    coding = headers.get(b"content-encoding", b"identity").decode("latin-1").strip().lower()
    if coding != "identity":
        raise ApiError(415, f"the content encoding is '{coding[:100]}', but the body must come as it is")
