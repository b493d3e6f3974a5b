"""`make verify`, run for real on a tiny repository of two stages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PIPELINE = """\
stages:
  first:
    cmd: python first.py
    deps: [first.py]
    outs: [first.txt]
  second:
    cmd: python second.py
    deps: [second.py, first.txt]
    outs: [second.txt]
"""
COPY = "from pathlib import Path\nPath('second.txt').write_text(Path('first.txt').read_text())\n"
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    "PYTHONPATH": str(ROOT),
    "DVC_NO_ANALYTICS": "1",
    "TZ": "UTC",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def run(repo: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=repo, env=ENVIRONMENT, capture_output=True, text=True, check=False)


def must(repo: Path, *command: str) -> None:
    done = run(repo, *command)
    assert done.returncode == 0, done.stderr


def commit(repo: Path) -> None:
    must(repo, "git", "add", "--all")
    must(repo, "git", "commit", "--quiet", "--message", "state")


def verify(repo: Path) -> subprocess.CompletedProcess[str]:
    return run(repo, sys.executable, "-m", "stages.verify")


def build(top: Path, folder: Path) -> Path:
    """Two stages, reproduced and committed, in a folder of the repository."""
    folder.mkdir(parents=True, exist_ok=True)
    must(top, "git", "init", "--quiet")
    must(folder, "dvc", "init", "--quiet", *([] if folder == top else ["--subdir"]))
    (folder / ".gitignore").write_text("/first.txt\n/second.txt\n/logs\n")
    (folder / "dvc.yaml").write_text(PIPELINE)
    (folder / "first.py").write_text("open('first.txt', 'w').write('one')\n")
    (folder / "second.py").write_text(COPY)
    must(folder, "dvc", "repro", "--quiet")
    commit(top)
    return folder


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Two stages, reproduced and committed."""
    return build(tmp_path, tmp_path)


@pytest.mark.parametrize("place", ["alone", "folder of a repository", "worktree"])
def test_a_lock_that_the_code_makes_is_verified(tmp_path: Path, place: str) -> None:
    # given
    top = tmp_path / "größer"
    repo = build(top, top / place if place == "folder of a repository" else top)
    if place == "worktree":
        must(repo, "git", "worktree", "add", "--quiet", str(tmp_path / "tree"))
        repo = tmp_path / "tree"
    # and what a kill leaves, which is not committed
    (repo / ".dvc/tmp").mkdir(exist_ok=True)
    (repo / ".dvc/tmp/rwlock").write_text("")
    # when
    done = verify(repo)
    # then
    assert done.returncode == 0, done.stderr
    assert "OMP_NUM_THREADS=2 PYTHONHASHSEED=2 TZ=Asia/Tokyo LC_ALL=C" in done.stderr
    assert "both clones made the committed dvc.lock" in done.stderr
    assert run(repo, "git", "status", "--porcelain").stdout == ""


def test_a_stage_that_depends_on_the_hash_seed_is_named(repo: Path) -> None:
    # given
    (repo / "second.py").write_text("open('second.txt', 'w').write(str(hash('one')))\n")
    must(repo, "dvc", "repro", "--quiet")
    commit(repo)
    # when
    done = verify(repo)
    # then
    assert done.returncode == 1
    assert (
        "the two clones made different things:\n  second.txt out of stage second, from the same inputs" in done.stderr
    )
    assert "first.txt" not in done.stderr.partition("verify failed")[2]


def test_the_stage_that_began_it_stands_before_those_that_follow(repo: Path) -> None:
    # given
    (repo / "first.py").write_text("import time; open('first.txt', 'w').write(time.tzname[0])\n")
    must(repo, "dvc", "repro", "--quiet")
    commit(repo)
    # when
    done = verify(repo)
    # then
    assert done.returncode == 1
    assert "first.txt out of stage first, from the same inputs\n  first.txt (deps of stage second)" in done.stderr


def test_a_lock_older_than_the_code_is_not_verified(repo: Path) -> None:
    # given
    (repo / "second.py").write_text(COPY + "# changed and not reproduced\n")
    commit(repo)
    # when
    done = verify(repo)
    # then
    assert done.returncode == 1
    assert "the committed dvc.lock is not what the code makes:\n  second.py (deps of stage second)" in done.stderr


def test_a_file_that_was_never_committed_is_missed_in_the_clone(repo: Path) -> None:
    # given
    (repo / "only_here.py").write_text("WORD = 'one'\n")
    (repo / "first.py").write_text("import only_here; open('first.txt', 'w').write(only_here.WORD)\n")
    must(repo, "dvc", "repro", "--quiet")
    must(repo, "git", "commit", "--quiet", "--all", "--message", "without only_here.py")
    # when
    done = verify(repo)
    # then
    assert done.returncode == 1
    assert "No module named 'only_here'" in done.stderr
    assert "the pipeline failed in a fresh clone" in done.stderr


def test_without_a_committed_lock_there_is_nothing_to_verify(repo: Path) -> None:
    # given
    must(repo, "git", "rm", "--quiet", "--cached", "dvc.lock")
    # when
    done = verify(repo)
    # then
    assert done.returncode == 1
    assert "dvc.lock is not committed" in done.stderr
