"""Skips are honest: with CI set, what a test lacks is a failure that names it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[1] / "support"
CASES = """
import pytest
from machine import lack, needs

@needs("no-such-program", "sh")
def test_mark(): ...

@pytest.fixture
def disk(): lack("mount")

def test_fixture(disk): ...

def test_other(): pytest.skip("for another reason")

@pytest.mark.xfail(strict=True)
def test_known(): raise AssertionError

@needs("sh")
def test_good(): ...
"""


def outcomes(folder: Path, text: str, **environment: str) -> tuple[dict[str, str], str]:
    """How each test ended, and what was said."""
    (folder / "test_cases.py").write_text(text)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST"))}
    command = [sys.executable, "-m", "pytest", "-p", "machine", "-p", "no:cacheprovider", "-rA", "test_cases.py"]
    settings = clean | {"PYTHONPATH": str(SUPPORT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} | environment
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, timeout=60, check=False)
    lines = [line.split(" - ")[0].split("test_") for line in done.stdout.splitlines() if "test_cases.py::test_" in line]
    ends = {name[2]: name[0].split()[0] for name in lines if len(name) == 3}
    return ends, done.stdout


def test_a_skip_stays_one_where_no_ci_runs(tmp_path: Path) -> None:
    ends, said = outcomes(tmp_path, CASES, CI="false")

    assert ends == {"known": "XFAIL", "good": "PASSED"}
    assert "3 skipped" in said
    assert "not here: no-such-program\n" in said


@pytest.mark.parametrize(
    ("without", "failed"),
    [("mount", {"mark", "other"}), ("no-such-program", {"fixture", "other"})],
)
def test_with_ci_set_it_is_a_failure_but_for_what_is_named(tmp_path: Path, without: str, failed: set[str]) -> None:
    ends, said = outcomes(tmp_path, CASES, CI="true", CI_WITHOUT=without)

    assert {name for name, end in ends.items() if end in ("FAILED", "ERROR")} == failed, said
    assert ends["known"] == "XFAIL"
    assert "With CI set a skip is a failure. Skipped: for another reason" in said


def test_a_file_that_is_skipped_whole_is_a_failure_too(tmp_path: Path) -> None:
    _, said = outcomes(tmp_path, "import pytest\npytest.importorskip('no_such_module')\n", CI="true")

    assert "With CI set a skip is a failure. Skipped: could not import 'no_such_module'" in said
    assert "1 error" in said
