"""What a started server and all its children cost, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and everything it started, directly or not."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def cpu_s(processes: list[int]) -> float:
    """The processor time they have used so far."""
    return sum((int(fields[11]) + int(fields[12])) * TICK_S for fields in map(_stat, processes) if fields)


def pss_bytes(processes: list[int]) -> int:
    """The memory they hold, what is shared divided among its holders."""
    found = 0
    for process in processes:
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        found += 1024 * sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))
    return found


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat from the third one on; none when it is gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
