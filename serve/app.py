"""The outermost layer of the service: an ASGI app that answers POST /predict itself and guards BentoML's own app.

Only exact paths of a fixed list get through to BentoML, whose metrics keep every path they ever saw; everything else
ends here, in a JSON body that says what is wrong. Nothing a caller sends can end in a 5xx.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple

import msgspec

from serve import body
from serve.asked import SHOWN, Asked, asked
from serve.decode import Row
from serve.headers import PAGE, PRIVATE
from serve.pages import Pages
from serve.refusal import Header, Refusal
from serve.score import Numbers
from serve.served import Served, Unserved
from serve.settings import Settings
from serve.turn import Turn
from serve.watch import Watch, Window

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Guard = Callable[[Asked, Mapping[bytes, bytes]], None]
"""Looks at a request's head; raises Refusal for one that may not come in."""
Scored = Callable[[Served, Sequence[Row], Numbers], None]
"""Told of each answer: what was asked, and what the model gave. On the request's way, so it only notes it down."""

logger = logging.getLogger(__name__)
PREDICT = "/predict"
DRIFT = "/drift"
OTHER = "other"
"""Under this name the metrics count all paths that are not known."""
TICK = 0.1
"""Seconds between two writes of what was gathered."""


class Reply(NamedTuple):
    """What is said instead of an answer."""

    status: int
    body: bytes
    headers: Sequence[Header]


