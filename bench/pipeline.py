"""`make bench`: what the pipeline costs over the same work done by one plain Python process, printed beside its aims.

    python -m bench.pipeline [--rounds N]

Everything runs in two clones of HEAD in a temporary folder, one for DVC and one for the plain process, so that no
output of the user is touched. Rounds are interleaved, because a machine is not equally fast all the time; the middle
of the rounds is printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml

from stages.transaction.repository import clone

PLAIN = (
    "import sys, importlib\nfor name in sys.argv[1:]:\n    importlib.import_module(f'stages.{name}.__main__').work()\n"
)
"""Every stage's work, one after the other, with neither DVC nor a process of its own."""


class Cost(NamedTuple):
    """What one command took: wall time, and the memory of the largest of its processes."""

    seconds: float
    bytes: int


class Aim(NamedTuple):
    """A line of the answer."""

    name: str
    value: float
    unit: str
    limit: float | None

    def __str__(self) -> str:
        aim = "" if self.limit is None else f"aim {self.limit:g} {self.unit}".rstrip()
        verdict = "" if self.limit is None else ("met" if self.value <= self.limit else "MISSED")
        return f"{self.name:<32} {self.value:8.2f} {self.unit:<3} {aim:<12} {verdict}".rstrip()


def answer(full: list[Cost], plain: list[Cost], idle: list[Cost]) -> list[Aim]:
    """The measured values beside their aims."""
    whole, bare, nothing = (statistics.median(cost.seconds for cost in costs) for costs in (full, plain, idle))
    return [
        Aim("whole `dvc repro --force`", whole, "s", 120),
        Aim("the stages in one plain process", bare, "s", None),
        Aim("whole / plain", whole / bare, "", 1.35),
        Aim("`dvc repro`, nothing changed", nothing, "s", 1.5),
        Aim("peak memory, whole", max(cost.bytes for cost in full) / 1e9, "GB", 1.5),
        Aim("peak memory, plain", max(cost.bytes for cost in plain) / 1e9, "GB", None),
    ]


def measure(folder: Path, *command: str) -> Cost:
    """Run the command to its end, its messages to a file that is shown only when it fails."""
    log = folder / "logs" / "bench.log"
    log.parent.mkdir(exist_ok=True)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    state = str(folder / ".dvc" / "tmp" / "site")  # goes with the folder
    environment = {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": state}
    with log.open("wb") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"`{' '.join(command)}` failed:\n{log.read_text(errors='replace')}")
    return Cost(seconds, usage.ru_maxrss * 1024)


def main() -> None:
    """Clone, run the rounds, print."""
    options = argparse.ArgumentParser(prog="python -m bench.pipeline", description="Measure the pipeline.")
    options.add_argument("--rounds", type=int, default=1, help="how often each is run (default: 1)")
    rounds = options.parse_args().rounds
    dvc, python = (sys.executable, "-m", "dvc"), (sys.executable, "-c", PLAIN)
    full, plain, idle = [], [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        piped, bare = clone(Path(folder) / "dvc"), clone(Path(folder) / "plain")
        stages = list(yaml.safe_load((bare / "dvc.yaml").read_bytes())["stages"])
        for number in range(1, rounds + 1):
            for project in (piped, bare):
                shutil.rmtree(project / ".checkpoints", ignore_errors=True)  # else train has nothing left to do
            plain.append(measure(bare, *python, *stages))
            full.append(measure(piped, *dvc, "repro", "--force"))
            idle.append(measure(piped, *dvc, "repro"))
            seconds = f"whole {full[-1].seconds:.2f} s, plain {plain[-1].seconds:.2f} s, idle {idle[-1].seconds:.2f} s"
            print(f"round {number} of {rounds}: {seconds}", flush=True)
    print(*answer(full, plain, idle), sep="\n")


if __name__ == "__main__":
    main()
