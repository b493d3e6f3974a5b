"""Another approved model is taken up while requests are answered; one that does not verify changes nothing."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest
import tiny
from server import Server, deploy

from serve.workers import model_reload, status_files
from serve.workers.model_reload import ModelReload
from serve.workers.status_files import Status
from stages.core.errors import ModelError
from stages.serve.server_process import free_port

OLD, NEW = "aaaaaaaaaaaa", "bbbbbbbbbbbb"
BODY = json.dumps({"rows": [tiny.ROW]}).encode()


class Seen(NamedTuple):
    """An answer: when it was asked for, its status, the version it came from."""

    asked: float
    status: int
    version: str


class Load:
    """Callers that ask one after the other, over connections they keep, until they are told to stop."""

    def __init__(self, port: int, callers: int = 8) -> None:
        self.seen: list[Seen] = []
        self._port = port
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(callers)
        self._ending = [self._pool.submit(self._ask) for _ in range(callers)]

    def _ask(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        while not self._stop.is_set():
            asked = time.monotonic()
            connection.request("POST", "/predict", BODY, {"content-type": "application/json"})
            answer = connection.getresponse()
            content = json.loads(answer.read())
            self.seen.append(Seen(asked, answer.status, content.get("model", {}).get("version", "")))
            time.sleep(0.002)
        connection.close()

    def end(self) -> list[Seen]:
        """All that was answered. Raises what a caller ran into."""
        self._stop.set()
        self._pool.shutdown()
        for ending in self._ending:
            ending.result()
        return self.seen


@pytest.fixture
def approved(repo: Path) -> Path:
    """A repository with a champion, to be served by two workers."""
    tiny.approve(repo / "model", OLD)
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n")
    return repo


@contextlib.contextmanager
def running(root: Path, *options: str) -> Iterator[Server]:
    server = Server(root, *options)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def workers(server: Server) -> set[str]:
    return set(Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split())


@pytest.mark.slow
def test_a_new_champion_is_taken_up_under_load_and_a_bad_one_is_not(approved: Path) -> None:
    with running(approved) as server:
        server.wait("/readyz")
        before = workers(server)
        load = Load(server.port)
        time.sleep(1)
        # when another model is approved and deployed under load
        tiny.approve(approved / "model", NEW)
        done = deploy(approved)
        deployed = time.monotonic()
        # then the command says so
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"http://127.0.0.1:{server.port} serves {NEW} (approved) in 2 workers\n"
        time.sleep(1)
        # and when the next one was swapped for another file
        tiny.approve(approved / "model", "cccccccccccc")
        (approved / "model" / "champion" / "model.onnx").write_bytes(tiny.graph("regression"))
        failed = deploy(approved)
        time.sleep(1)
        seen = load.end()
        metrics = server.ask("GET", "/metrics").content.decode()
        after = workers(server)
    # then the command fails with the reason, and the one before is served on
    assert failed.returncode == 1
    assert f"still serves {NEW} (approved)" in failed.stderr
    assert "model.onnx is not the file its manifest names" in failed.stderr
    assert "Traceback" not in failed.stderr
    # and not a request was lost, none was answered by another worker, and none by the old model after the deploy
    assert len(seen) > 300
    assert {answer.status for answer in seen} == {200}
    assert {answer.version for answer in seen} == {OLD, NEW}
    assert {answer.version for answer in seen if answer.asked > deployed} == {NEW}
    assert before == after
    # and log and metrics tell
    assert "what is served stays: " in server.said()
    assert f'bentoml_service_model_workers{{version="{NEW}",approved="true"}} 2' in metrics
    assert "bentoml_service_model_refused 2" in metrics


def test_sighup_makes_a_server_ready_that_was_not(approved: Path) -> None:
    # given a champion that is incomplete
    (approved / "model" / "champion" / "model.onnx").unlink()
    (approved / "params.yaml").write_text("serve:\n  workers: 1\n")
    with running(approved) as server:
        assert "model.onnx is missing" in server.ask("GET", "/readyz").json["error"]
        assert server.ask("GET", "/drift").status == 503
        # when it is restored and the server is told, as systemctl reload does
        tiny.approve(approved / "model", OLD)
        server.process.send_signal(signal.SIGHUP)
        # then it answers
        server.wait("/readyz")
        assert server.predict([tiny.ROW]).json["model"] == {"version": OLD, "approved": True}
        assert server.ask("GET", "/schema").status == 200
        assert server.ask("GET", "/drift").json["window"]["rows"] == 1
        # and what was counted stays when the same model is taken up again
        assert deploy(approved).returncode == 0
        assert server.ask("GET", "/drift").json["window"]["rows"] == 1


@pytest.mark.slow
def test_bentoml_serve_alone_hears_sighup_too(approved: Path) -> None:
    # given a server that nothing of ours started
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BENTOML", "SERVE"))}
    with (approved / "server.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", "serve", "--port", str(port)],
            cwd=approved,
            env=environment | {"BENTOML_HOME": str(approved / "home")},
            stdout=output,
            stderr=output,
        )
    try:
        server = Server.__new__(Server)
        server.root, server.port, server.process = approved, port, process
        server.wait("/readyz")
        before = workers(server)
        # when
        tiny.approve(approved / "model", NEW)
        done = deploy(approved)
        # then
        assert done.stdout == f"http://127.0.0.1:{port} serves {NEW} (approved) in 2 workers\n", done.stderr
        assert workers(server) == before
    finally:
        process.terminate()
        assert process.wait(40) == 0


def test_without_a_server_deploy_says_how_to_start_one(approved: Path) -> None:
    # given nothing but what a dead server left
    left = approved / "logs" / ".servers" / "1.json"
    left.parent.mkdir(parents=True)
    left.write_text('{"pid": 1, "address": "http://127.0.0.1:1", "folder": "/", "workers": 1}')
    done = deploy(approved)
    assert done.returncode == 1
    assert "no server of this repository runs" in done.stderr
    assert "make serve" in done.stderr
    assert not left.exists()


def test_the_board_tells_of_the_living_only(tmp_path: Path) -> None:
    # given a worker that lives, one that was killed, and files of others
    code = (
        "import sys, time; from pathlib import Path; from serve.workers import status_files\n"
        "post = status_files.open_worker_file(Path(sys.argv[1])); post.write(status_files.Status(7, 3, 'v', True))\n"
        "print(flush=True)\n"
        "time.sleep(60)"
    )
    root = Path(__file__).resolve().parents[2]
    other = subprocess.Popen([sys.executable, "-c", code, tmp_path], cwd=root, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    post = status_files.open_worker_file(tmp_path)
    post.write(Status(8, 3, "v" * 500, error="long"))
    post.write(Status(8, 4, "w"))
    (tmp_path / "none.worker").write_text("garbage")
    # then both are seen while they live
    assert sorted(status_files.read_statuses(tmp_path), key=lambda status: status.pid) == [
        Status(7, 3, "v", True),
        Status(8, 4, "w"),
    ]
    # and when one is killed
    other.kill()
    other.wait()
    other.stdout.close()
    assert status_files.read_statuses(tmp_path) == [Status(8, 4, "w")]
    assert 'version="w",approved="false"} 1' in model_reload.format_metrics(tmp_path)


def test_each_asking_is_answered_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    taking = ModelReload(tmp_path, status_files.read_reload_number(tmp_path))
    assert not taking.is_requested()
    status_files.request_reload(tmp_path)
    status_files.request_reload(tmp_path)
    assert taking.is_requested()
    assert taking.attempt(lambda: "made")
    assert not taking.is_requested()

    # a failure is answered, too, whatever it is
    def broken() -> object:
        raise ModelError("the file is not it")

    status_files.request_reload(tmp_path)
    assert taking.attempt(broken) == "the file is not it"
    assert taking.attempt(lambda: 1 / 0) == "ZeroDivisionError: division by zero"
    assert caplog.text.count("what is served stays") == 2
    assert not taking.is_requested()
