"""A small repository that can be served, a real server in it, and what is sent to it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import tiny

from stages.serve.server_process import free_port

ROOT = Path(__file__).resolve().parents[2]
BOOT_S = 90
"""A start takes 4 s on a free machine; this is for one that is busy."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Server:
    """A service started by serve/start in a repository."""

    def __init__(self, root: Path, *options: str, settings: str = "", before: tuple[str, ...] = ()) -> None:
        self.root = root
        self.logs = root / "logs"
        self.port = free_port()
        with (root / "params.yaml").open("a") as params:
            params.write(settings)
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("BENTOML", "SERVE"))}
        self._said = root / f"server-{self.port}.txt"
        self._output = self._said.open("wb")
        self.process = subprocess.Popen(
            [*before, root / "serve" / "start", "--port", str(self.port), *options],
            cwd="/",
            env=environment | {"PYTHON": sys.executable},
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self, path: str = "/livez", status: int = 200) -> None:
        """Until the path is answered with the status."""
        end = time.monotonic() + BOOT_S
        found: Any = None
        while time.monotonic() < end and self.process.poll() is None:
            try:
                found = self.ask("GET", path).status
                if found == status:
                    return
            except OSError as error:
                found = error
            time.sleep(0.1)
        pytest.fail(f"{path}: {found}, exit {self.process.poll()}\n{self.said()}")

    def wait_for_workers(self, count: int, logs: Path | None = None) -> None:
        """Until so many workers have said what they serve: the first one to be ready answers for all."""
        folder, end = (logs or self.logs) / f".server-{self.port}", time.monotonic() + BOOT_S
        while time.monotonic() < end and self.process.poll() is None:
            if len([path for path in folder.rglob("*.worker") if path.stat().st_size]) >= count:
                return
            time.sleep(0.1)
        pytest.fail(f"not {count} workers, exit {self.process.poll()}\n{self.said()}")

    def said(self) -> str:
        return self._said.read_text()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def predict(self, rows: Any) -> Answer:
        return self.post(json.dumps({"rows": rows}).encode())

    def post(self, body: bytes) -> Answer:
        return self.ask("POST", "/predict", body, content_type="application/json")

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.logs / "api.log").read_text().splitlines()]

    def stop(self) -> int:
        """End it as a supervisor does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(10)
            self._output.close()


def repository(root: Path) -> Path:
    """What serving needs, and the tiny model as candidate."""
    shutil.copytree(ROOT / "serve", root / "serve", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "stages", root / "stages", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "requirements-serve.txt"):
        shutil.copy(ROOT / name, root)
    (root / "params.yaml").write_text("serve:\n  workers: 1\n")
    tiny.write(root / "model")
    (root / "model" / "champion.json").write_text('{"version": null}\n')
    return root


def upload(size: int) -> bytes:
    """A form with a file of so many bytes, whose one row no model can read."""
    file = b"carrier\n".ljust(size - 1, b"x") + b"\n"
    part = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    return part + file + b"\r\n--b--\r\n"


def deploy(root: Path) -> subprocess.CompletedProcess[str]:
    """What `make deploy` runs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SERVE")}
    return subprocess.run(
        [sys.executable, "-m", "serve.deploy"], cwd=root, env=environment, capture_output=True, text=True, timeout=90
    )
