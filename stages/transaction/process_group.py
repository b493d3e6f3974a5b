"""A command whose processes end with the one that started it, however that one ends."""

from __future__ import annotations

import os
import signal
import subprocess


def run(*command: str) -> int:
    """Run a command in a process group of its own and return its exit code.

    An exception (a stop by a signal) ends the whole group. So does a SIGKILL of this process, which leaves it no time:
    a watcher, in the group before the command is, then reads the end of a pipe that nobody else holds.
    """
    watching = ["sh", "-c", "read -r _; kill -TERM 0"]
    with subprocess.Popen(watching, stdin=subprocess.PIPE, process_group=0) as watcher:
        process = subprocess.Popen(command, process_group=watcher.pid)
        try:
            return process.wait()
        except BaseException:
            os.killpg(watcher.pid, signal.SIGTERM)
            process.wait()
            raise
        finally:
            watcher.kill()
