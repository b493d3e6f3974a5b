"""logs/api.log: whole lines, none lost, rotated, and no harm when it cannot be written."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tiny
from server import ROOT, Server

from serve.monitor.access_log import AccessLog


def numbers(*files: Path) -> list[int]:
    return [json.loads(line)["number"] for file in files for line in file.read_text().splitlines()]


def test_lines_are_gathered_and_written_with_the_next_flush(tmp_path: Path) -> None:
    # given a log in a folder that is not there yet
    path = tmp_path / "logs" / "api.log"
    log = AccessLog(path, rotate_bytes=10_000, backups=2)
    # when lines come, then nothing is written until the flush
    log.add({"number": 1})
    log.add({"number": 2})
    assert not path.exists()
    log.flush()
    assert numbers(path) == [1, 2]
    # but a failed request is there at once, with what came before it
    log.add({"number": 3})
    log.add({"number": 4}, at_once=True)
    assert numbers(path) == [1, 2, 3, 4]
    log.add({"number": 5})
    log.close()
    assert numbers(path) == [1, 2, 3, 4, 5]
    stamp = json.loads(path.read_text().splitlines()[0])["time"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)


def test_a_full_log_is_rotated_and_the_oldest_one_goes(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = AccessLog(path, rotate_bytes=300, backups=2)
    # when more comes than three files hold
    for number in range(60):
        log.add({"number": number}, at_once=True)
    log.close()
    # then there are three, each no longer than allowed and a line, and the newest lines are all there
    files = [path.with_name("api.log.2"), path.with_name("api.log.1"), path]
    assert sorted(file.name for file in tmp_path.glob("api.log*")) == ["api.log", "api.log.1", "api.log.2"]
    kept = numbers(*files)
    assert kept == list(range(60 - len(kept), 60))
    assert all(file.stat().st_size < 400 for file in files)


def test_workers_share_it_and_no_line_is_lost_or_mixed(tmp_path: Path) -> None:
    # given three processes that write at the same time into a log that is rotated meanwhile
    path = tmp_path / "api.log"
    code = (
        "import sys; from pathlib import Path; from serve.monitor.access_log import AccessLog\n"
        "log = AccessLog(Path(sys.argv[1]), rotate_bytes=20_000, backups=50)\n"
        "for number in range(1000): log.add({'number': number, 'by': sys.argv[2]}, at_once=True)\n"
        "log.close()"
    )
    workers = [subprocess.Popen([sys.executable, "-c", code, path, str(number)], cwd=ROOT) for number in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    # then every line is whole and there once
    files = list(tmp_path.glob("api.log*"))
    found = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    assert len(files) > 3
    assert len({(line["by"], line["number"]) for line in found}) == len(found) == 3000


def test_a_log_that_someone_moved_away_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = AccessLog(path, rotate_bytes=10_000, backups=1)
    log.add({"number": 1}, at_once=True)
    path.rename(tmp_path / "moved")
    log.add({"number": 2}, at_once=True)
    assert numbers(tmp_path / "moved", path) == [1, 2]
    log.close()


def test_a_disk_that_is_full_is_told_once_and_harms_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # given a log on a device that is always full
    path = tmp_path / "api.log"
    path.symlink_to("/dev/full")
    log = AccessLog(path, rotate_bytes=10_000, backups=1)
    # when lines come
    for number in range(3):
        log.add({"number": number}, at_once=True)
    # then
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "No space left" in caplog.text
    # and when there is room again, it is used
    path.unlink()
    log.add({"number": 3}, at_once=True)
    log.close()
    assert numbers(path) == [3]


def test_the_log_of_a_server_is_complete_when_it_has_ended(repo: Path) -> None:
    # given a server that is asked and stopped at once
    server = Server(repo)
    try:
        server.wait()
        for number in range(50):
            assert server.predict(tiny.rows(number)).status == 200
        server.post(b"{")
        server.ask("GET", "/a\u0022b".encode().decode("latin-1"))
    finally:
        assert server.stop() == 0
    # then each request has its line
    lines = [line for line in server.log() if line["path"] != "/livez"]
    assert [line["rows"] for line in lines[:50]] == list(range(50))
    assert {(line["status"], line["version"]) for line in lines[:50]} == {(200, tiny.VERSION)}
    assert all(line["ms"] > 0 for line in lines)
    assert [(line["status"], line["path"]) for line in lines[50:]] == [(400, "/predict"), (404, '/a"b')]
    assert "is not JSON" in lines[50]["error"]


@pytest.mark.slow
def test_every_request_answered_under_load_has_its_line_when_the_server_was_stopped(repo: Path) -> None:
    # given two workers with a log that is rotated often, and callers who do not stop before the server does
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n  log: {rotate_bytes: 50000, backups: 100}\n")
    server = Server(repo)
    body = json.dumps({"rows": [tiny.ROW]}).encode()

    def call(caller: int) -> list[str]:
        """The ids of the requests that were answered."""
        answered = []
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        with contextlib.suppress(OSError, http.client.HTTPException):
            for number in range(100_000):
                name = f"{caller}-{number}"
                connection.request("POST", "/predict", body, {"content-type": "application/json", "x-request-id": name})
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
                answered.append(name)
        connection.close()
        return answered

    try:
        server.wait()
        with ThreadPoolExecutor(8) as callers:
            calls = [callers.submit(call, caller) for caller in range(8)]
            time.sleep(2)
            # when it is stopped
            assert server.stop() == 0
        answered = [name for found in calls for name in found.result()]
    finally:
        server.stop()
    # then each answer has one line, whole, in one of the files
    files = list(server.logs.glob("api.log*"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    written = Counter(line["id"] for line in lines if line["path"] == "/predict")
    assert len(answered) > 500
    assert len(files) > 2
    assert not set(answered) - set(written)
    assert set(written.values()) == {1}


@pytest.mark.parametrize("asked_for", [False, True])
def test_values_that_were_sent_are_written_only_where_that_is_set(repo: Path, asked_for: bool) -> None:
    # given a server that is sent values nobody else has, in good requests and in bad ones
    rows = [tiny.ROW | {"carrier": "secret-carrier", "temp": 98765.432}, tiny.ROW]
    server = Server(repo, settings="  log_inputs: true\n" if asked_for else "")
    try:
        server.wait()
        assert server.predict(rows).status == 200
        assert server.predict([tiny.ROW | {"day": "secret-day"}]).status == 400
        assert server.predict([tiny.ROW | {"sched": "secret-time"}]).status == 400
        assert server.predict([tiny.ROW | {"temp": 1e308, "seen": "secret"}]).status == 400
        server.ask("POST", "/predict?secret=secret-query", json.dumps({"rows": rows}).encode())
    finally:
        assert server.stop() == 0
    # then
    written = (server.logs / "api.log").read_text()
    lines = [line for line in server.log() if line["path"] == "/predict"]
    if asked_for:
        assert lines[0]["inputs"] == rows
        assert [line["rows"] for line in lines if "inputs" in line] == [2]
    else:
        assert not [line for line in lines if "inputs" in line]
        assert "98765" not in written
        assert "secret" not in written
    assert "secret" not in server.said()
