"""What killed processes leave half-written is put right; what belongs to a living one is never touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import small
import zc.lockfile

from stages.core.errors import BusyError
from stages.leftovers import CACHE, KEPT, LOCK, RUNS, RWLOCK, TMP, clear_leftovers, is_whole, keep_lock

WHOLE = "schema: '2.0'\nstages:\n  one:\n    cmd: python one.py\n    outs:\n    - path: one.txt\n      md5: abc\n"
NEWER = WHOLE.replace("abc", "def")
TEMPORARY = ".AbCdEfGhIjKlMnOpQrSt_-.tmp"
PIPELINE = "stages:\n  slow:\n    cmd: python -m stages.slow\n    outs: [slow.txt]\n"
SLOW = "import time; open('began', 'w'); time.sleep(60)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with a pipeline of one stage, its lock committed, and an empty folder of DVC's."""
    monkeypatch.chdir(tmp_path)
    TMP.mkdir(parents=True)
    Path(".gitignore").write_text("/.dvc\n")
    Path("dvc.yaml").write_text(PIPELINE)
    LOCK.write_text(WHOLE)
    small.run(tmp_path, "git", "init", "--quiet")
    small.commit(tmp_path, "start")
    return tmp_path


def held_by(pid: int) -> str:
    return json.dumps({"write": {"a": {"pid": pid, "cmd": "dvc repro"}}, "read": {"b": [{"pid": pid, "cmd": "dvc"}]}})


NOBODY = 2**22 + 1
"""No process has this number: it is above the highest that Linux gives."""


@pytest.mark.parametrize(
    "text",
    ["", '{"write": {"/a": {"pi', "[]", '{"write": {"/a": 5}}', '{"read": {"/a": {}, "/b": [1]}}', held_by(NOBODY)],
)
def test_a_list_of_holders_that_was_cut_off_or_names_nobody_alive_is_removed(
    folder: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / RWLOCK).write_text(text)
    clear_leftovers()
    assert not RWLOCK.exists()
    assert capsys.readouterr().err.startswith(".dvc/tmp/rwlock, ")


def test_nothing_is_said_where_nothing_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / RWLOCK).write_text('{"read": {}}')
    LOCK.write_text(NEWER)
    clear_leftovers()
    assert (RWLOCK.read_text(), LOCK.read_text()) == ('{"read": {}}', NEWER)
    shutil.rmtree(TMP)
    clear_leftovers()
    assert capsys.readouterr().err == ""


def test_a_number_that_was_given_to_another_process_since_is_no_holder(folder: Path) -> None:
    # given this very process, and a list written before it started
    (folder / RWLOCK).write_text(held_by(os.getpid()))
    os.utime(RWLOCK, (0, 0))
    clear_leftovers()
    assert not RWLOCK.exists()


def test_a_process_that_ended_and_was_never_fetched_is_no_holder(folder: Path) -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    (folder / RWLOCK).write_text(held_by(process.pid))
    clear_leftovers()
    assert not RWLOCK.exists()
    process.wait()


def test_what_a_living_process_holds_is_left_alone_and_it_is_named(folder: Path) -> None:
    # given a holder that lives, and leftovers of others
    (folder / RWLOCK).write_text(held_by(os.getpid()))
    LOCK.write_text("")
    # then nothing is touched
    with pytest.raises(BusyError, match=rf"dvc repro \(process {os.getpid()}\)"):
        clear_leftovers(patience_s=0)
    assert (RWLOCK.read_text(), LOCK.read_text()) == (held_by(os.getpid()), "")