class Front:
    """One ASGI callable a worker. `served` may be exchanged at any time; the lists and `live` may be added to.

    `ticks` are called several times a second; `live` has pages that are made anew for each request; `mounted` the paths
    of the app within BentoML's that is sent forms, and how many bytes each takes.
    """

    def __init__(
        self,
        inner: App,
        inner_paths: Collection[str],
        settings: Settings,
        served: Served | Unserved,
        open_watch: Callable[[], Watch],
    ) -> None:
        self.settings = settings
        self.served = served
        self.guards: list[Guard] = []
        self.scored: list[Scored] = []
        self.ticks: list[Callable[[], None]] = []
        self.live: dict[str, Callable[[], bytes]] = {}
        self.mounted: dict[str, int] = {}
        self._inner = inner
        self._inner_paths = frozenset(inner_paths) - {PREDICT}
        self._known = self._inner_paths | {PREDICT, DRIFT, *Pages.PATHS}
        self._open_watch = open_watch
        self._watch: Watch | None = None
        self._turn = Turn(settings.max_wait_s)
        self._failing = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    # What this app and serve/protocol.py both do, in this order

    def admit(self, asked: Asked, headers: Mapping[bytes, bytes], before: float = 0.0) -> None:
        """Whether a prediction's body may be read, by its head. `before` is when the connection's last request came up.

        Raises Refusal.
        """
        self._turn.check(float(asked.time), before)
        self._guard(asked, headers)
        body.check(headers, self.settings.max_body)

    def predict(self, asked: Asked, content: bytes) -> bytes:
        """The answer's body to a request's. Raises Refusal."""
        served = self.served
        asked.version = served.version
        answer = served.predict(content)
        asked.rows = len(answer.rows)
        if self.settings.log_inputs and isinstance(served, Served):
            asked.inputs = served.named(answer.rows)
        for scored in self.scored:
            scored(served, answer.rows, answer.numbers)  # type: ignore[arg-type]
        asked.status = 200
        return answer.content

    def refuse(self, asked: Asked, error: Exception) -> Reply:
        """What the caller is told of an error: of one of the service only a name to ask by."""
        if isinstance(error, Refusal):
            asked.status, asked.error = error.status, str(error)[:500]
            return Reply(error.status, msgspec.json.encode(error.body()), error.headers)
        logger.error("request %s failed", asked.id, exc_info=error)
        # An error's text may hold values that were sent: it stands in the server's output only.
        asked.status, asked.error = 500, f"{type(error).__name__}: see the server's output"
        text = f"an error of the service, see its log for request {asked.id}"
        return Reply(500, msgspec.json.encode({"error": text}), ())

    def done(self, asked: Asked, endpoint: str | None) -> None:
        """The request is over, however it ended; `endpoint` is None where BentoML counts it."""
        asked.ms = round((time.perf_counter() - float(asked.time)) * 1000, 3)
        if self._watch:
            self._watch.answered(asked, endpoint)

    def window(self) -> Window | None:
        """The predictions of the last minutes, over all workers; None before the watchers have opened."""
        return self._watch.window if self._watch else None

    # The ASGI way

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        path, headers = scope["path"], dict(scope["headers"])
        line = asked(scope["method"], path, headers)
        endpoint: str | None = path if path in self._known else OTHER
        named: list[Header] = [(b"x-request-id", line.id.encode())]
        try:
            if path == PREDICT:
                _allow(scope, "POST")
                self.admit(line, headers)
                content = await self._body(receive, headers, self.settings.max_body)
                await _reply(send, 200, self.predict(line, content), named)
            elif path in self.mounted:
                self._enter(scope, line, headers, "GET", "HEAD", "POST")
                endpoint = None
                content = await self._body(receive, headers, self.mounted[path])
                await self._inner(scope, _replaying(content, receive), _noting(send, line, named))
            elif path in self._inner_paths and not self.served.pages.answers(path):
                self._enter(scope, line, headers, "GET", "HEAD")
                if path == "/metrics":
                    self._tick()
                endpoint = None
                await self._inner(scope, receive, _noting(send, line, [*named, *PAGE]))
            elif path in self.live or self.served.pages.answers(path):
                self._enter(scope, line, headers, "GET", "HEAD")
                page = self.live[path]() if path in self.live else self.served.pages.body(path)
                line.status = 200
                await _reply(send, 200, page, named)
            else:
                self._guard(line, headers)
                raise Refusal(404, f"there is no {path[:SHOWN]} here; see / for what there is")
        except body.Gone:
            line.error = "the caller left"
        except Exception as error:
            reply = self.refuse(line, error)
            await _reply(send, reply.status, reply.body, [*named, *reply.headers])
        finally:
            self.done(line, endpoint)

    def _enter(self, scope: Message, line: Asked, headers: Mapping[bytes, bytes], *methods: str) -> None:
        self._guard(line, headers)
        _allow(scope, *methods)

    def _guard(self, line: Asked, headers: Mapping[bytes, bytes]) -> None:
        for guard in self.guards:
            guard(line, headers)

    async def _body(self, receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
        if int(headers.get(b"content-length", b"0")) > limit:
            raise body.too_large(limit)
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                return await body.read(receive, limit)
        except TimeoutError:
            raise body.too_slow(self.settings.timeout_s) from None

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        """The watchers open before BentoML's app says it has started, and close after it has stopped."""
        ticking: asyncio.Task[None] | None = None

        async def noting(message: Message) -> None:
            nonlocal ticking
            if message["type"] == "lifespan.startup.complete":
                self._watch = self._open_watch()
                ticking = asyncio.create_task(self._keep_ticking())
            if message["type"].startswith("lifespan.shutdown") and ticking and self._watch:
                ticking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ticking
                self._watch.close()
            await send(message)

        await self._inner(scope, receive, noting)

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            self._tick()

    def _tick(self) -> None:
        """A failure is told once, until all is well again."""
        failed = False
        for tick in [*([self._watch.tick] if self._watch else []), *self.ticks]:
            try:
                tick()
            except Exception:
                if not self._failing:
                    logger.exception("the watchers failed; requests are still answered")
                failed = True
        self._failing = failed


def _allow(scope: Message, *methods: str) -> None:
    if scope["method"] not in methods:
        allowed = ", ".join(methods)
        raise Refusal(405, f"{scope['path']} takes {allowed}", headers=[(b"allow", allowed.encode())])


def _noting(send: Send, line: Asked, headers: list[Header]) -> Send:
    """`send` that notes the status for the log and adds headers to what BentoML's app answers."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            line.status = message["status"]
            message["headers"] = [*message.get("headers", []), *headers]
        await send(message)

    return noting


def _replaying(content: bytes, receive: Receive) -> Receive:
    """`receive` of a request whose body has been read already: whole, of the size and within the time it may have."""
    parts = [content]

    async def replaying() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return replaying


async def _reply(send: Send, status: int, content: bytes, headers: Sequence[Header]) -> None:
    length = (b"content-length", str(len(content)).encode())
    everything = [(b"content-type", b"application/json"), length, *PRIVATE, *headers]
    await send({"type": "http.response.start", "status": status, "headers": everything})
    await send({"type": "http.response.body", "body": content})
