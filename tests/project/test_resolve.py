"""make resolve: after a merge, what people wrote is theirs to settle, and what is made is made again."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import small


def git(repo: Path, *arguments: str) -> CompletedProcess[str]:
    return small.run(repo, "git", *arguments)


def resolve(repo: Path) -> CompletedProcess[str]:
    return small.run(repo, sys.executable, "-m", "stages.resolve")


def change(repo: Path, branch: str, *edits: tuple[str, str]) -> None:
    """Make a branch in which params.yaml is edited and everything run."""
    assert git(repo, "checkout", "--quiet", "-b", branch, "main").returncode == 0
    for old, new in edits:
        small.edit(repo / "params.yaml", old, new)
    assert small.repro(repo)
    small.commit(repo, branch)


RATE = "learning_rate: 0.1"


def test_what_is_made_is_made_again_and_ends_clean(repo: Path) -> None:
    # given two branches that each changed another setting, and a merge of them that ends in conflicts
    change(repo, "faster", (RATE, "learning_rate: 0.2"))
    change(repo, "named", ("author: The model's owners", "author: Ada"))
    assert git(repo, "merge", "faster").returncode == 1
    conflicts = git(repo, "diff", "--name-only", "--diff-filter=U").stdout.split()
    assert "dvc.lock" in conflicts
    assert "params.yaml" not in conflicts

    # when it is resolved and committed
    done = resolve(repo)
    assert done.returncode == 0, done.stderr
    assert git(repo, "commit", "--no-edit").returncode == 0

    # then the lock is what the code makes of both changes
    assert small.run(repo, "dvc", "status", "--quiet").returncode == 0
    assert not git(repo, "status", "--porcelain").stdout
    assert "author: Ada" in (repo / "params.yaml").read_text()
    assert "learning_rate: 0.2" in (repo / "params.yaml").read_text()


@pytest.mark.slow
def test_what_people_wrote_is_left_to_them(repo: Path) -> None:
    # given two branches that changed the same setting
    change(repo, "faster", (RATE, "learning_rate: 0.2"))
    change(repo, "slower", (RATE, "learning_rate: 0.05"))
    assert git(repo, "merge", "faster").returncode == 1

    # when it is resolved, then it is named, and nothing is touched
    before = git(repo, "status", "--porcelain").stdout
    refused = resolve(repo)
    assert refused.returncode == 1
    assert "params.yaml has a conflict that only a person can settle" in refused.stderr
    assert git(repo, "status", "--porcelain").stdout == before

    # until a person has
    assert git(repo, "checkout", "--theirs", "params.yaml").returncode == 0
    assert git(repo, "add", "params.yaml").returncode == 0
    done = resolve(repo)
    assert done.returncode == 0, done.stderr
    assert git(repo, "commit", "--no-edit").returncode == 0
    assert small.run(repo, "dvc", "status", "--quiet").returncode == 0
    assert not git(repo, "status", "--porcelain").stdout


def test_without_a_merge_nothing_is_done(repo: Path) -> None:
    done = resolve(repo)
    assert done.returncode == 0
    assert "Nothing generated is in conflict" in done.stdout
    assert not git(repo, "status", "--porcelain").stdout
