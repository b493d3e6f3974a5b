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
from typing import Any

import msgspec

from serve.http import body, head
from serve.http.active_model import Served, Unserved
from serve.http.headers import PAGE, PRIVATE
from serve.http.info import Pages
from serve.http.load_shedding import Turn
from serve.monitor.request_record import SHOWN, Asked, asked
from serve.monitor.watch import Watch, Window
from serve.scoring.decode import Row
from serve.scoring.errors import Header, Refusal
from serve.scoring.scorer import Numbers
from serve.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Guard = Callable[[Asked, Mapping[bytes, bytes], str], None]
"""Looks at a request's head, and at the address it came from; raises Refusal for one that may not come in."""
Scored = Callable[[Served, Sequence[Row], Numbers], None]
"""Told of each answer: what was asked, and what the model gave. On the request's way, so it only notes it down."""

logger = logging.getLogger(__name__)
PREDICT = "/predict"
DRIFT = "/drift"
TYPE: Header = (b"content-type", b"application/json")
OTHER = "other"
"""Under this name the metrics count all paths that are not known."""
TICK = 0.1
"""Seconds between two writes of what was gathered."""


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
        """One request, from its head to its line in the log. `rest` is whence more of it may come."""
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        path, headers = scope["path"], dict(scope["headers"])
        line = asked(scope["method"], path, headers)
        peer = scope["client"][0] if scope.get("client") else ""
        rest: Receive | None = receive
        endpoint: str | None = OTHER
        try:
            head.check(scope, headers)
            endpoint = path if path in self._known else OTHER
            for guard in self.guards:
                guard(line, headers, peer)
            limit = self._limit(path, scope["method"], headers)
            content = await body.read(scope, receive, limit) if limit is not None else b""
            rest = None
            if path == PREDICT:
                self._turn.check(time.perf_counter())
                await _say(send, 200, self._predict(line, content), line)
            elif path in self.live or self.served.pages.answers(path):
                page = self.live[path]() if path in self.live else self.served.pages.body(path)
                line.status = 200
                await _say(send, 200, page, line)
            else:
                endpoint = None
                await self._bentoml(scope, content, receive, send, line)
        except body.Gone:
            line.error = "the caller left"
        except Exception as error:
            content, more = self._refuse(line, error)
            if rest and b"expect" in headers and body.CLOSE not in more:
                more = [*more, body.CLOSE]  # the body may come or not, so what comes next cannot be told from it
            await _say(send, line.status, content, line, more, rest)
        finally:
            line.ms = (time.perf_counter() - float(line.time)) * 1000
            if self._watch:
                self._watch.answered(line, endpoint)

    def window(self) -> Window | None:
        """The predictions of the last minutes, over all workers; None before the watchers have opened."""
        return self._watch.window if self._watch else None

    def _limit(self, path: str, method: str, headers: Mapping[bytes, bytes]) -> int | None:
        """Return how many bytes its body may have, None where none is read. Raises Refusal for what it cannot be."""
        if path == PREDICT:
            _allow(path, method, "POST")
            body.check(headers, self.settings.max_body)
            return self.settings.max_body
        if path in self.mounted:
            _allow(path, method, "GET", "HEAD", "POST")
            body.check_length(headers, self.mounted[path])
            return self.mounted[path]
        if path not in self._inner_paths and path not in self.live and not self.served.pages.answers(path):
            raise Refusal(404, f"there is no {path[:SHOWN]} here; see / for what there is")
        _allow(path, method, "GET", "HEAD")
        return None

    async def _bentoml(self, scope: Message, content: bytes, receive: Receive, send: Send, line: Asked) -> None:
        """Let BentoML's app answer, which counts the request, too."""
        path = scope["path"]
        if path == "/metrics":
            self._tick()
        if path in self.mounted:
            await self._inner(scope, _replaying(content, receive), _noting(send, line, ()))
        else:
            await self._inner(scope, receive, _noting(send, line, PAGE))

    def _predict(self, line: Asked, content: bytes) -> bytes:
        """The answer's body to a request's. Raises Refusal."""
        served = self.served
        line.version = served.version
        answer = served.predict(content)
        line.rows = len(answer.rows)
        if self.settings.log_inputs and isinstance(served, Served):
            line.inputs = served.named(answer.rows)
        for scored in self.scored:
            scored(served, answer.rows, answer.numbers)  # type: ignore[arg-type]
        line.status = 200
        return answer.content

    def _refuse(self, line: Asked, error: Exception) -> tuple[bytes, Sequence[Header]]:
        """The body and more headers of what the caller is told of an error: of the service's own only a name."""
        if isinstance(error, Refusal):
            line.status, line.error = error.status, str(error)[:500]
            return msgspec.json.encode(error.body()), error.headers
        logger.error("request %s failed", line.id, exc_info=error)
        # An error's text may hold values that were sent: it stands in the server's output only.
        line.status, line.error = 500, f"{type(error).__name__}: see the server's output"
        text = f"an error of the service, see its log for request {line.id}"
        return msgspec.json.encode({"error": text}), ()

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


def _allow(path: str, method: str, *methods: str) -> None:
    if method not in methods:
        allowed = ", ".join(methods)
        raise Refusal(405, f"{path} takes {allowed}", headers=[(b"allow", allowed.encode())])


def _noting(send: Send, line: Asked, headers: Sequence[Header]) -> Send:
    """`send` that notes the status for the log and adds headers to what BentoML's app answers."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            line.status = message["status"]
            message["headers"] = [*message.get("headers", []), *headers, (b"x-request-id", line.id.encode())]
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


async def _say(
    send: Send, status: int, content: bytes, line: Asked, more: Sequence[Header] = (), rest: Receive | None = None
) -> None:
    """Answer in JSON. Where a rest of the request is on its way, the connection ends, if it must, only after that."""
    length = (b"content-length", str(len(content)).encode())
    headers = [TYPE, length, *PRIVATE, (b"x-request-id", line.id.encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if rest:
        await send({"type": "http.response.body", "body": content, "more_body": True})
        await body.drop(rest)
        content = b""
    await send({"type": "http.response.body", "body": content})
