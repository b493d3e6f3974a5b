"""Drives a server with wrk: the same requests one after the other, over some connections at a time."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SCRIPT = """
local number = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  number = number + 1
  return wrk.format(nil, nil, nil, bodies[number % #bodies + 1])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nFOUND {"requests": %d, "seconds": %f, "p50_ms": %f, "p99_ms": %f, "errors": %d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


class Load(NamedTuple):
    """What came of one drive."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second that were answered well."""
        return (self.requests - self.errors) / self.seconds


def write_script(path: Path, bodies: Sequence[bytes]) -> None:
    """A script for wrk that sends these bodies in turn."""
    listed = "\n".join(f"  [==[{body.decode()}]==]," for body in bodies)
    path.write_text(f"local bodies = {{\n{listed}\n}}\n{SCRIPT}", encoding="utf-8")


def drive(url: str, script: Path, connections: int, seconds: float) -> Load:
    """Ask as fast as the server answers. Raises SystemExit without wrk."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is needed: apt-get install wrk")
    threads = 1 if connections < 1000 else 2
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds:g}s", "--timeout", "10s", "-s", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FOUND ")]
    return Load(**json.loads(line.removeprefix("FOUND ")))
