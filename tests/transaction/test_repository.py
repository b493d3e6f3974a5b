"""The project works wherever it lies: in a folder of a larger repository, in a worktree, in a path of any letters."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
import small

from stages.transaction import repository

PLACES = ("folder of a repository", "worktree", "größer & 'neu'")


def git(folder: Path, *arguments: str) -> str:
    done = small.run(folder, "git", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def place_in_repository(project: Path) -> None:
    """Make the folder above one repository, with work of others in it that is not committed."""
    top = project.parent
    (top / "others.txt").write_text("one\n")
    git(top, "init", "--quiet", "--initial-branch", "main")
    small.commit(top, "everything")
    (top / "others.txt").write_text("two\n")
    (top / "new.txt").write_text("work of others\n")


@pytest.fixture(params=PLACES)
def project(request: pytest.FixtureRequest, ran: Path, tmp_path: Path) -> Path:
    """The small repository, everything run and committed, in one of the places."""
    folder = tmp_path / request.param / "project"
    if request.param == "worktree":
        main = Path(shutil.copytree(ran, tmp_path / "main", symlinks=True))
        git(main, "worktree", "add", "--quiet", str(folder))
        shutil.copytree(main / ".dvc/cache", folder / ".dvc/cache")
        assert small.run(folder, "dvc", "checkout", "--quiet").returncode == 0
    elif request.param == "folder of a repository":
        shutil.copytree(ran, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        place_in_repository(folder)
    else:
        shutil.copytree(ran, folder, symlinks=True)
    return folder


def run(folder: Path, command: str) -> str:
    done = small.run(folder, sys.executable, "-m", *command.split())
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_every_command_works_there(project: Path) -> None:
    # given a place where everything has run
    assert "Nothing had to run: " in run(project, "stages.repro")
    # when the report's title changes, and DVC is killed at its lock
    small.edit(project / "params.yaml", "title: Late", "title: Very late")
    (project / "dvc.lock").write_text("")
    # then that alone runs, and the reviews tell it
    said = run(project, "stages.repro")
    assert "dvc.lock, which a kill cut off, was restored from git" in said
    assert said.count("Running stage") == 1
    assert "Keep: git add . && git commit" in said
    assert "Very late" in run(project, "stages.report_diff -- HEAD")
    assert "Very late" in run(project, "dvc params diff --md HEAD")
    # when it is kept, then it can be approved and published
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "title")
    assert "as v1.0.0" in run(project, "stages.approve --by Ada")
    assert "reports/published/v1.0.0.pdf" in run(project, "stages.publish")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "published")
    # and another table, which lies here and which git does not have, can be adopted
    shutil.copy(small.ROOT / "tests/tables/penguins.csv", project / "mine.csv")
    assert "Next: make repro" in run(project, "stages.adopt mine.csv --target Species")


@pytest.mark.parametrize("inside", ["", "team/größer"])
def test_paths_are_those_of_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    # given a committed file here, and another above
    here = tmp_path / "top" / inside
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    (here / "kept.txt").write_text("one\n")
    (tmp_path / "top/above.txt").write_text("one\n")
    git(tmp_path / "top", "init", "--quiet")
    small.commit(tmp_path / "top", "start")
    # when files change: one here, one that is new and has another name than ASCII, and one above
    (here / "kept.txt").write_text("two\n")
    (here / "ü b.txt").write_text("new\n")
    os.close(os.open(b"caf\xe9.txt", os.O_CREAT))  # as an old zip may have it
    (tmp_path / "top/above.txt").write_text("two\n")
    # then git's word is about this folder
    changed = {"kept.txt", "ü b.txt", os.fsdecode(b"caf\xe9.txt")} | (set() if inside else {"above.txt"})
    assert set(repository.find_changes()) == changed
    assert repository.read_at("HEAD", Path("kept.txt")) == b"one\n"
    clone = repository.clone(tmp_path / "clone")
    assert (clone / "kept.txt").read_text() == "one\n"
    with pytest.raises(repository.GitError, match="failed: "):
        repository.read_at("HEAD", Path("gone.txt"))


def test_without_git_itself_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(repository.GitError, match="git is not installed"):
        repository.check()
