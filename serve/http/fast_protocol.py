"""Bounds on a connection that uvicorn does not have: on the time a request takes to arrive and an answer to be fetched,
on a request's head, and on how many connections are open.

A thin layer on uvicorn's own protocol, which hands every request to `serve.http.app`. What breaks a bound, or is not
HTTP, goes there as well, as an ApiError in the request's scope: so each is answered, logged and counted as all others
are, and after what the same caller asked before. It leans on uvicorn's inside, whose version is pinned.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httptools
import uvicorn.protocols.http.auto
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serve.http.app import Gateway
from serve.http.body import RequestTimeout
from serve.http.load_shedding import Overloaded
from serve.scoring.errors import ApiError

MAX_HEAD_BYTES = 65_536
"""Bytes of a request's address and headers."""
MAX_PIPELINED = 100
"""Requests that one connection may have sent before the first of them is answered."""
SPARE_CONNECTIONS = 128
"""Connections beyond the limit that stay for long enough to be told of it."""
TIMEOUT_CHECK_S = 0.5
"""Seconds between two looks at the open connections."""
CLOSE_GRACE_S = 1.0
"""Seconds a refused caller gets to send the rest and fetch its answer, and a last request to come when the service
ends: to close on what has not been read would take the answer away."""


class ConnectionSweeper:
    """Checks a worker's open connections from time to time; one of the tick hooks of `Gateway`."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.connections: set[Any] = set()
        self._next = 0.0

    def __call__(self) -> None:
        """End the connections that have kept still for too long."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + TIMEOUT_CHECK_S
            for connection in list(self.connections):
                connection.check_timeouts(now)


