"""Asks the service in this process, with neither server nor socket, on both ways: the ASGI app and the parser's."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from serve import selftest
from serve.app import Front
from serve.protocol import Quick

HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def request(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return HEAD + lines + b"content-length: %d\r\n\r\n" % len(body) + body


def ask(front: Front, method: str, path: str, body: bytes = b"", kind: str = "http") -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return given.pop(0) if given else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": kind, "method": method, "path": path, "headers": [(b"content-type", b"application/json")]}
    asyncio.run(front(scope, receive, send))
    return said


class Line:
    """A connection to a front, without a socket."""

    def __init__(self, front: Front) -> None:
        self.kind = selftest._made(front)
        self.wire = selftest._Wire()
        config = uvicorn.Config(front, log_config=None, lifespan="off")
        self.quick: Quick = self.kind(config, ServerState(), {}, asyncio.get_running_loop())
        self.quick.connection_made(self.wire)

    def send(self, *pieces: bytes) -> bytes:
        """What is answered at once."""
        self.wire.sent = b""
        for piece in pieces:
            self.quick.data_received(piece)
        return self.wire.sent


def exchange(front: Front, *pieces: bytes) -> bytes:
    async def send() -> bytes:
        return Line(front).send(*pieces)

    return asyncio.run(send())


def answers(sent: bytes) -> list[tuple[int, Any]]:
    """Status and body of each answer."""
    found = []
    while sent:
        head, _, rest = sent.partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])  # type: ignore[index]
        found.append((int(head.split(b" ")[1]), json.loads(rest[:length], parse_constant=pytest.fail)))
        sent = rest[length:]
    return found
