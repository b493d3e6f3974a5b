"""Puts serve/protocol.py in the place of uvicorn's own protocol, if it answers a few requests as it should."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import uvicorn
import uvicorn.protocols.http.auto
from uvicorn.server import ServerState

from serve.app import Front
from serve.protocol import Connections, Quick

logger = logging.getLogger(__name__)
HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
BODY = b'{"rows": []}'
CHUNKED = HEAD.replace(b"content-length: %d", b"transfer-encoding: chunked") + b"c\r\n" + BODY + b"\r\n0\r\n\r\n"
ASKED: list[tuple[list[bytes], set[int]]] = [
    ([HEAD % len(BODY) + BODY], {200, 503}),
    ([HEAD[:50], (HEAD % len(BODY))[50:] + BODY[:5], BODY[5:]], {200, 503}),
    ([CHUNKED], {200, 503}),
    ([HEAD.replace(b"json", b"xml") % len(BODY) + BODY], {415}),
    ([b"GET /predict HTTP/1.1\r\nhost: x\r\n\r\n"], {405}),
    ([HEAD % 10**12], {413}),
]
"""What is sent in pieces, one after the other over one connection, and the status of the answer."""
WAIT = 5.0


def install(front: Front) -> bool:
    """Let uvicorn make its connections of `Quick`, if that works with this uvicorn; else say so."""
    try:
        asyncio.run(_check(_made(front)))
    except Exception as error:
        logger.warning("requests are answered on the slow way: the quick one does not work here (%r)", error)
        return False
    uvicorn.protocols.http.auto.AutoHTTPProtocol = _made(front)
    return True


def _made(front: Front) -> type[Quick]:
    return type("Quick", (Quick,), {"worker": Connections(front)})


class _Wire(asyncio.Transport):
    """What a connection would send, kept."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = False

    def write(self, data: Any) -> None:
        self.sent += data

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close


async def _check(kind: type[Quick]) -> None:
    config = uvicorn.Config(kind.worker.front, log_config=None, lifespan="off")
    connection = kind(config, ServerState(), {}, asyncio.get_running_loop())
    wire = _Wire()
    connection.connection_made(wire)
    for pieces, statuses in ASKED:
        wire.sent = b""
        for piece in pieces:
            connection.data_received(piece)
        async with asyncio.timeout(WAIT):
            while b"}" not in wire.sent:
                await asyncio.sleep(0)
        status = int(wire.sent.split(b" ", 2)[1])
        if status not in statuses:
            raise RuntimeError(f"{pieces[0][:40]!r} was answered with {status}")
    connection.connection_lost(None)