@pytest.mark.parametrize("name", ["lock", "rwlock.lock"])
def test_while_dvc_holds_a_lock_nothing_is_touched(folder: Path, name: str) -> None:
    (folder / RWLOCK).write_text("")
    program = (
        f"import time, zc.lockfile; lock = zc.lockfile.LockFile({str(TMP / name)!r}); print(flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(BusyError, match=rf"DVC \(process {holder.pid}\)"):
            clear_leftovers(patience_s=0)
        assert RWLOCK.exists()
        holder.kill()
    # and when it was killed the lock is free, though the file is there
    clear_leftovers()
    assert (TMP / name).exists()
    assert not RWLOCK.exists()
    zc.lockfile.LockFile(str(TMP / name)).close()


@pytest.mark.parametrize(
    "cut", ["", WHOLE[:20], WHOLE[:60], WHOLE[: WHOLE.index("    - path")], "stages: [\n", WHOLE[:-2]]
)
def test_a_lock_that_was_cut_off_comes_back_from_the_killed_run_or_else_from_git(
    folder: Path, cut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a lock that DVC refuses, or takes for another one
    assert not is_whole(cut.encode())
    # then git's comes back, or the one that the killed run kept
    (folder / LOCK).write_text(cut)
    clear_leftovers()
    assert LOCK.read_text() == WHOLE
    LOCK.write_text(NEWER)
    keep_lock()
    LOCK.write_text(cut)
    keep_lock()
    clear_leftovers()
    assert LOCK.read_text() == NEWER
    assert [line.rpartition(" ")[2] for line in capsys.readouterr().err.splitlines()] == ["git.", "killed."]


@pytest.mark.parametrize("committed", [None, "", WHOLE[:20]])
def test_a_lock_that_git_does_not_have_is_removed(
    folder: Path, committed: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / LOCK).unlink() if committed is None else LOCK.write_text(committed)
    small.commit(folder, "no lock")
    LOCK.write_text("")
    clear_leftovers()
    assert not LOCK.exists()
    assert "every stage runs again" in capsys.readouterr().err


def test_the_lock_of_an_unfinished_merge_is_left_to_a_person(folder: Path) -> None:
    conflict = f"<<<<<<< HEAD\n{WHOLE}=======\n{NEWER}>>>>>>> other\n"
    (folder / LOCK).write_text(conflict)
    clear_leftovers()
    assert LOCK.read_text() == conflict


def test_the_copy_of_another_problems_lock_is_not_kept(folder: Path) -> None:
    keep_lock()
    (folder / LOCK).unlink()
    keep_lock()
    assert not KEPT.exists()


def test_temporary_files_and_empty_folders_of_the_run_cache_are_removed_and_nothing_else(folder: Path) -> None:
    # given leftovers beside files of nearly such a name
    leftovers = [CACHE / "files/md5" / TEMPORARY, Path("data/raw") / TEMPORARY, RUNS / "ab/abc" / TEMPORARY]
    others = [CACHE / "files/md5/ab/c.tmp", Path("data/raw/mine.tmp"), RUNS / "cd/cde/entry"]
    for path in [*leftovers, *others]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (RUNS / "ab/empty").mkdir()
    # while an experiment runs, which shares the cache, nothing is removed there
    (TMP / "exps").mkdir()
    with subprocess.Popen(["sleep", "60"], cwd=TMP / "exps") as experiment:
        clear_leftovers()
        assert [path.exists() for path in leftovers] == [True, False, True]
        experiment.kill()
    # and then all is
    clear_leftovers()
    assert not any(path.exists() for path in [*leftovers, RUNS / "ab/abc", RUNS / "ab/empty"])
    assert all(path.exists() for path in others)


@pytest.mark.slow
def test_a_run_in_another_terminal_is_left_alone_and_so_is_a_stage_whose_dvc_was_killed(tmp_path: Path) -> None:
    # given a run of a long stage, by DVC itself
    (tmp_path / "stages").mkdir()
    (tmp_path / "stages/slow.py").write_text(SLOW)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    small.run(tmp_path, "git", "init", "--quiet")
    small.run(tmp_path, "dvc", "init", "--quiet")
    dvc = subprocess.Popen(["dvc", "repro"], cwd=tmp_path, env=small.ENVIRONMENT, stdout=subprocess.DEVNULL)
    while not (tmp_path / "began").exists():
        assert dvc.poll() is None
        time.sleep(0.05)
    clear = ("python", "-c", "from stages.leftovers import clear_leftovers; clear_leftovers(0)")
    code = {"PYTHONPATH": str(small.ROOT), "PYTHONSAFEPATH": "1"}
    # then it is named
    assert f"repro (process {dvc.pid})" in small.run(tmp_path, *clear, **code).stderr
    # when DVC alone is killed
    dvc.kill()
    dvc.wait()
    # then the stage, which goes on, is named
    said = small.run(tmp_path, *clear, **code).stderr
    assert "-m stages.slow (process " in said
    # and when that was ended, too, nothing is in the way
    os.kill(int(said.rpartition("(process ")[2].partition(")")[0]), signal.SIGKILL)
    done = small.run(tmp_path, *clear, **code)
    while "stages.slow" in done.stderr:
        done = small.run(tmp_path, *clear, **code)
    assert done.stderr == ".dvc/tmp/rwlock, held by a process that is gone, was removed.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    ["leftovers", "adopt missing.csv --target x", "approve --by Ada --version v1.0.0", "review nowhere"],
)
def test_each_command_that_needs_dvc_clears_first(repo: Path, command: str) -> None:
    # given a killed run's leftovers, and a reason why the command itself ends soon
    RWLOCK.write_text("")
    LOCK.write_text("")
    (repo / "reports/report.json").write_text("{}")
    done = small.run(repo, sys.executable, "-m", *f"stages.{command}".split())
    assert "rwlock, cut off by a process that is gone, was removed" in done.stderr
    assert not RWLOCK.exists()
    assert LOCK.read_bytes() == small.run(repo, "git", "show", "HEAD:dvc.lock").stdout.encode()


def test_where_a_locks_file_is_the_lock_none_is_left_behind(folder: Path) -> None:
    # given DVC's setting for network disks
    Path(".dvc/config.local").write_text("[core]\n    hardlink_lock = true\n")
    (folder / RWLOCK).write_text("")
    clear_leftovers()
    assert [path.name for path in TMP.iterdir()] == ["rwlock"]
