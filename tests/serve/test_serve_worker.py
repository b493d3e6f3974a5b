"""What becomes of workers when a process is killed: they end with their server, and come back with its model."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import tiny
from server import Server

from serve.scoring import loader
from serve.workers import status_files
from serve.workers.model_reload import ModelReload
from serve.workers.pinned import PinnedModel
from serve.workers.port import find_listener
from stages.core.errors import ModelError

OLD, NEW = "aaaaaaaaaaaa", "bbbbbbbbbbbb"


def workers(server: Server) -> set[int]:
    return set(map(int, Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()))


def wait(until: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_workers_end_with_a_server_that_was_killed(repo: Path) -> None:
    # given a server of two workers
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n")
    server = Server(repo)
    try:
        server.wait("/readyz")
        server.wait_for_workers(2)
        left = workers(server)
        # when it is killed
        server.process.kill()
        server.process.wait(10)
        # then its workers end, and the port is free for another one
        wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left))
        assert find_listener(server.port) is None
    finally:
        for pid in left:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)
        server.stop()


@pytest.mark.parametrize("options", [(), ("--candidate",)])
def test_a_worker_that_comes_back_has_the_model_that_was_served(repo: Path, options: tuple[str, ...]) -> None:
    # given a server, and another model that was made and approved since
    tiny.approve(repo / "model", OLD)
    tiny.write(repo / "model", OLD)
    server = Server(repo, *options)
    try:
        server.wait("/readyz")
        before = server.predict([tiny.ROW]).json["model"]
        tiny.approve(repo / "model", NEW)
        tiny.write(repo / "model", NEW)
        # when its worker is killed, then the one that comes back serves what it did
        [killed] = workers(server)
        os.kill(killed, signal.SIGKILL)
        wait(lambda: killed not in workers(server))
        server.wait("/readyz")
        assert server.predict([tiny.ROW]).json["model"] == before
        assert before["version"] == OLD
        # and when the new one is asked for, that is served, also by a worker that comes back after the next
        server.process.send_signal(signal.SIGHUP)
        wait(lambda: server.predict([tiny.ROW]).json["model"]["version"] == NEW)
        tiny.approve(repo / "model", "cccccccccccc")
        tiny.write(repo / "model", "cccccccccccc")
        [killed] = workers(server)
        os.kill(killed, signal.SIGKILL)
        wait(lambda: killed not in workers(server))
        server.wait("/readyz")
        assert server.predict([tiny.ROW]).json["model"]["version"] == NEW
    finally:
        assert server.stop() == 0


def test_all_take_what_the_first_one_took_and_nothing_that_cannot_answer_is_kept(repo: Path, tmp_path: Path) -> None:
    tiny.approve(repo / "model", OLD)
    folder = tmp_path / "shared"
    first, second = (PinnedModel(folder, loader.Model) for _ in range(2))
    # given one that has taken up a model before another one was approved, when a second one starts, it takes the same
    assert first.load_first(lambda: loader.read(repo)).manifest.version == OLD
    tiny.approve(repo / "model", NEW)
    assert second.load_first(lambda: loader.read(repo)).manifest.version == OLD
    # and when both are asked, and what the first one finds does not answer, then the next that starts takes the old one
    status_files.request_reload(folder)

    def broken() -> loader.Files:
        return loader.Files(loader.read(repo).manifest, b"no graph", True)

    with pytest.raises(ModelError, match="cannot be run"):
        first.load_next(broken)
    third = PinnedModel(folder, loader.Model)
    assert third.load_first(broken).manifest.version == OLD
    # which knows that it is behind, so that it tries what was asked for, too
    assert ModelReload(folder, third.number).is_requested()
    # but what the second one finds is taken by the first, too, and is the only copy that is left
    assert second.load_next(lambda: loader.read(repo)).manifest.version == NEW
    assert first.load_next(broken).manifest.version == NEW
    assert len(list(folder.glob("*.pinned"))) == 1


def test_a_model_is_served_though_no_copy_can_be_kept(repo: Path, caplog: pytest.LogCaptureFixture) -> None:
    pinned = PinnedModel(Path("/proc/nothing"), loader.Model)
    assert pinned.load_first(lambda: loader.read(repo)).manifest.version == tiny.VERSION
    assert "no copy of the model can be kept" in caplog.text


def test_who_listens_is_found() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        assert find_listener(port) is None
        listening.listen()
        found = find_listener(port)
        assert found is not None
        assert found[0] == os.getpid()
        assert Path(sys.executable).name in found[1]


@pytest.mark.parametrize("signals", [1, 2])
def test_an_end_is_no_error_however_often_it_is_asked_for(repo: Path, signals: int) -> None:
    server = Server(repo)
    server.wait()
    for _ in range(signals):
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.02)
    assert server.process.wait(40) == 0
    assert "ERROR" not in server.said()
    assert "Traceback" not in server.said()
    server.stop()
