"""The other end of a webhook."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener(ThreadingHTTPServer):
    """A webhook's other end: notes what it is told; refuses the first `refusing` times."""

    def __init__(self, refusing: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), Heard)
        self.refusing = refusing
        self.asked = 0
        self.sends_to: tuple[int, str] | None = None
        self.heard: list[dict[str, Any]] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/alerts"

    def wait(self, count: int, seconds: float = 20) -> list[dict[str, Any]]:
        end = time.monotonic() + seconds
        while len(self.heard) < count and time.monotonic() < end:
            time.sleep(0.05)
        return self.heard


class Heard(BaseHTTPRequestHandler):
    server: Listener

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked += 1
        if self.server.sends_to:
            self.send_response(self.server.sends_to[0])
            self.send_header("location", self.server.sends_to[1])
            self.send_header("content-length", "0")
            self.end_headers()
            return
        refused = self.server.asked <= self.server.refusing
        if not refused:
            self.server.heard.append(json.loads(content))
        self.send_response(503 if refused else 200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """What a client that follows would take for a success."""
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener, up as long as the block runs."""
    with Listener() as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener
        listener.shutdown()