class CombiningTransport:
    """A transport for one answer, whose head and the beginning of its body leave in one packet."""

    __slots__ = ("_head", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None

    def write(self, data: bytes) -> None:
        """Hold back the head until more follows, or the end."""
        if self._head is None and not data.startswith(b"HTTP/1.1 100 "):
            self._head = data
        else:
            self._transport.write(self._head + data if self._head else data)
            self._head = b"" if self._head else self._head

    def close(self) -> None:
        """Send what was held back, and end."""
        self.write(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether the connection is being closed."""
        return self._transport.is_closing()


class FastHTTPProtocol(HttpToolsProtocol):
    """One connection. The subclass of a worker holds its `sweeper`."""

    sweeper: ConnectionSweeper
    n_requests = 0
    """Requests that have begun to arrive."""
    in_head = False
    arriving = False
    """Whether the last request is not complete."""
    chunk_bytes = 0
    """Bytes of the present piece of what arrives."""
    later_head_bytes = 0
    """Bytes of the head that came in later pieces than its first."""
    bytes_since_body = 0
    """Bytes of the pieces since the last one that held some of the body."""
    discarding_input = False
    """Whether what still comes is thrown away."""
    shutting_down = False
    """Whether the service ends."""
    state: tuple[str, int] = ("", 0)
    """What the connection was waiting for at the last look, and in which request."""
    state_since = 0.0
    """When it was first seen waiting for that."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.gateway = self.sweeper.gateway
        self.app = self.gateway  # not what uvicorn wraps around it: it reads the headers again for each request
        self.access_log = False  # logs/api.log has it
        self.sweeper.connections = self.connections
        excess = len(self.connections) - self.gateway.settings.max_connections
        if excess > 0:
            self._refuse(Overloaded())
        if excess > SPARE_CONNECTIONS:  # these may not even send their request: they would be too many, too
            self._end_body()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data and not self.discarding_input:
            data = self._feed(data)

    def _feed(self, data: bytes) -> bytes:
        """Read what has come. Return what is to be read again, as after the offer of another protocol."""
        self.chunk_bytes = len(data)
        if self.in_head:
            self.later_head_bytes += self.chunk_bytes
        else:
            self.bytes_since_body += self.chunk_bytes
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._decline_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, ApiError) else ApiError(400, "this is not HTTP"))
        else:
            if (self.later_head_bytes if self.in_head else self.bytes_since_body) > MAX_HEAD_BYTES:
                self._refuse(self._make_head_error())
        return b""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.n_requests += 1
        self.later_head_bytes = self.bytes_since_body = 0
        self.in_head = self.arriving = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. What stands behind a body in chunks is of no use, and not kept."""
        if self.in_head:
            name = name.lower()  # as uvicorn's own, without its call
            self.expect_100_continue |= name == b"expect" and value.lower() == b"100-continue"
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if self.later_head_bytes + self.chunk_bytes > MAX_HEAD_BYTES and self._count_head_bytes() > MAX_HEAD_BYTES:
            raise self._make_head_error()
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ApiError(429, f"more than {MAX_PIPELINED} requests wait for their answers on this connection")
        super().on_headers_complete()
        self.in_head = False
        if self.scope["method"] != "HEAD":
            self.cycle.transport = CombiningTransport(self.transport)  # type: ignore[assignment]
        if self.shutting_down:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self.bytes_since_body = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.in_head:  # as after a head that asks for another protocol: it comes again
            self.arriving = False
            super().on_message_complete()

    def shutdown(self) -> None:
        """End with the service: what has begun to arrive is answered, and so is a request that is on its way."""
        self.shutting_down = True
        if self._is_answering():
            self.cycle.keep_alive = False

    def check_timeouts(self, now: float) -> None:
        """End the connection if it has kept still for too long; `now` is `time.monotonic()`."""
        state = (self._find_state(), self.n_requests)
        if state != self.state:
            self.state, self.state_since = state, now
        idle_s, timeout_s = now - self.state_since, self.gateway.settings.timeout_s
        match state[0]:
            case "arriving" if idle_s > timeout_s:
                self._refuse(RequestTimeout(timeout_s))
            case "refused" if idle_s > CLOSE_GRACE_S:
                self._end_body()
            case "closing" | "unfetched" if idle_s > timeout_s:
                self.transport.abort()
            case "silent" if idle_s > (CLOSE_GRACE_S if self.shutting_down else self.timeout_keep_alive):
                self.transport.close()

    def _find_state(self) -> str:
        """Return what the connection waits for: closing, unfetched, refused, arriving, answering or silent."""
        if self.transport.is_closing():
            return "closing"
        if self.flow.write_paused:
            return "unfetched"
        if self._is_answering() and self.cycle.more_body and (self.discarding_input or self.cycle.response_started):
            return "refused"
        if self.in_head or (self.arriving and self._is_answering()):
            return "answering" if self.discarding_input or self.flow.read_paused else "arriving"
        return "answering" if self._is_answering() else "silent"

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, error: ApiError) -> None:
        """Have the gateway answer with the error, and listen no more. The request ends by `_end_body`."""
        self.discarding_input = True
        if self.arriving and not self.in_head and not self._is_answering():
            self.transport.close()  # the rest of a request that has its answer
            return
        if self.in_head or not self.arriving:
            # No request is there yet that could carry the error: one is made of what has come of the head.
            url, headers = (self.url, self.headers) if self.in_head else (b"", [])
            super().on_message_begin()
            self.headers += headers
            self.url = b"/"
            super().on_headers_complete()
            self.scope["path"] = url.decode("latin-1")
            self.scope["method"] = self.scope["method"] if url else ""
        self.scope["api_error"] = error  # type: ignore[typeddict-unknown-key]
        self.cycle.keep_alive = False
        self.cycle.message_event.set()

    def _end_body(self) -> None:
        """Let the gateway go on as if the request were whole: it has been refused, and the connection ends."""
        self.discarding_input = True
        self.cycle.keep_alive = False
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _should_upgrade(self) -> bool:
        return False

    def _decline_upgrade(self, rest: bytes) -> bytes:
        """Return the same request without the offer of another protocol, which demands nothing (RFC 9110, 7.8)."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(ApiError(405, "this is no proxy"))
            return b""
        version = self.parser.get_http_version().encode()
        headers = b"".join([b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"])
        self.parser = httptools.HttpRequestParser(self)  # the old one reads no more HTTP after an offer
        self.n_requests -= 1
        return b"%s %s HTTP/%s\r\n%s\r\n%s" % (method, self.url, version, headers, rest)

    def _count_head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _make_head_error(self) -> ApiError:
        if len(self.url) > MAX_HEAD_BYTES // 2:
            return ApiError(
                414, f"the address is {len(self.url)} bytes long; it and the headers may have {MAX_HEAD_BYTES}"
            )
        return ApiError(431, f"the address and the headers are longer than {MAX_HEAD_BYTES} bytes")


def install(gateway: Gateway) -> type[FastHTTPProtocol]:
    """Let uvicorn make this worker's connections of `FastHTTPProtocol`."""
    sweeper = ConnectionSweeper(gateway)
    gateway.tick_hooks.append(sweeper)
    worker_protocol = type("WorkerProtocol", (FastHTTPProtocol,), {"sweeper": sweeper})
    uvicorn.protocols.http.auto.AutoHTTPProtocol = worker_protocol
    return worker_protocol
