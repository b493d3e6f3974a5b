"""Files of a running server that someone deletes are put back; nothing that is counted is lost."""

from __future__ import annotations

import fcntl
import mmap
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import tiny
from server import ROOT, Server

from serve.monitor.failure_counts import Counts, LeaderLock, SharedCounts
from serve.monitor.restore import restore
from serve.workers import status_files


def test_what_is_written_through_memory_goes_on_under_its_name(tmp_path: Path) -> None:
    # given a file that is held, written through memory and locked, as a numpy table and a lock are
    folder = tmp_path / "logs" / tmp_path.name
    folder.mkdir(parents=True)
    file = os.open(folder / "counts", os.O_RDWR | os.O_CREAT)
    os.ftruncate(file, 10_000)
    fcntl.flock(file, fcntl.LOCK_EX)
    memory = mmap.mmap(file, 10_000)
    memory[:5] = b"first"
    # when its folder is deleted
    shutil.rmtree(tmp_path / "logs")
    restore(folder)
    # then what stood in it stands there again, and so does what is written later, by either way
    memory[9_995:] = b"later"
    os.pwrite(file, b"again", 100)
    found = (folder / "counts").read_bytes()
    assert (found[:5], found[100:105], found[9_995:], len(found)) == (b"first", b"again", b"later", 10_000)
    assert memory[100:105] == b"again"
    # and it is locked, with nothing else in the folder
    with (folder / "counts").open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_SH | fcntl.LOCK_NB)
    assert [path.name for path in folder.iterdir()] == ["counts"]
    memory.close()
    os.close(file)


def test_a_folder_that_was_moved_is_begun_again_with_what_it_held(tmp_path: Path) -> None:
    folder = tmp_path / "logs" / tmp_path.name
    counts = SharedCounts(folder)
    counts.add(5, 2)
    (tmp_path / "logs").rename(tmp_path / "old")
    restore(folder)
    counts.add(1, 0)
    assert counts.sum_all() == SharedCounts(folder).sum_all() == Counts(6, 2)


def test_a_file_that_another_process_has_put_back_is_shared_with_it(tmp_path: Path) -> None:
    # given two that hold a file, of which one has put it back after it was deleted
    folder = tmp_path / tmp_path.name
    folder.mkdir()
    code = (
        "import mmap, os, sys; from pathlib import Path; from serve.monitor.restore import restore\n"
        "folder = Path(sys.argv[1]); file = os.open(folder / 'rates', os.O_RDWR | os.O_CREAT)\n"
        "os.ftruncate(file, 100); memory = mmap.mmap(file, 100); print(flush=True); input()\n"
        "restore(folder); memory[:5] = b'other'; print(flush=True); input(); print(memory[5:10].decode())"
    )
    pipe: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, folder], cwd=ROOT, **pipe) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        other.stdout.readline()
        file = os.open(folder / "rates", os.O_RDWR)
        memory = mmap.mmap(file, 100)
        shutil.rmtree(folder)
        other.stdin.write("\n")
        other.stdin.flush()
        other.stdout.readline()
        # when the second one does
        restore(folder)
        memory[5:10] = b"mine!"
        said, _ = other.communicate("\n", timeout=20)
    # then both see what either writes
    assert memory[:10] == b"othermine!"
    assert said == "mine!\n"
    memory.close()
    os.close(file)


def test_counts_never_fall_whatever_is_deleted(tmp_path: Path) -> None:
    # given counts of this worker, and of one that has died
    counts = SharedCounts(tmp_path / tmp_path.name)
    counts.add(5, 2)
    shutil.copy(tmp_path / tmp_path.name / f"{os.getpid()}.tally", tmp_path / tmp_path.name / "1.tally")
    assert counts.sum_all() == Counts(10, 4)
    # when all are deleted
    shutil.rmtree(tmp_path / tmp_path.name)
    counts.add(1, 1)
    assert counts.sum_all() == Counts(10, 4)
    restore(tmp_path / tmp_path.name)
    assert counts.sum_all() == Counts(11, 5)


