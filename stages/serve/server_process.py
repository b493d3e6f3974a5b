"""The real service as a child process: started on a free port, waited for, asked, and stopped whatever happens."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import msgspec

from stages.contracts.explanation import Explanation
from stages.core.errors import ServeError
from stages.core.run import LOGS

START = Path("serve/start")
OUTPUT = LOGS / "server.log"
READY_S = 120.0
"""A start takes about 4 s; this is for a machine with much else to do."""
STOP_S = 30.0
"""The service gives what it is answering 20 s."""
PORTS = range(10240, 32768)
"""Below what Linux gives out by itself (from 32768)."""
TAIL = 25
"""Lines of the server's output that an error shows."""


class Service:
    """A started service, to be waited for and asked over HTTP."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self._port = port
        self._process = process

    def wait(self) -> None:
        """Until the service is ready. Raises ServeError when it ended, is not going to be ready, or takes too long."""
        end = time.monotonic() + READY_S
        while time.monotonic() < end:
            code = self._process.poll()
            if code is not None:
                raise ServeError(f"The service ended while it started, with exit code {code}.{read_tail()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                status, content = self._exchange("GET", "/readyz", None)
                if status == 200:
                    return
                raise ServeError(f"The service is not ready: {_reason(content)}")
            time.sleep(0.05)
        raise ServeError(f"The service was not ready after {READY_S:.0f} s.{read_tail()}")

    def get(self, path: str) -> Any:
        """The JSON of a page. Raises ServeError for any status but 200."""
        return self._ask("GET", path, None)

    def predict(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The predictions of the rows, in their order. Raises ServeError when there is not one for each."""
        answer = self._ask("POST", "/predict", {"rows": [*rows]})["predictions"]
        if len(answer) != len(rows):
            raise ServeError(f"The service gave {len(answer)} predictions for {len(rows)} rows.")
        return list(answer)

    def explain(self, row: Mapping[str, Any]) -> Explanation | None:
        """Why the row is answered as it is."""
        [explanation] = self._ask("POST", "/explain", {"rows": [row]})["explanations"]
        return msgspec.convert(explanation, Explanation | None)

    def _ask(self, method: str, path: str, value: Any) -> Any:
        try:
            status, content = self._exchange(method, path, None if value is None else json.dumps(value).encode())
        except (OSError, http.client.HTTPException) as error:
            raise ServeError(f"The service did not answer {method} {path}: {error!r}.{read_tail()}") from None
        if status != 200:
            raise ServeError(
                f"The service answered {method} {path} with {status}: {content[:1000].decode()}{read_tail()}"
            )
        return json.loads(content)

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request(method, path, body, {"content-type": "application/json"} if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextlib.contextmanager
def run_server() -> Iterator[Service]:
    """Serve the candidate while the block runs. Nothing of it is left afterwards, also on an error or a SIGTERM.

    It starts at once and is waited for by `wait`, so that the block can do other things first.
    """
    port = free_port()
    OUTPUT.parent.mkdir(exist_ok=True)
    with _ended_by_sigterm(), OUTPUT.open("wb") as output:
        server = subprocess.Popen(
            [str(START.absolute()), "--candidate", "--host", "127.0.0.1", "--port", str(port)],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        logging.info("serve: the service starts on port %d, process %d", port, server.pid)
        try:
            yield Service(port, server)
        finally:
            _stop(server)


def read_tail() -> str:
    """The last lines the server wrote, for an error's end."""
    lines = OUTPUT.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL:] if OUTPUT.exists() else []
    return f" Its last lines ({OUTPUT}):\n" + "\n".join(lines) if lines else f" It wrote nothing to {OUTPUT}."


def _reason(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return content[:1000].decode(errors="replace")


def free_port() -> int:
    """Return a port nobody listens on.

    It is none of those the system gives out by itself: of these BentoML's own processes take some before the service
    binds its own, and would now and then take the very one.
    """
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise ServeError(f"No port is free: 100 between {PORTS.start} and {PORTS.stop} were tried.")


def _environment() -> dict[str, str]:
    """What the service is told: nothing of a shell's own settings for it, a home of its own, and to ask for no key."""
    logs = LOGS.absolute()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BENTOML_", "SERVE_"))}
    own = {"SERVE_LOGS": str(logs), "BENTOML_HOME": str(logs / ".server-stage"), "SERVE_KEYS": "off"}
    return kept | own | {"PYTHON": sys.executable}


def _die_with_parent() -> None:
    """In the child: end when the stage ends in a way that leaves it no time to stop the service (SIGKILL)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(STOP_S)
    with contextlib.suppress(ProcessLookupError):  # its workers, should it not have stopped them
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the block as an exception does, so that what it opened is closed."""

    def end(number: int, _: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
