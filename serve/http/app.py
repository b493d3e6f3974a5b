"""The outermost layer of the service: an ASGI app that answers predictions itself and guards BentoML's own app.

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

from serve.http.active_model import ActiveModel, NoModel
from serve.http.body import CLOSE, ClientDisconnect, check_body_headers, check_length, drain_body, read_body
from serve.http.headers import PAGE_HEADERS, PRIVATE_HEADERS, check_head
from serve.http.info import Pages
from serve.http.load_shedding import LoopLagGuard, Overloaded
from serve.monitor.request_record import MAX_PATH_SHOWN, RequestRecord, start_record
from serve.monitor.watch import RequestObserver, Window
from serve.scoring.decode import Row
from serve.scoring.errors import ApiError, Header
from serve.scoring.scorer import Outputs
from serve.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Guard = Callable[[RequestRecord, Mapping[bytes, bytes], str], None]
"""Looks at a request's head, and at the address it came from; raises ApiError for one that may not come in."""
ScoreHook = Callable[[ActiveModel, Sequence[Row], Outputs], None]
"""Called with each answer: what was asked, and what the model gave. On the request's way, so it only notes it down."""

logger = logging.getLogger(__name__)
PREDICT_PATH = "/predict"
EXPLAIN_PATH = "/explain"
DRIFT_PATH = "/drift"
JSON_TYPE: Header = (b"content-type", b"application/json")
OTHER_ENDPOINT = "other"
"""Under this name the metrics count all paths that are not known."""
MAX_EXPLAINING = 2
"""Requests for reasons that a worker answers at once, in threads, so that predictions go on meanwhile."""
TICK_S = 0.1
"""Seconds between two calls of the hooks, such as the one that writes what was gathered."""


