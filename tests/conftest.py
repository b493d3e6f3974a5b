"""The small repository with everything run, made once for all tests that want one."""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest
import small
from examples import ALL
from machine import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401

# Whoever starts the tests in the background may have SIGINT ignored, and what the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, and none too slow on a busy machine.
hypothesis.settings.register_profile(
    "repository", deadline=None, derandomize=True, database=None, max_examples=100 if ALL else 20
)
hypothesis.settings.load_profile("repository")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Gives a folder that is made once for all workers of this run, by whichever wants it first; the others wait.

    A making that failed is not tried again: who wants the folder later fails at once.
    """
    base = tmp_path_factory.getbasetemp()
    common = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base

    def make_once(name: str, make: Callable[[Path], None]) -> Path:
        folder = common / name
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                half = common / f"{name}.half"
                if half.exists():  # another try would fail at the same, and as slowly
                    pytest.fail(f"{name} could not be made: the first test that wanted it says why. Look at {half}.")
                half.mkdir()
                make(half)
                half.rename(folder)
        return folder

    return make_once


@pytest.fixture(scope="session")
def ran(shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """The small repository, every stage run and committed. Look at it, copy it, but leave it as it is."""

    def make(folder: Path) -> None:
        small.build(folder)
        assert small.repro(folder) == small.STAGES
        small.commit(folder, "everything run")

    return shared("ran", make)


@pytest.fixture
def copy(ran: Path, tmp_path: Path) -> Callable[[], Path]:
    """Gives copies of that repository, each the test's own."""

    def make() -> Path:
        return Path(shutil.copytree(ran, tmp_path / f"copy{len(list(tmp_path.iterdir()))}", symlinks=True))

    return make


@pytest.fixture
def repo(copy: Callable[[], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that repository which is also the current folder."""
    folder = copy()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def other(ran: Path, shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Another model of the same table, trained faster, evaluated and saved. Look at it, but leave it as it is."""

    def make(folder: Path) -> None:
        shutil.copytree(ran, folder, symlinks=True, dirs_exist_ok=True)
        small.edit(folder / "params.yaml", "learning_rate: 0.1", "learning_rate: 0.3")
        with contextlib.chdir(folder):
            for name in ("train", "evaluate", "save"):
                importlib.import_module(f"stages.{name}.__main__").work()  # here, as most tests need none of them

    return shared("other", make)
