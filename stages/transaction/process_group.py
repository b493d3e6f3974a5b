"""A command whose processes end with the one that started it, however that one ends."""

from __future__ import annotations

import os
import signal
import subprocess


def run(*command: str) -> int:
    """Run a command in a process group of its own and return its exit code.

    An exception (a stop by a signal) ends the whole group. So does a SIGKILL of this process, which leaves it no time:
    a watcher then reads the end of a pipe that nobody else holds.
    """
    process = subprocess.Popen(command, start_new_session=True)
    watching = ["sh", "-c", f"read -r _; kill -TERM -{process.pid}"]
    with subprocess.Popen(watching, stdin=subprocess.PIPE, start_new_session=True) as watcher:
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
        finally:
            watcher.kill()
