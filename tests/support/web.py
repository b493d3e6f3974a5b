"""A real HTTP server on a free loopback port that answers as it is told, one answer after the other."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Answer:
    """A status, a body, and how many bytes more than the body the header promises."""

    status: int = 200
    body: bytes = b""
    missing_bytes: int = 0


@dataclass
class Web:
    """The server's address, what it will answer (the last answer again and again), and when it was asked."""

    address: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)

    def source(self, name: str, body: bytes) -> dict[str, str]:
        """The source as params.yaml declares it."""
        return {"url": f"{self.address}/{name}", "sha256": hashlib.sha256(body).hexdigest()}


@contextmanager
def served() -> Iterator[Web]:
    """The server, up as long as the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(time.monotonic())
            answer = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body) + answer.missing_bytes))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web = Web(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
