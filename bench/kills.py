"""What a kill costs: SIGKILLs all over the run of a small table, and after each `make repro` to the end.

    python -m bench.kills [--kills N] [--seed N]

Each time everything has to run, because a row was added to a table that was adopted, run and committed. The run and all
it started are killed in one of its stages after the other, at a random moment; of five kills one waits from there for
the next moment at which DVC has just emptied `dvc.lock` to write it, and one for `.dvc/tmp/rwlock`. Then `make repro`
must end with the lock, the bytes and the git status of a run that nobody killed, and no finished stage but one may run
again. Everything lies in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from bench import repositories
from stages.core.files import sha256
from stages.leftovers import LOCK, RWLOCK
from stages.transaction.replacement import list_outputs

COMMAND = (sys.executable, "-m", "stages.repro")
START = "start"
"""What comes before the first stage."""
RUNNING = "Running stage '"
AIMS = (None, None, LOCK, None, RWLOCK)
"""What a kill waits for to be empty."""
ROWS = 240
LEAST_POLL_S = 0.002


class Run(NamedTuple):
    """A run that was watched: when each of its stages began, and whether it was killed."""

    began: dict[str, float]
    seconds: float
    killed: bool


class Kill(NamedTuple):
    """What came of a kill."""

    said: list[str]
    faults: list[str]


def write_table(path: Path, rows: int) -> None:
    """Write a table whose target follows from all its columns, so that no rule by one or two of them does as well."""
    colours = ("red", "blue", "green")
    lines = (
        f"{size},{colours[at % 3]},{weight / 10},{'yes' if size + 0.6 * weight + 20 * (at % 3) > 99 else 'no'}"
        for at in range(rows)
        for size, weight in [(at * 37 % 101, at * 53 % 97)]
    )
    path.write_text("\n".join(["size,colour,weight,good", *lines]) + "\n", encoding="utf-8")


def build(folder: Path) -> Path:
    """Return a repository in which the table was adopted, run and committed, and then had a row added."""
    write_table(folder / "table.csv", ROWS)
    repository = repositories.empty(folder / "repository")
    repositories.adopt(repository, folder / "table.csv", "good")
    params = repository / "params.yaml"
    text = params.read_text(encoding="utf-8").replace("estimator: best", "estimator: linear")
    params.write_text(text.replace("folds: 5", "folds: 0").replace("draws: 500", "draws: 100"), encoding="utf-8")
    repositories.run(repository, "dvc", "repro", "--quiet")
    repositories.commit(repository)
    write_table(repository / "data/source/table.csv", ROWS + 1)
    return repository


def watch(folder: Path, stage: str = "", after_s: float = 0, aim: Path | None = None) -> Run:
    """Run the pipeline; kill it and all it started so long after the stage began, or when the aim is empty then."""
    log, began = folder / "logs" / "watched", {START: time.monotonic()}
    log.parent.mkdir(exist_ok=True)
    environment = repositories.environment(folder) | {"PYTHONUNBUFFERED": "1"}
    with log.open("wb") as out:
        process = subprocess.Popen(COMMAND, cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True)
    while process.poll() is None:
        for name in list_stages(log):
            began.setdefault(name, time.monotonic())
        due = stage in began and time.monotonic() >= began[stage] + after_s
        if due and (aim is None or is_empty(folder / aim)):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Run(began, time.monotonic() - began[START], killed=True)
        if not (due and aim):
            time.sleep(LEAST_POLL_S)
    return Run(began, time.monotonic() - began[START], killed=False)


def list_stages(log: Path) -> list[str]:
    """Return the stages that DVC ran, in order."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line.removeprefix(RUNNING).partition("'")[0] for line in lines if line.startswith(RUNNING)]


def is_empty(path: Path) -> bool:
    """Return whether the file is there without a byte."""
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return False


def take_stock(folder: Path) -> dict[str, str]:
    """Return the hash of the lock and of each output, and what git says of the folder."""
    paths = [folder / LOCK, *(folder / path for path in list_outputs(folder / "dvc.yaml"))]
    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, check=True)
    hashes = {str(file.relative_to(folder)): sha256(file) for file in files if file.is_file()}
    return hashes | {"git status": status.stdout}


def kill(folder: Path, good: dict[str, str], stage: str, after_s: float, aim: Path | None) -> Kill | None:
    """Kill a run and run again; None when it ended before it could be killed."""
    first = watch(folder, stage, after_s, aim)
    if not first.killed:
        return None
    done = subprocess.run(
        COMMAND, cwd=folder, env=repositories.environment(folder), capture_output=True, text=True, check=False
    )
    if done.returncode:
        return Kill([], [f"make repro failed:\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}"])
    found = take_stock(folder)
    faults = [f"{name} differs" for name in good | found if good.get(name) != found.get(name)]
    again = [line.removeprefix(RUNNING)[:-2] for line in done.stdout.splitlines() if line.startswith(RUNNING)]
    twice = [name for name in again if name in first.began]
    if len(twice) > 1:
        faults.append(f"ran twice: {', '.join(twice)}")
    return Kill([line for line in done.stderr.splitlines() if "kill" in line or "is gone" in line], faults)


def choose_moments(whole: Run, kills: int, seed: int) -> Iterator[tuple[str, float]]:
    """Yield a moment for each kill: a stage, each in turn, and the seconds after it began."""
    draw = random.Random(seed)
    began = [*whole.began.values(), whole.began[START] + whole.seconds]
    lengths = {name: began[at + 1] - began[at] for at, name in enumerate(whole.began)}
    for at in range(kills):
        stage = list(lengths)[at % len(lengths)]
        yield stage, draw.random() * lengths[stage]


def main() -> None:
    """Kill, run again, compare, count."""
    options = argparse.ArgumentParser(prog="python -m bench.kills", description="Kill the pipeline at random.")
    options.add_argument("--kills", type=int, default=100, help="how many (default: 100)")
    options.add_argument("--seed", type=int, default=7, help="of the moments (default: 7)")
    asked = options.parse_args()
    same, ended = 0, 0
    with tempfile.TemporaryDirectory(prefix="kills-") as name:
        os.environ["DVC_SITE_CACHE_DIR"] = f"{name}/site"
        repository = build(Path(name))
        place = Path(name) / "run"
        whole = watch(shutil.copytree(repository, place, symlinks=True))
        good = take_stock(place)
        assert set(whole.began) == {START, *yaml.safe_load((place / "dvc.yaml").read_bytes())["stages"]}
        print(f"a whole run takes {whole.seconds:.1f} s", flush=True)
        for at, (stage, after_s) in enumerate(choose_moments(whole, asked.kills, asked.seed)):
            shutil.rmtree(place)
            shutil.copytree(repository, place, symlinks=True)
            aim = AIMS[at % len(AIMS)]
            outcome = kill(place, good, stage, after_s, aim)
            if outcome is None:
                ended += 1
                continue
            same += not outcome.faults
            moment = f"{stage} + {after_s:.2f} s{f', then {aim} empty' if aim else ''}"
            print(f"kill {at + 1}, {moment}:", *(outcome.said + outcome.faults or ["same"]), sep="\n  ", flush=True)
    killed = asked.kills - ended
    print(f"{same} of {killed} kills came back with the same lock and the same bytes; {ended} runs had ended before")
    sys.exit(not killed or same != killed)


if __name__ == "__main__":
    main()
