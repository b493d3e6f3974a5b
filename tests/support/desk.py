"""Asks the service in this process, with neither server nor socket: its ASGI app, or the connection's bytes."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from serve.http import fast_protocol
from serve.http.app import Gateway
from serve.http.fast_protocol import FastHTTPProtocol

HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"


def request(body: bytes, *headers: bytes) -> bytes:
    lines = b"".join(header + b"\r\n" for header in headers)
    return HEAD + lines + b"content-length: %d\r\n\r\n" % len(body) + body


async def inner(scope: Any, _: Any, send: Any) -> None:
    """Stands for BentoML's app: greets, and breaks on one path."""
    if scope["path"] == "/breaks":
        raise RuntimeError("broken on purpose")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def ask(gateway: Gateway, method: str, path: str, body: bytes = b"") -> tuple[dict[str, Any], dict[str, Any]]:
    """The two messages of an answer, the second with the whole body."""
    said: list[dict[str, Any]] = []
    given = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return given.pop(0) if given else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    headers = [(b"host", b"x"), (b"content-type", b"application/json")]
    scope = {"type": "http", "http_version": "1.1", "method": method, "path": path, "headers": headers}
    asyncio.run(gateway(scope, receive, send))
    return said[0], {"body": b"".join(message["body"] for message in said[1:])}


class Wire(asyncio.Transport):
    """What a connection would send, kept."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.reading = True
        self.closed = False
        self.connection: Any = None

    def write(self, data: Any) -> None:
        if not self.closed:
            self.sent += data

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.connection.connection_lost, None)

    abort = close


class Line:
    """A connection to a gateway, without a socket."""

    def __init__(
        self, gateway: Gateway, kind: type[FastHTTPProtocol] | None = None, state: ServerState | None = None
    ) -> None:
        self.kind, self.state, self.wire = kind or fast_protocol.install(gateway), state or ServerState(), Wire()
        config = uvicorn.Config(gateway, log_config=None, lifespan="off")
        self.connection = self.kind(config, self.state, {}, asyncio.get_running_loop())
        self.wire.connection = self.connection
        self.connection.connection_made(self.wire)

    async def send(self, *pieces: bytes) -> bytes:
        """What is answered, until there is nothing left to do."""
        self.wire.sent = b""
        for piece in pieces:
            if not self.wire.closed:
                self.connection.data_received(piece)
            await self.rest()
        return self.wire.sent

    async def rest(self) -> None:
        """Until every task waits for more of the caller."""
        for _ in range(5):
            before = -1
            while before != len(self.wire.sent):
                before = len(self.wire.sent)
                await asyncio.sleep(0)

    async def later(self, seconds: float) -> bytes:
        """What is said when so many seconds go by without a word: the connection is looked at before and after."""
        self.wire.sent = b""
        now = time.monotonic()
        for moment in (now, now + seconds):
            self.connection.check_timeouts(moment)
            await self.rest()
        return self.wire.sent


def exchange(gateway: Gateway, *pieces: bytes) -> bytes:
    async def send() -> bytes:
        return await Line(gateway).send(*pieces)

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
