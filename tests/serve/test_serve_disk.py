"""A full disk stops the log, not the service."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny
from machine import needs
from server import ROOT, Server

from serve.monitor.preallocate import METRIC_KINDS, Preallocator

MOUNTED = ("unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@"')
"""Before a command: a small disk at a folder, seen by the command alone."""


def test_files_that_are_written_through_memory_get_their_room_beforehand(tmp_path: Path) -> None:
    # given such a file as it is made, long and empty, and one of another process
    mine, other = tmp_path / f"counter_{os.getpid()}.db", tmp_path / "counter_1.db"
    for path in (mine, other):
        path.touch()
        os.truncate(path, 1 << 20)
    # when room is taken
    preallocator = Preallocator(tmp_path)
    preallocator.preallocate()
    # then it has as much as it says, and the other's is the other's care
    assert mine.stat().st_blocks * 512 >= 1 << 20
    assert other.stat().st_blocks == 0
    assert mine.read_bytes() == bytes(1 << 20)


def test_files_that_are_only_made_with_the_first_request_have_their_room_before_it(tmp_path: Path) -> None:
    # given a worker that has answered nothing yet, and counts only after it has taken room
    code = (
        "import sys; from pathlib import Path; from serve.monitor.preallocate import Preallocator\n"
        "Preallocator(Path(sys.argv[1])).preallocate()\n"
        "import prometheus_client as client, prometheus_client.multiprocess as many\n"
        "client.Histogram('seconds', 'x').observe(2); client.Gauge('last', 'x').set(3)\n"
        "client.Counter('all', 'x').inc()\n"
        "registry = client.CollectorRegistry(); many.MultiProcessCollector(registry)\n"
        "print(client.generate_latest(registry).decode())"
    )
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    # then every file is as large on the disk as it says, and what was counted stands in it
    assert said.returncode == 0, said.stderr
    files = {path.name.rpartition("_")[0]: path.stat() for path in tmp_path.glob("*.db")}
    assert set(files) == set(METRIC_KINDS)
    assert all(found.st_blocks * 512 >= found.st_size for found in files.values())
    assert "seconds_sum 2.0" in said.stdout
    assert "all_total 1.0" in said.stdout
    assert "last{" in said.stdout


@pytest.mark.slow
@needs("namespaces")
def test_the_service_answers_on_where_the_disk_of_its_log_is_full(repo: Path) -> None:
    # given a server of two workers whose logs lie on a small disk
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n")
    (repo / "logs").mkdir()
    server = Server(repo, before=(*MOUNTED, str(repo / "logs")))
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    try:
        server.wait("/readyz")
        inside = Path(f"/proc/{server.process.pid}/root{repo}/logs")
        server.wait_for_workers(2, inside)
        assert server.predict([tiny.ROW]).status == 200
        workers = children.read_text()
        end = time.monotonic() + 20
        while empty := [
            path for path in inside.rglob("*") if path.is_file() and path.stat().st_blocks * 512 < path.stat().st_size
        ]:
            assert time.monotonic() < end, empty
            time.sleep(0.1)
        # when that is filled
        with contextlib.suppress(OSError), (inside / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(4096))
        # then all is answered as before, by the same workers
        for _ in range(30):
            assert server.predict(tiny.rows(5)).status == 200
            assert server.ask("GET", "/nothing").status == 404
        assert [server.ask("GET", path).status for path in ("/metrics", "/schema", "/readyz", "/ui/")] == [200] * 4
        assert children.read_text() == workers
    finally:
        assert server.stop() == 0
    assert "api.log cannot be written" in server.said()
