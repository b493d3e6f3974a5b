"""POST /predict answered where uvicorn's parser hands a request over: no task, no scope, no events in between.

Everything but a plain POST /predict goes uvicorn's own way, to serve/app.py. On both ways a request that takes longer
than `timeout_s` to arrive is cut off, headers included; so is a caller who does not fetch its answers. uvicorn has
neither limit. This leans on uvicorn's inside, whose version is pinned: serve/selftest.py tries it before it is used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from serve import body
from serve.app import OTHER, PREDICT, Front, Reply
from serve.asked import Asked, asked
from serve.headers import PRIVATE
from serve.refusal import Header, Refusal
from serve.turn import busy

TARGET = PREDICT.encode()
MAX_HEAD = 65_536
"""Bytes of a request's line and headers; as many more than twice the body's limit may come with chunks around it."""
SWEEP = 0.5
"""Seconds between two looks at connections that keep still."""
LINGER = 1.0
"""Seconds a caller gets to fetch its refusal, and a last request to come when the service ends."""
ALWAYS = b"content-type: application/json\r\n" + b"".join(b"%s: %s\r\n" % header for header in PRIVATE)
CLOSE = (b"connection", b"close")


class Connections:
    """The open connections of one worker, and how long each has kept still."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.now = 0.0
        """The loop's time at the last look: near enough for limits of seconds, and free."""
        self._open: set[Quick] = set()
        self._default: list[Header] = []
        self._head = b""
        self._looking = False

    def add(self, connection: Quick) -> None:
        """Raises Refusal when there is no room for one more."""
        if not self._looking:
            self._looking = True
            self._look(connection.loop)
        if len(self._open) >= self.front.settings.max_connections:
            raise busy()
        self._open.add(connection)

    def remove(self, connection: Quick) -> None:
        """It has ended, or is no longer one of HTTP."""
        self._open.discard(connection)

    def head(self, default: list[Header]) -> bytes:
        """The headers of every answer. uvicorn makes new ones once a second, for the date."""
        if default is not self._default:
            self._default = default
            self._head = b"".join(b"%s: %s\r\n" % header for header in default) + ALWAYS
        return self._head

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = loop.time()
        for connection in list(self._open):
            connection.look(self.now)
        loop.call_later(SWEEP, self._look, loop)


