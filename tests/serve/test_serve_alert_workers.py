"""The alert outlives the worker that told of it, and is over when the server is."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny
from listener import Listener, listening
from server import Server


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@contextlib.contextmanager
def failing(repo: Path, listener: Listener, window_s: int) -> Iterator[Server]:
    """Two workers that cannot answer, as their model is not the one of the manifest, and have failed often enough."""
    (repo / "model" / "model.onnx").write_bytes(b"\0")
    alert = f"{{window_s: {window_s}, share: 0.01, min_requests: 20, webhook: '{listener.url}'}}"
    (repo / "params.yaml").write_text(f"serve:\n  workers: 2\n  alert: {alert}\n")
    server = Server(repo)
    try:
        server.wait()
        server.wait_for_workers(2)
        for _ in range(25):
            assert server.predict([tiny.ROW]).status == 503
        assert [event["alert"] for event in listener.wait(1)] == ["started"]
        yield server
    finally:
        server.stop()


def leader(server: Server) -> int:
    """The worker that holds the lock of the one that speaks."""
    [lead] = (server.logs / f".server-{server.port}").rglob("alert.lead")
    number = lead.stat().st_ino
    [held] = [line for line in Path("/proc/locks").read_text().splitlines() if f":{number} " in line]
    return int(held.split()[4])


@pytest.mark.slow
def test_another_worker_ends_what_a_killed_one_started(repo: Path, listener: Listener) -> None:
    # given an alert that the leader has told of
    with failing(repo, listener, window_s=6) as server:
        # when the leader is killed, and the webhook is down for two tries
        listener.refusing = listener.asked + 2
        killed = leader(server)
        os.kill(killed, signal.SIGKILL)
        # then another one says that it is over until it is heard, and nobody says again that it started
        heard = listener.wait(2, seconds=40)
        assert [event["alert"] for event in heard] == ["started", "ended"]
        assert listener.asked == 4
        assert leader(server) != killed
        assert server.stop() == 0
    assert listener.asked == 4
    assert [line["alert"] for line in server.log() if "alert" in line] == ["started", "ended"]


def test_a_server_that_stops_during_an_alert_says_that_it_is_over(repo: Path, listener: Listener) -> None:
    # given an alert that is on
    with failing(repo, listener, window_s=300) as server:
        # when the server is stopped
        assert server.stop() == 0
    # then its end is told once, with the reason, after all that was answered
    assert [(event["alert"], event.get("reason")) for event in listener.wait(2)] == [
        ("started", None),
        ("ended", "the service was stopped"),
    ]
    assert server.log()[-1]["alert"] == "ended"
    assert [line["alert"] for line in server.log() if "alert" in line] == ["started", "ended"]
