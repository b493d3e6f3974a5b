"""How a stage ends: its exit code, one message on stderr, and the traceback, if any, in the log only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import small

PROGRAM = """
import errno, logging
from stages.core import run
from stages.core.errors import DataError

def work():
    logging.info("reading")
    {line}

run.stage("trial", work)
"""


def ended(folder: Path, line: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The finished stage whose work is the line, and its log."""
    done = small.run(folder, sys.executable, "-c", PROGRAM.format(line=line), PYTHONPATH=str(small.ROOT))
    log = folder / "logs/trial.log"
    return done, log.read_text(encoding="utf-8") if log.exists() else ""


def test_work_that_succeeds_ends_with_0_and_a_log(tmp_path: Path) -> None:
    done, log = ended(tmp_path, "pass")

    assert (done.returncode, done.stdout) == (0, "")
    assert "INFO reading" in log
    assert "trial: done in" in log


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("raise DataError('line 7 is wrong.')", 1, "trial failed: line 7 is wrong."),
        ("raise KeyboardInterrupt", 130, "trial failed: stopped by the keyboard"),
        (
            "raise OSError(errno.ENOSPC, 'No space', 'a.csv')",
            1,
            "trial failed: the disk is full (a.csv). Put that right",
        ),
        ("raise OSError(errno.EDQUOT, 'Quota')", 1, "trial failed: the disk quota is used up. Put that right"),
        (
            "raise PermissionError(errno.EACCES, 'no', 'a.csv')",
            1,
            "trial failed: no permission to read or write (a.csv)",
        ),
        ("raise MemoryError", 1, "trial failed: the memory is full"),
    ],
)
def test_an_error_a_person_can_act_on_is_one_message(tmp_path: Path, line: str, code: int, message: str) -> None:
    done, log = ended(tmp_path, line)

    assert done.returncode == code
    assert done.stderr.count(message) == 1
    assert message.removeprefix("trial failed: ") in log
    assert "Traceback" not in done.stderr + log


@pytest.mark.parametrize("line", ["{}['key']", "raise OSError(errno.EBADF, 'Bad file')", "raise OSError('no number')"])
def test_a_bug_s_traceback_is_in_the_log_only(tmp_path: Path, line: str) -> None:
    done, log = ended(tmp_path, line.replace("{}", "dict()"))

    assert done.returncode == 1
    assert "trial failed: unexpected error, please report it" in done.stderr
    assert "logs/trial.log" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Traceback" in log


def test_a_log_that_cannot_be_opened_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where a folder should be")

    done, _ = ended(tmp_path, "pass")

    assert done.returncode == 1
    assert "trial failed: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_screen_that_knows_only_ascii_stops_no_stage(tmp_path: Path) -> None:
    line = "raise DataError('K\\u00f6ln')"

    done = small.run(
        tmp_path, sys.executable, "-c", PROGRAM.format(line=line),
        PYTHONPATH=str(small.ROOT), PYTHONIOENCODING="ascii", LC_ALL="C",
    )  # fmt: skip

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