class Quick(HttpToolsProtocol):
    """One connection. A subclass for each worker holds its `worker`."""

    worker: Connections
    here = False
    """Whether the present request is answered here."""
    line: Asked | None = None
    """The present request, if it is answered here, until it is."""
    in_head = False
    arriving = False
    """Whether a request has begun and is not complete."""
    came_up = 0.0
    """When the last request answered here did."""
    received = 0
    """Its bytes."""
    content: bytes | bytearray = b""
    """Of its body."""
    last = False
    """Whether the next answer ends the connection."""
    deaf = False
    """Whether what still comes is thrown away."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.front = self.worker.front
        try:
            self.worker.add(self)
        except Refusal as refusal:
            self.deaf = True
            line = asked("", "", {})
            self._say(line, OTHER, self.front.refuse(line, refusal), last=True)
            self.transport.close()
        self.since = self.worker.now

    def connection_lost(self, exc: Exception | None) -> None:
        self.worker.remove(self)
        line, self.line = self.line, None
        if line is not None:
            line.error = "the caller left"
            self.front.done(line, PREDICT)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.deaf:
            return
        self._unset_keepalive_if_required()
        self.received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._give_up(Refusal(400, "this is not HTTP"))
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.worker.remove(self)
                self.handle_websocket_upgrade()
        if self.arriving and self.received > MAX_HEAD:
            if self.in_head:
                self._give_up(Refusal(431, f"the headers are longer than {MAX_HEAD} bytes"))
            elif self.received > 2 * self.front.settings.max_body + MAX_HEAD:
                self._give_up(body.too_large(self.front.settings.max_body))

    # The parser's callbacks

    def on_message_begin(self) -> None:
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self.here, self.in_head, self.arriving = False, True, True
        self.since = self.worker.now

    def on_headers_complete(self) -> None:
        self.in_head = False
        if (
            self.url == TARGET
            and self.parser.get_method() == b"POST"
            and not self.expect_100_continue
            and not self.pipeline
            and (self.cycle is None or self.cycle.response_complete)
            and not self.parser.should_upgrade()
        ):
            self._begin()
        else:
            self._uvicorns_way()

    def on_body(self, body_part: bytes) -> None:
        if not self.here:
            if self.cycle is not None:
                super().on_body(body_part)
        elif self.line is not None:
            self.content = _joined(self.content, body_part)
            limit = self.front.settings.max_body
            if len(self.content) > limit:
                self._refuse(self.line, body.too_large(limit), last=True)

    def on_message_complete(self) -> None:
        self.arriving, self.received, self.since = False, 0, self.worker.now
        if not self.here:
            super().on_message_complete()
        elif self.line is not None:
            self._answer(self.line)
        elif self.last:
            self.transport.close()

    # One request answered here

    def _begin(self) -> None:
        headers = dict(self.headers)
        self.here, self.content = True, b""
        self.line = line = asked("POST", PREDICT, headers)
        before, self.came_up = self.came_up, float(line.time)
        try:
            self.front.admit(line, headers, before)
        except Exception as error:
            # What comes of a body that is short is awaited, so that the connection can go on.
            short = int(headers.get(b"content-length", self.front.settings.max_body + 1))
            self._refuse(line, error, last=short > self.front.settings.max_body)

    def _answer(self, line: Asked) -> None:
        last = not self.parser.should_keep_alive() or self.parser.get_http_version() == "1.0"
        try:
            content = self.front.predict(line, bytes(self.content))
        except Exception as error:
            self._refuse(line, error, last=last)
        else:
            self._say(line, PREDICT, Reply(200, content, ()), last=last)

    def _refuse(self, line: Asked, error: Exception, *, last: bool) -> None:
        self._say(line, PREDICT, self.front.refuse(line, error), last=last)

    def _say(self, line: Asked, endpoint: str, reply: Reply, *, last: bool) -> None:
        """Write a whole answer. After the last one the connection ends once the request is there, or LINGER is over."""
        self.line, self.content = None, b""
        self.last = last = self.last or last or CLOSE in reply.headers
        self.transport.write(
            b"%s%scontent-length: %d\r\nx-request-id: %s\r\n%s\r\n%s"
            % (
                STATUS_LINE[reply.status],
                self.worker.head(self.server_state.default_headers),
                len(reply.body),
                line.id.encode(),
                _lines(reply.headers, last) if last or reply.headers else b"",
                reply.body,
            )
        )
        self.server_state.total_requests += 1
        self.front.done(line, endpoint)
        if last and not self.arriving:
            self.transport.close()

    # The connection as a whole

    def look(self, now: float) -> None:
        """End it if it has kept still for too long."""
        still = now - self.since
        limit = self.front.settings.timeout_s
        if self.last:
            if still > LINGER and (self.line is None or still > limit):
                self.transport.close() if not self.arriving else self.transport.abort()
        elif self.arriving:
            if still > limit:
                self._give_up(body.too_slow(limit))
        elif self.flow.write_paused:
            if still > limit:
                self.transport.abort()
        elif still > self.timeout_keep_alive and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()

    def shutdown(self) -> None:
        """The service ends: what has begun is answered, and so is a request that is on its way."""
        self.last, self.since = True, self.worker.now
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.keep_alive = False

    def pause_writing(self) -> None:
        """The caller does not fetch its answers: until it does, it is not listened to."""
        super().pause_writing()
        self.flow.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self.flow.resume_reading()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self.since = self.worker.now

    def _give_up(self, refusal: Refusal) -> None:
        """Refuse what is arriving and listen no more. An answer of uvicorn's way that has begun is cut off."""
        if self.deaf or self.transport.is_closing():
            return
        self.deaf, self.since = True, self.worker.now
        if self.line is not None:
            self._refuse(self.line, refusal, last=True)
        elif self.here or (self.cycle is not None and not self.cycle.response_complete) or not self.in_head:
            self.transport.abort()
        else:
            line = asked("", self.url.decode("latin-1"), dict(self.headers))
            self._say(line, OTHER, self.front.refuse(line, refusal), last=True)

    def _uvicorns_way(self) -> None:
        headers, url, expects = self.headers, self.url, self.expect_100_continue
        super().on_message_begin()
        self.headers.extend(headers)
        self.url, self.expect_100_continue = url, expects
        super().on_headers_complete()
        if self.last and self.cycle is not None:
            self.cycle.keep_alive = False


def _joined(content: bytes | bytearray, part: bytes) -> bytes | bytearray:
    """Most bodies come in one part; many small ones must not be copied again for each."""
    if not content:
        return part
    if isinstance(content, bytes):
        content = bytearray(content)
    content += part
    return content


def _lines(headers: Sequence[Header], last: bool) -> bytes:
    lines = [b"%s: %s\r\n" % header for header in headers if header != CLOSE]
    return b"".join([*lines, b"connection: close\r\n"] if last else lines)