def test_one_leads_after_the_lock_was_deleted(tmp_path: Path) -> None:
    # given one that leads, and says that an alert is on
    leader = LeaderLock(tmp_path / tmp_path.name)
    leader.alert_on = True
    assert leader.try_acquire()
    # when the lock is deleted and put back, then it leads still
    shutil.rmtree(tmp_path / tmp_path.name)
    restore(tmp_path / tmp_path.name)
    other = LeaderLock(tmp_path / tmp_path.name)
    assert (leader.try_acquire(), other.try_acquire(), other.alert_on) == (True, False, True)
    # but no longer where another one was faster
    shutil.rmtree(tmp_path / tmp_path.name)
    faster = LeaderLock(tmp_path / tmp_path.name)
    assert faster.try_acquire()
    restore(tmp_path / tmp_path.name)
    assert not leader.try_acquire()


def test_an_asking_counts_though_the_one_before_was_deleted(tmp_path: Path) -> None:
    status_files.request_reload(tmp_path / tmp_path.name)
    before = status_files.read_reload_number(tmp_path / tmp_path.name)
    shutil.rmtree(tmp_path / tmp_path.name)
    status_files.request_reload(tmp_path / tmp_path.name)
    assert status_files.read_reload_number(tmp_path / tmp_path.name) > before


def test_a_server_whose_logs_are_deleted_is_soon_as_before(repo: Path) -> None:
    # given two workers that have answered and refused
    tiny.approve(repo / "model", "aaaaaaaaaaaa")
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n  drift: {min_rows: 5}\n")
    server = Server(repo)
    try:
        server.wait("/readyz")
        _wait_for_two(server)
        _ask(server, 40)
        before = _counted(server)
        # when the folder is deleted while requests go on
        shutil.rmtree(repo / "logs", ignore_errors=True)  # what is written meanwhile keeps folders
        _ask(server, 40)
        _wait_for_two(server)
        # then all that was counted goes on from where it was
        _ask(server, 40)
        after = _counted(server)
        assert after["total"] == before["total"] + 80 > 80
        assert after["rows"] == before["rows"] + 80 == 120
        assert [server.ask("GET", path).status for path in ("/metrics", "/ui/", "/ui/health", "/drift")] == [200] * 4
        # the page's sum is of what each worker wrote at its last tick
        until = time.monotonic() + 10
        while server.ask("GET", "/ui/health").json["requests"] != "120":
            assert time.monotonic() < until
            time.sleep(0.1)
        assert [line["status"] for line in server.log() if line["path"] == "/predict"][-40:] == [200] * 40
        # and another model is taken up
        tiny.approve(repo / "model", "bbbbbbbbbbbb")
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SERVE")}
        done = subprocess.run(
            [sys.executable, "-m", "serve.deploy"], cwd=repo, env=environment, capture_output=True, text=True
        )
        assert done.stdout.endswith("serves bbbbbbbbbbbb (approved) in 2 workers\n"), done.stderr
        # and a worker that starts now finds its folder
        os.kill(min(_pids(server)), signal.SIGKILL)
        shutil.rmtree(repo / "logs", ignore_errors=True)  # what is written meanwhile keeps folders
        _wait_for_two(server)
        assert server.predict([tiny.ROW]).json["model"]["version"] == "bbbbbbbbbbbb"
    finally:
        assert server.stop() == 0
    assert "Traceback" not in server.said()


def _ask(server: Server, times: int) -> None:
    for _ in range(times):
        assert server.predict([tiny.ROW]).status == 200


def _pids(server: Server) -> list[int]:
    return list(map(int, Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()))


def _wait_for_two(server: Server) -> None:
    """Until two workers count and say what they serve."""
    end, found = time.monotonic() + 60, (0, 0)
    while found != (2, 2):
        assert time.monotonic() < end, found
        time.sleep(0.1)
        [folder] = list((server.logs / f".server-{server.port}").glob("prometheus*")) or [server.logs]
        found = len(status_files.read_statuses(folder)), len([*folder.glob("*.tally")])


def _counted(server: Server) -> dict[str, float]:
    """What /metrics and /drift have counted once all of it has been: twice the same."""
    found: list[dict[str, float]] = [{}]
    end = time.monotonic() + 20
    while len(found) < 4 or found[-1] != found[-4]:
        assert time.monotonic() < end, found[-4:]
        time.sleep(0.2)
        lines = server.ask("GET", "/metrics").content.decode().splitlines()
        total = sum(float(line.split()[-1]) for line in lines
                    if line.startswith("bentoml_service_request_total{") and '"/predict"' in line)  # fmt: skip
        found.append({"total": total, "rows": server.ask("GET", "/drift").json["since_start"]["rows"]})
    return found[-1]
