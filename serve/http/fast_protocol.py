"""Bounds on a connection that uvicorn does not have: on the time a request takes to arrive and an answer to be fetched,
on a request's head, and on how many connections are open.

A thin layer on uvicorn's own protocol, which hands every request to `serve.http.app`. What breaks a bound, or is not
HTTP, goes there as well, as a Refusal in the request's scope: so each is answered, logged and counted as all others
are, and after what the same caller asked before. It leans on uvicorn's inside, whose version is pinned.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httptools
import uvicorn.protocols.http.auto
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serve.http import body
from serve.http.app import Front
from serve.http.load_shedding import busy
from serve.scoring.errors import Refusal

MAX_HEAD = 65_536
"""Bytes of a request's address and headers."""
MOST_WAITING = 100
"""Requests that one connection may have sent before the first of them is answered."""
SPARE = 128
"""Connections beyond the limit that stay for long enough to be told of it."""
SWEEP_S = 0.5
"""Seconds between two looks at the open connections."""
LINGER_S = 1.0
"""Seconds a refused caller gets to send the rest and fetch its answer, and a last request to come when the service
ends: to close on what has not been read would take the answer away."""


class Sweep:
    """Looks at a worker's open connections from time to time; one of the ticks of `Front`."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.connections: set[Any] = set()
        self._next = 0.0

    def __call__(self) -> None:
        """End what has kept still for too long."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + SWEEP_S
            for connection in list(self.connections):
                connection.look(now)


class Together:
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
        """As of the connection."""
        return self._transport.is_closing()


class Bounded(HttpToolsProtocol):
    """One connection. The subclass of a worker holds its `sweep`."""

    sweep: Sweep
    requests = 0
    """That have begun to arrive."""
    in_head = False
    arriving = False
    """Whether the last one is not complete."""
    piece = 0
    """Bytes of the present piece of what arrives."""
    began = 0
    """Bytes of the head that came in later pieces than its first."""
    behind = 0
    """Bytes of the pieces since the last one that held some of the body."""
    deaf = False
    """Whether what still comes is thrown away."""
    ending = False
    """Whether the service ends."""
    state: tuple[str, int] = ("", 0)
    """What the connection was waiting for at the last look, and in which request."""
    since = 0.0
    """When it was first seen waiting for that."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.front = self.sweep.front
        self.app = self.front  # not what uvicorn wraps around it: it reads the headers again for each request
        self.access_log = False  # logs/api.log has it
        self.sweep.connections = self.connections
        above = len(self.connections) - self.front.settings.max_connections
        if above > 0:
            self._refuse(busy())
        if above > SPARE:
            self._end_body()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        while data and not self.deaf:
            data = self._feed(data)

    def _feed(self, data: bytes) -> bytes:
        """Read what has come. Return what is to be read again, as after the offer of another protocol."""
        self.piece = len(data)
        if self.in_head:
            self.began += self.piece
        else:
            self.behind += self.piece
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            return self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            told = error.__context__
            self._refuse(told if isinstance(told, Refusal) else Refusal(400, "this is not HTTP"))
        else:
            if (self.began if self.in_head else self.behind) > MAX_HEAD:
                self._refuse(self._too_long())
        return b""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.requests += 1
        self.began = self.behind = 0
        self.in_head = self.arriving = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """What stands behind a body in chunks is of no use, and not kept."""
        if self.in_head:
            name = name.lower()  # as uvicorn's own, without its call
            self.expect_100_continue |= name == b"expect" and value.lower() == b"100-continue"
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.parser.should_upgrade():
            return
        if self.began + self.piece > MAX_HEAD and self._head_bytes() > MAX_HEAD:
            raise self._too_long()
        if len(self.pipeline) >= MOST_WAITING:
            raise Refusal(429, f"more than {MOST_WAITING} requests wait for their answers on this connection")
        super().on_headers_complete()
        self.in_head = False
        if self.scope["method"] != "HEAD":
            self.cycle.transport = Together(self.transport)  # type: ignore[assignment]
        if self.ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self.behind = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if not self.in_head:  # as after a head that asks for another protocol: it comes again
            self.arriving = False
            super().on_message_complete()

    def shutdown(self) -> None:
        """The service ends: what has begun to arrive is answered, and so is a request that is on its way."""
        self.ending = True
        if self._answering():
            self.cycle.keep_alive = False

    def look(self, now: float) -> None:
        """End it if it has kept still for too long."""
        state = (self._state(), self.requests)
        if state != self.state:
            self.state, self.since = state, now
        still, limit = now - self.since, self.front.settings.timeout_s
        match state[0]:
            case "arriving" if still > limit:
                self._refuse(body.too_slow(limit))
            case "refused" if still > LINGER_S:
                self._end_body()
            case "closing" | "unfetched" if still > limit:
                self.transport.abort()
            case "silent" if still > (LINGER_S if self.ending else self.timeout_keep_alive):
                self.transport.close()

    def _state(self) -> str:
        if self.transport.is_closing():
            return "closing"
        if self.flow.write_paused:
            return "unfetched"
        if self._answering() and self.cycle.more_body and (self.deaf or self.cycle.response_started):
            return "refused"
        if self.in_head or (self.arriving and self._answering()):
            return "answering" if self.deaf or self.flow.read_paused else "arriving"
        return "answering" if self._answering() else "silent"

    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _refuse(self, refusal: Refusal) -> None:
        """Have the front say it, and listen no more. The request ends by `_end_body`."""
        self.deaf = True
        if self.arriving and not self.in_head and not self._answering():
            self.transport.close()  # the rest of a request that has its answer
            return
        if self.in_head or not self.arriving:
            url, headers = (self.url, self.headers) if self.in_head else (b"", [])
            super().on_message_begin()
            self.headers += headers
            self.url = b"/"
            super().on_headers_complete()
            self.scope["path"] = url.decode("latin-1")
            self.scope["method"] = self.scope["method"] if url else ""
        self.scope["refusal"] = refusal  # type: ignore[typeddict-unknown-key]
        self.cycle.keep_alive = False
        self.cycle.message_event.set()

    def _end_body(self) -> None:
        """Let the front go on as if the request were whole: it has been refused, and the connection ends."""
        self.deaf = True
        self.cycle.keep_alive = False
        self.cycle.more_body = False
        self.cycle.message_event.set()

    def _should_upgrade(self) -> bool:
        return False

    def _stay(self, rest: bytes) -> bytes:
        """Another protocol is offered, not demanded (RFC 9110, 7.8): return the same request without the offer."""
        method = self.parser.get_method()
        if method == b"CONNECT":
            self._refuse(Refusal(405, "this is no proxy"))
            return b""
        version = self.parser.get_http_version().encode()
        kept = b"".join([b"%s: %s\r\n" % header for header in self.headers if header[0] != b"upgrade"])
        self.parser = httptools.HttpRequestParser(self)
        self.requests -= 1
        return b"%s %s HTTP/%s\r\n%s\r\n%s" % (method, self.url, version, kept, rest)

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _too_long(self) -> Refusal:
        if len(self.url) > MAX_HEAD // 2:
            return Refusal(414, f"the address is {len(self.url)} bytes long; it and the headers may have {MAX_HEAD}")
        return Refusal(431, f"the address and the headers are longer than {MAX_HEAD} bytes")


def install(front: Front) -> type[Bounded]:
    """Let uvicorn make this worker's connections of `Bounded`."""
    sweep = Sweep(front)
    front.ticks.append(sweep)
    made = type("Bounded", (Bounded,), {"sweep": sweep})
    uvicorn.protocols.http.auto.AutoHTTPProtocol = made
    return made
