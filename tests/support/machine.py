"""What a test needs of the machine: programs and rights. Without them it is skipped, and says so.

With CI set a skip is a failure: what the test promises would stand there unproven and green. A machine that cannot have
something names it in CI_WITHOUT ("mount namespaces"); that alone may be skipped there.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Generator
from typing import NoReturn, TypeVar

import pytest

NOT_HERE = "not here: "
RIGHTS = {"namespaces": ("unshare", "-rmn", "sh", "-c", "mount -t tmpfs tmpfs /mnt")}
"""What is more than a program: each with a command that ends well where it may be done."""
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


def found(program: str) -> str | None:
    """Where the program is; Debian keeps daemons where a user's PATH may not lead."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")


def needs(*names: str) -> pytest.MarkDecorator:
    """A mark: the test is skipped where one of the programs or rights is missing."""
    missing = [name for name in names if not is_here(name)]
    return pytest.mark.skipif(bool(missing), reason=NOT_HERE + ", ".join(missing))


def lack(name: str) -> NoReturn:
    """Skip the test that runs now."""
    pytest.skip(NOT_HERE + name)


@functools.cache
def is_here(name: str) -> bool:
    """Whether the program is installed, or the right is given."""
    if name not in RIGHTS:
        return found(name) is not None
    command = RIGHTS[name]
    return is_here(command[0]) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def judge(report: Report) -> Report:
    """The report, of a failure where CI is set, a test was skipped, and CI_WITHOUT does not name what it lacks."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("CI", "false") not in ("", "false"):
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        missing = set(reason.rpartition(NOT_HERE)[2].split(", "))
        if NOT_HERE not in reason or missing - set(os.environ.get("CI_WITHOUT", "").split()):
            report.outcome, report.longrepr = "failed", f"With CI set a skip is a failure. {reason}"  # type: ignore[assignment]
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return judge((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return judge((yield))
