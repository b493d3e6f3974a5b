"""The limits: the service's own work in a bare ASGI app, and an answer that is always the same."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from serve.http.active_model import ActiveModel
from serve.scoring import loader

model = ActiveModel(loader.load(Path(os.environ["BENCH_MODEL"]).parent, "candidate"), 1000, dict)
SAME = b'{"predictions":[{"prediction":"no","probabilities":{"no":0.75,"yes":0.25},"warnings":[]}]}'.ljust(172)
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


async def work(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Decodes, checks, scores and answers."""
    if scope["type"] == "http":
        await _say(send, model.predict((await receive())["body"]).body)


async def static(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Reads the request and answers."""
    if scope["type"] == "http":
        await receive()
        await _say(send, SAME)


async def _say(send: Send, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
