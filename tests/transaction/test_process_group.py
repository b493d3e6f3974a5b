"""A command on a leash ends with whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import small

from stages.transaction import process_group


def test_the_exit_code_is_the_commands() -> None:
    assert process_group.run("sh", "-c", "exit 3") == 3


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_the_whole_group_ends_with_the_one_that_started_it(tmp_path: Path, stop: signal.Signals) -> None:
    # given a command with a child of its own, started by a process
    begun = tmp_path / "begun"
    code = f"from stages.transaction.process_group import run; run('sh', '-c', 'sleep 60 & echo $! > {begun}; wait')"
    starter = subprocess.Popen([sys.executable, "-c", code], cwd=small.ROOT, stderr=subprocess.DEVNULL)
    while not (begun.exists() and begun.read_text().strip()):
        time.sleep(0.01)
    child = int(begun.read_text())
    # when that process is killed, then the child ends, too
    starter.send_signal(stop)
    starter.wait(timeout=30)
    deadline = time.monotonic() + 30
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