class Gateway:
    """One ASGI callable a worker. `active_model` may be exchanged at any time; lists and dicts may be added to.

    `tick_hooks` are called several times a second; `live_pages` are bodies that are made anew for each request;
    `mounted_paths` the paths of the app within BentoML's that is sent forms, and how many bytes each takes.
    """

    def __init__(
        self,
        inner: App,
        inner_paths: Collection[str],
        settings: Settings,
        active_model: ActiveModel | NoModel,
        open_observer: Callable[[], RequestObserver],
    ) -> None:
        self.settings = settings
        self.active_model = active_model
        self.guards: list[Guard] = []
        self.score_hooks: list[ScoreHook] = []
        self.tick_hooks: list[Callable[[], None]] = []
        self.live_pages: dict[str, Callable[[], bytes]] = {}
        self.mounted_paths: dict[str, int] = {}
        self._inner = inner
        self._inner_paths = frozenset(inner_paths) - {PREDICT_PATH, EXPLAIN_PATH}
        self._known_paths = self._inner_paths | {PREDICT_PATH, EXPLAIN_PATH, DRIFT_PATH, *Pages.PATHS}
        self._explaining = 0
        self._open_observer = open_observer
        self._observer: RequestObserver | None = None
        self._lag_guard = LoopLagGuard(settings.max_wait_s)
        self._hooks_failing = False

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, from its head to its line in the log."""
        if scope["type"] != "http":
            await self._handle_lifespan(scope, receive, send)
            return
        path, headers = scope["path"], dict(scope["headers"])
        record = start_record(scope["method"], path, headers)
        peer = scope["client"][0] if scope.get("client") else ""
        rest: Receive | None = receive  # whence more of the request may come
        endpoint: str | None = OTHER_ENDPOINT
        try:
            check_head(scope, headers)
            endpoint = path if path in self._known_paths else OTHER_ENDPOINT
            for guard in self.guards:
                guard(record, headers, peer)
            limit = self._check_route(path, scope["method"], headers)
            body = await read_body(scope, receive, limit) if limit is not None else b""
            rest = None
            if path == PREDICT_PATH:
                # Only now: a request is late when its turn to be scored comes, however its body arrived.
                self._lag_guard.check(time.perf_counter())
                await _send_json(send, 200, self._predict(record, body), record)
            elif path == EXPLAIN_PATH:
                await _send_json(send, 200, await self._explain(record, body), record)
            elif path in self.live_pages or self.active_model.pages.answers(path):
                page = self.live_pages[path]() if path in self.live_pages else self.active_model.pages.body(path)
                record.status = 200
                await _send_json(send, 200, page, record)
            else:
                endpoint = None
                await self._call_bentoml(scope, body, receive, send, record)
        except ClientDisconnect:
            record.error = "the caller left"
        except Exception as error:
            body, more_headers = self._record_error(record, error)
            if rest and b"expect" in headers and CLOSE not in more_headers:
                # The body may come or not, so what comes next cannot be told from it.
                more_headers = [*more_headers, CLOSE]
            await _send_json(send, record.status, body, record, more_headers, rest)
        finally:
            record.ms = (time.perf_counter() - float(record.time)) * 1000
            if self._observer:
                self._observer.observe(record, endpoint)

    @property
    def window(self) -> Window | None:
        """The predictions of the last minutes, over all workers; None before the observer has opened."""
        return self._observer.window if self._observer else None

    def _check_route(self, path: str, method: str, headers: Mapping[bytes, bytes]) -> int | None:
        """Return how many bytes the body may have, None where none is read. Raises ApiError 404, 405, 413 or 415."""
        if path in (PREDICT_PATH, EXPLAIN_PATH):
            _check_method(path, method, "POST")
            check_body_headers(headers, self.settings.max_body)
            return self.settings.max_body
        if path in self.mounted_paths:
            _check_method(path, method, "GET", "HEAD", "POST")
            check_length(headers, self.mounted_paths[path])
            return self.mounted_paths[path]
        if path not in self._inner_paths and path not in self.live_pages and not self.active_model.pages.answers(path):
            raise ApiError(404, f"there is no {path[:MAX_PATH_SHOWN]} here; see / for what there is")
        _check_method(path, method, "GET", "HEAD")
        return None

    async def _call_bentoml(
        self, scope: Message, body: bytes, receive: Receive, send: Send, record: RequestRecord
    ) -> None:
        """Let BentoML's app answer, which counts the request, too."""
        path = scope["path"]
        if path == "/metrics":
            self._tick()
        if path in self.mounted_paths:
            await self._inner(scope, _replay_body(body, receive), _wrap_send(send, record, ()))
        else:
            await self._inner(scope, receive, _wrap_send(send, record, PAGE_HEADERS))

    def _predict(self, record: RequestRecord, body: bytes) -> bytes:
        """Return the answer's body to a request's. Raises ApiError."""
        model = self.active_model
        record.version = model.version
        answer = model.predict(body)
        record.rows = len(answer.rows)
        if self.settings.log_inputs and isinstance(model, ActiveModel):
            record.inputs = model.rows_to_dicts(answer.rows)
        for hook in self.score_hooks:
            hook(model, answer.rows, answer.outputs)  # type: ignore[arg-type]
        record.status = 200
        return answer.body

    async def _explain(self, record: RequestRecord, body: bytes) -> bytes:
        """Return the body that says why. Raises ApiError, of too many such requests at once Overloaded."""
        if self._explaining >= MAX_EXPLAINING:
            raise Overloaded
        record.version = self.active_model.version
        self._explaining += 1
        try:
            answer = await asyncio.to_thread(self.active_model.explain, body)
        finally:
            self._explaining -= 1
        record.status = 200
        return answer

    def _record_error(self, record: RequestRecord, error: Exception) -> tuple[bytes, Sequence[Header]]:
        """Return the body and more headers of what the caller is told of an error: of the service's own only a name."""
        if isinstance(error, ApiError):
            record.status, record.error = error.status, str(error)[:500]
            return msgspec.json.encode(error.to_dict()), error.headers
        logger.error("request %s failed", record.id, exc_info=error)
        # An error's text may hold values that were sent: it stands in the server's output only.
        record.status, record.error = 500, f"{type(error).__name__}: see the server's output"
        text = f"an error of the service, see its log for request {record.id}"
        return msgspec.json.encode({"error": text}), ()

    async def _handle_lifespan(self, scope: Message, receive: Receive, send: Send) -> None:
        """Open the observer before BentoML's app says it has started, and close it after that has stopped."""
        ticking: asyncio.Task[None] | None = None

        async def send_noting(message: Message) -> None:
            nonlocal ticking
            if message["type"] == "lifespan.startup.complete":
                self._observer = self._open_observer()
                ticking = asyncio.create_task(self._keep_ticking())
            if message["type"].startswith("lifespan.shutdown") and ticking and self._observer:
                ticking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await ticking
                self._observer.close()
            await send(message)

        await self._inner(scope, receive, send_noting)

    async def _keep_ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._tick()

    def _tick(self) -> None:
        """Call every hook; a failure is logged once, until all is well again."""
        failed = False
        for hook in [*([self._observer.tick] if self._observer else []), *self.tick_hooks]:
            try:
                hook()
            except Exception:
                if not self._hooks_failing:
                    logger.exception("the watchers failed; requests are still answered")
                failed = True
        self._hooks_failing = failed


def _check_method(path: str, method: str, *methods: str) -> None:
    if method not in methods:
        allowed = ", ".join(methods)
        raise ApiError(405, f"{path} takes {allowed}", headers=[(b"allow", allowed.encode())])


def _wrap_send(send: Send, record: RequestRecord, headers: Sequence[Header]) -> Send:
    """Return a `send` that notes the status for the log and adds headers to what BentoML's app answers."""

    async def send_noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
            message["headers"] = [*message.get("headers", []), *headers, (b"x-request-id", record.id.encode())]
        await send(message)

    return send_noting


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` of a request whose body has been read: whole, of the size and within the time it may have."""
    parts = [body]

    async def receive_replay() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return receive_replay


async def _send_json(
    send: Send,
    status: int,
    body: bytes,
    record: RequestRecord,
    more_headers: Sequence[Header] = (),
    rest: Receive | None = None,
) -> None:
    """Answer in JSON. Where a rest of the request is on its way, the connection ends, if it must, only after that."""
    content_length = (b"content-length", str(len(body)).encode())
    headers = [JSON_TYPE, content_length, *PRIVATE_HEADERS, (b"x-request-id", record.id.encode()), *more_headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if rest:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await drain_body(rest)
        body = b""
    await send({"type": "http.response.body", "body": body})
