"""Who listens at a port."""

from __future__ import annotations

import contextlib
import shlex

import psutil


def find_listener(port: int) -> tuple[int, str] | None:
    """Return the process that listens at the port, the one that began first, and its command line.

    None where there is none, it has just ended, or it is another user's, of whom the system does not tell.
    """
    with contextlib.suppress(psutil.Error):
        sockets = psutil.net_connections("tcp")
        listeners = {each.pid for each in sockets if each.status == psutil.CONN_LISTEN and each.laddr.port == port}
        processes = [psutil.Process(pid) for pid in listeners if pid]
        first = min(processes, key=psutil.Process.create_time, default=None)
        return (first.pid, shlex.join(first.cmdline())) if first else None
    return None
