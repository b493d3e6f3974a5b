"""A table too large for git: whoever clones can run it, and CI can prove it, or is told what to ask for."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import small

from stages.transaction.replacement import LARGEST_IN_GIT

ROWS = 1500


@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository that a table of 25 MB was adopted into, everything run and committed; and what adopt said."""
    folder = small.build(tmp_path_factory.mktemp("large") / "repo")
    draw, table = random.Random(7), folder.parent / "large.csv"
    lines = ["size,kind,letter,sold"]
    for number in range(ROWS):
        size, kind = draw.random(), draw.choice(["red", "green", "blue"])
        sold = "yes" if size + (kind == "red") + draw.random() > 1.2 else "no"
        lines.append(f"{size:.4f},{kind},{number} {'x' * (LARGEST_IN_GIT * 5 // 4 // ROWS)},{sold}")
    table.write_text("\n".join(lines) + "\n")
    done = run(folder, "adopt", str(table), "--target", "sold")
    assert done.returncode == 0, done.stderr
    table.unlink()
    made = run(folder, "repro")
    assert made.returncode == 0, made.stderr
    small.commit(folder, "adopted")
    return folder, done.stdout


def run(folder: Path, command: str, *arguments: str) -> CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", f"stages.{command}", *arguments)


def clone(folder: Path, target: Path) -> Path:
    assert small.run(folder, "git", "clone", "--quiet", ".", str(target)).returncode == 0
    return target


def test_adopt_says_what_it_means_and_what_to_type(adopted: tuple[Path, str]) -> None:
    _, said = adopted
    assert "large.csv is kept by DVC: git has the pointer alone" in said
    assert "make remote URL=s3://bucket/folder" in said
    assert said.rstrip().endswith("make push")


def test_without_a_remote_a_clone_is_told_what_to_ask_for(adopted: tuple[Path, str], tmp_path: Path) -> None:
    made = run(clone(adopted[0], tmp_path / "other"), "repro")
    assert made.returncode == 1
    assert "data/source/large.csv (25," in made.stderr
    assert "no remote is set to pull it from. Ask whoever has it for `make push` (after `make remote" in made.stderr


def test_its_hash_is_compared_without_its_bytes(adopted: tuple[Path, str], tmp_path: Path) -> None:
    checked = run(clone(adopted[0], tmp_path / "other"), "verify", "--lock-only")
    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_with_one_a_clone_has_it_and_proves_it(adopted: tuple[Path, str], tmp_path: Path) -> None:
    # given a remote that was named, and not sent to yet
    folder = tmp_path / "repo"
    shutil.copytree(adopted[0], folder, symlinks=True)
    assert run(folder, "remote", str(tmp_path / "kept")).returncode == 0
    small.commit(folder, "a remote")
    early = run(clone(folder, tmp_path / "early"), "repro")
    assert early.returncode == 1
    assert f"{tmp_path / 'kept'} does not have it. Ask whoever has it for `make push`." in early.stderr

    # when it was, then a clone has everything without a stage run
    assert run(folder, "push").returncode == 0
    other = clone(folder, tmp_path / "other")
    made = run(other, "repro")
    assert made.returncode == 0, made.stderr
    assert "Running stage" not in made.stdout
    assert made.stdout.rstrip().splitlines()[-2] == "Keep: git has all of it. For others: make push"

    # and the source is there for what must run again
    again = small.run(other, "dvc", "repro", "--single-item", "--force", "ingest")
    assert again.returncode == 0, again.stderr

    # and the proof works from the remote alone
    bare = clone(folder, tmp_path / "bare")
    proved = run(bare, "verify")
    assert proved.returncode == 0, proved.stderr


def test_a_source_that_is_cut_off_on_the_remote_is_named(adopted: tuple[Path, str], tmp_path: Path) -> None:
    folder = tmp_path / "repo"
    shutil.copytree(adopted[0], folder, symlinks=True)
    assert run(folder, "remote", str(tmp_path / "kept")).returncode == 0
    small.commit(folder, "a remote")
    assert run(folder, "push").returncode == 0
    large = max((tmp_path / "kept").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    large.chmod(0o644)
    whole = large.read_bytes()
    # when it is short, or another of the same length
    for content, said in ((whole[:99], "has 99 of its 25,"), (b"X" + whole[1:], "did not give it whole")):
        large.write_bytes(content)
        made = run(clone(folder, tmp_path / f"other-{len(content)}"), "repro")
        # then it is not taken, and named
        assert made.returncode == 1
        assert "data/source/large.csv" in made.stderr
        assert said in made.stderr
        large.write_bytes(whole) if large.exists() else None
