"""The outermost layer of the service: an ASGI app that answers POST /predict itself and guards BentoML's own app.

Only exact paths of a fixed list get through to BentoML, whose metrics keep every path they ever saw; everything else
ends here, in a JSON body that says what is wrong. Nothing a caller sends can end in a 5xx.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any

import msgspec

from serve.body import Gone, read
from serve.decode import Decoder
from serve.model import Model
from serve.pages import Pages
from serve.refusal import Header, Refusal
from serve.score import Scorer
from serve.settings import Settings
from serve.watch import Watch
from stages.errors import PipelineError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)
PREDICT = "/predict"
TICK = 0.1
"""Seconds between two writes of what was gathered."""
GONE = 499
"""The caller left before the answer: nginx's word for it."""
NO_SCRIPTS_FROM_ELSEWHERE = (
    b"content-security-policy",
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
)
"""BentoML's page loads a tracker of its makers; the browser is told not to."""


class Front:
    """One ASGI callable a worker."""

    def __init__(
        self,
        inner: App,
        inner_paths: Collection[str],
        settings: Settings,
        model: Model | PipelineError,
        open_watch: Callable[[], Watch],
        document: Callable[[], dict[str, Any]],
    ) -> None:
        self._inner = inner
        self._settings = settings
        self._model = model
        if isinstance(model, Model):
            self._decoder = Decoder(model.manifest.inputs, settings.max_rows)
            self._scorer = Scorer(model)
        self._pages = Pages(model, document)
        self._inner_paths = frozenset(inner_paths) - {PREDICT}
        self._known = self._inner_paths | {PREDICT, *Pages.PATHS}
        self._open_watch = open_watch
        self._watch: Watch | None = None
        prefix = secrets.token_hex(6)
        self._ids = (f"{prefix}-{number}" for number in itertools.count(1))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close"})

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request and hand it to the watchers, however it ends."""
        started = time.perf_counter()
        path = scope["path"]
        endpoint: str | None = path if path in self._known else "other"
        line: dict[str, Any] = {"id": self._id(scope), "method": scope["method"], "path": path[:200], "status": GONE}
        headers: list[Header] = [(b"x-request-id", line["id"].encode())]
        try:
            if path in self._inner_paths and not self._pages.answers(path):
                _allow(scope, "GET", "HEAD")
                if path == "/metrics" and self._watch:
                    self._watch.tick()
                endpoint = None  # BentoML counts it
                await self._inner(scope, receive, _noting(send, line, headers))
            else:
                line["status"], body = 200, await self._answer(scope, receive, line)
                await _reply(send, 200, body, headers)
        except Refusal as refusal:
            line["status"], line["error"] = refusal.status, str(refusal)[:500]
            await _reply(send, refusal.status, msgspec.json.encode(refusal.body()), [*headers, *refusal.headers])
        except Gone:
            line["error"] = "the caller left"
        except Exception as error:
            logger.exception("request %s failed", line["id"])
            line["status"], line["error"] = 500, f"{type(error).__name__}: {error}"[:500]
            body = msgspec.json.encode({"error": f"an error of the service, see its log for request {line['id']}"})
            await _reply(send, 500, body, headers)
        finally:
            seconds = time.perf_counter() - started
            line["ms"] = round(seconds * 1000, 3)
            if self._watch:
                self._watch.answered(line, endpoint, seconds)

    async def _answer(self, scope: Message, receive: Receive, line: dict[str, Any]) -> bytes:
        path = scope["path"]
        if path == PREDICT:
            _allow(scope, "POST")
            try:
                async with asyncio.timeout(self._settings.timeout_s):
                    body = await read(scope, receive, self._settings.max_body)
            except TimeoutError:
                reason = f"the body did not arrive within {self._settings.timeout_s:g} s"
                raise Refusal(408, reason, headers=[(b"connection", b"close")]) from None
            return self._predict(body, line)
        if self._pages.answers(path):
            _allow(scope, "GET", "HEAD")
            return self._pages.body(path)
        raise Refusal(404, f"there is no {path[:200]} here; see / for what there is")

    def _predict(self, body: bytes, line: dict[str, Any]) -> bytes:
        if not isinstance(self._model, Model):
            raise Refusal(503, str(self._model))
        version = self._model.manifest.version
        line["version"] = version
        rows = self._decoder.rows(body)
        line["rows"] = len(rows)
        about = {"version": version, "approved": self._model.approved}
        return msgspec.json.encode({"predictions": self._scorer.predictions(rows), "model": about})

    async def _lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        """The watchers open before BentoML's app says it has started, and close after it has stopped."""
        ticking: asyncio.Task[None] | None = None

        async def noting(message: Message) -> None:
            nonlocal ticking
            if message["type"] == "lifespan.startup.complete":
                self._watch = self._open_watch()
                ticking = asyncio.create_task(self._tick(self._watch))
            if message["type"].startswith("lifespan.shutdown") and ticking and self._watch:
                ticking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ticking
                self._watch.close()
            await send(message)

        await self._inner(scope, receive, noting)

    @staticmethod
    async def _tick(watch: Watch) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                watch.tick()
            except Exception:
                logger.exception("the watchers failed; requests are still answered")

    def _id(self, scope: Message) -> str:
        """The caller's own x-request-id where it is a plain one, else a new one."""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and re.fullmatch(rb"[A-Za-z0-9._:-]{1,64}", value):
                return str(value.decode())
        return next(self._ids)


def _allow(scope: Message, *methods: str) -> None:
    if scope["method"] not in methods:
        allowed = ", ".join(methods)
        raise Refusal(405, f"{scope['path']} takes {allowed}", headers=[(b"allow", allowed.encode())])


def _noting(send: Send, line: dict[str, Any], headers: list[Header]) -> Send:
    """`send` that notes the status for the log and adds headers to what BentoML's app answers."""

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            line["status"] = message["status"]
            message["headers"] = [*message.get("headers", []), *headers, NO_SCRIPTS_FROM_ELSEWHERE]
        await send(message)

    return noting


async def _reply(send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    length = (b"content-length", str(len(body)).encode())
    everything = [(b"content-type", b"application/json"), length, *headers]
    await send({"type": "http.response.start", "status": status, "headers": everything})
    await send({"type": "http.response.body", "body": body})
