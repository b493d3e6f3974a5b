"""`make bench`, run for real on a pipeline of one stage."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench import kills, pipeline

ROOT = Path(__file__).parents[2]
IDENTITY = {f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
STAGE = """\
from pathlib import Path

def work():
    Path("out.txt").write_text("one")

if __name__ == "__main__":
    work()
"""
PIPELINE = "stages: {first: {cmd: python -m stages.first, deps: [stages/first], outs: [out.txt]}}"


def test_the_three_ways_to_run_are_printed_beside_their_aims_and_nothing_is_touched(tmp_path: Path) -> None:
    # given
    for name in ("core", "transaction"):
        shutil.copytree(ROOT / "stages" / name, tmp_path / "stages" / name)
    shutil.copy(ROOT / "stages" / "__init__.py", tmp_path / "stages")
    (tmp_path / "stages" / "first").mkdir()
    (tmp_path / "stages" / "first" / "__main__.py").write_text(STAGE)
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    for command in ("git init --quiet", f"{sys.executable} -m dvc init --quiet", "git add --all", "git commit -qm all"):
        subprocess.run(command.split(), cwd=tmp_path, env=os.environ | IDENTITY, check=True)
    # when
    done = subprocess.run(
        [sys.executable, "-m", "bench.pipeline", "--rounds", "2"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    # then
    assert done.returncode == 0, done.stderr
    for line in ("round 2 of 2", "whole `dvc repro --force`", "whole / plain", "nothing changed", "peak memory, whole"):
        assert line in done.stdout
    assert not (tmp_path / "out.txt").exists()
    assert not (tmp_path / "logs").exists()


def test_the_middle_round_is_judged_and_the_largest_memory() -> None:
    # given
    plain = [pipeline.Cost(seconds, 2 * 10**9) for seconds in (50.0, 60.0, 70.0)]
    full = [pipeline.Cost(seconds, size) for seconds, size in ((90.0, 10**9), (72.0, 2 * 10**9), (60.0, 10**9))]
    idle = [pipeline.Cost(1.2, 10**8)] * 3
    # when
    lines = {aim.name: str(aim) for aim in pipeline.answer(full, plain, idle)}
    # then
    assert lines["whole / plain"].split()[3:] == ["1.20", "aim", "1.35", "met"]
    assert lines["peak memory, whole"].endswith("2.00 GB  aim 1.5 GB   MISSED")
    assert "aim" not in lines["the stages in one plain process"]


def test_kills_are_spread_over_every_stage_and_begin_again_the_same() -> None:
    # given a run whose stages took 1, 4 and 2 seconds
    whole = kills.Run({kills.START: 10.0, "ingest": 11.0, "clean": 15.0}, 7.0, killed=False)
    # when
    moments = list(kills.choose_moments(whole, 300, seed=7))
    # then
    assert moments == list(kills.choose_moments(whole, 300, seed=7))
    for name, seconds in {kills.START: 1.0, "ingest": 4.0, "clean": 2.0}.items():
        after = [moment for stage, moment in moments if stage == name]
        assert len(after) == 100
        assert 0 <= min(after) < seconds / 4 < 3 * seconds / 4 < max(after) < seconds
