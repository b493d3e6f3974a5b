"""A disk that is full, or a kill at any moment: a clear end, and the last good outputs stay."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import small
from examples import shortly
from machine import is_here, lack

from stages.core.files import sha256

CHANGES = {
    "ingest": ("    planes: [planes.csv.gz]", "    planes: [planes.csv.gz]\n    more: [more.csv]"),
    "clean": ("  drop: [year, month, day, minute]", "  drop: [year, month, minute]"),
    "features": ("  drop: [date, sched_dep_time,", "  drop: [date, distance, sched_dep_time,"),
    "train": ("  learning_rate: 0.1", "  learning_rate: 0.2"),
    "evaluate": ("  draws: 100", "  draws: 120"),
    "save": ("  parity_bound: 1.0e-9", "  parity_bound: 1.0e-8"),
}
"""For each stage a change of params.yaml that changes what the stage writes."""
OUTPUTS = {
    "ingest": ["data/raw"],
    "clean": ["data/clean.csv", "data/rejected.csv", "data/schema.json", "metrics/clean.json"],
    "features": ["data/features.csv", "data/features.json"],
    "train": ["model/trained.pkl", "metrics/train.json", "metrics/learning_curve.csv"],
    "evaluate": ["data/predictions.csv", "data/out_of_fold.csv", "metrics/evaluation.json", "metrics/plots"],
    "save": ["model/model.pkl", "model/model.onnx", "model/manifest.json"],
}

SHARES = (0, 0.9)
"""Of what a stage writes, for how much there is room: nothing, or nearly all."""


def state(folder: Path, stage: str) -> dict[str, str]:
    """Every file of the stage's outputs with its hash."""
    paths = [folder / name for name in OUTPUTS[stage]]
    files = [file for path in paths for file in (sorted(path.iterdir()) if path.is_dir() else [path])]
    return {str(file.relative_to(folder)): sha256(file) for file in files if file.exists()}


def changed(folder: Path, stage: str) -> None:
    (folder / "data/source/more.csv").write_text("a,b\n1,2\n")
    small.edit(folder / "params.yaml", *CHANGES[stage])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[Path], Path]]:
    """Puts a copy of a folder on a disk of its own; needs the right to mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if not is_here("mount") or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        lack("mount")
    try:
        yield lambda folder: Path(shutil.copytree(folder, disk / "repo", symlinks=True))
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path, left: int) -> None:
    """Fill the disk but for so many bytes."""
    free = shutil.disk_usage(disk).free
    with (disk / "filler").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free - left, 1))


@pytest.mark.parametrize(
    ("stage", "share"),
    [
        pytest.param(stage, share, marks=() if (stage, share) == ("clean", 0.9) else pytest.mark.slow)
        for stage in OUTPUTS
        for share in SHARES
    ],
)
def test_on_a_full_disk_each_stage_says_so_and_the_old_outputs_stay(
    ran: Path, small_disk: Callable[[Path], Path], stage: str, share: float
) -> None:
    folder = small_disk(ran)
    changed(folder, stage)
    before = state(folder, stage)
    largest = max((folder / name).stat().st_size for name in before)
    fill(folder.parent, int(share * largest))

    done = small.stage(folder, stage, PYTHONDONTWRITEBYTECODE="1", TMPDIR=str(folder.parent.parent))

    assert done.returncode == 1, done.stderr
    assert f"{stage} failed: the disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert state(folder, stage) == before
    assert not list(folder.rglob(".*.part"))

    (folder.parent / "filler").unlink()
    again = small.stage(folder, stage)
    assert again.returncode == 0, again.stderr
    assert state(folder, stage) != before


@pytest.mark.parametrize("stage", shortly(["clean", "features", "save"], "features"))
def test_killed_at_any_moment_no_output_is_half_written(copy: Callable[[], Path], stage: str) -> None:
    folder = copy()
    old = state(folder, stage)
    params = (folder / "params.yaml").read_text(encoding="utf-8")
    changed(folder, stage)
    started = time.monotonic()
    assert small.stage(folder, stage).returncode == 0
    duration = time.monotonic() - started
    new = state(folder, stage)
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    assert small.stage(folder, stage).returncode == 0
    assert state(folder, stage) == old
    changed(folder, stage)

    for share in [random.Random(stage).uniform(0.6, 1.0) for _ in range(5)]:
        process = subprocess.Popen(
            [sys.executable, "-m", f"stages.{stage}"], cwd=folder, env=small.ENVIRONMENT, stderr=subprocess.DEVNULL
        )
        time.sleep(share * duration)
        process.send_signal(signal.SIGKILL)
        process.wait()
        for name, content in state(folder, stage).items():
            assert content in (old[name], new[name]), f"{name} is neither the old file nor the new one"

    assert small.stage(folder, stage).returncode == 0
    assert state(folder, stage) == new
    assert ".part" not in small.run(folder, "git", "status", "--porcelain").stdout
