"""Only what can pass is tried again, with growing waits, and the last error is told."""

from __future__ import annotations

import errno
import time
from itertools import pairwise

import pytest

from stages.core.errors import SourceError
from stages.ingest.retry import PASSING, PassingError, attempt


def failing(*errors: Exception) -> tuple[list[float], object]:
    """A work that raises each error in turn and then gives its result, and when it was called."""
    left, calls = list(errors), list[float]()

    def work() -> str:
        calls.append(time.monotonic())
        if left:
            raise left.pop(0)
        return "done"

    return calls, work


@pytest.mark.parametrize("error", [PassingError("503"), *(OSError(number, "hm") for number in sorted(PASSING))])
def test_what_can_pass_is_tried_again(error: Exception) -> None:
    calls, work = failing(error)

    assert attempt(work, "a.csv", tries=2, wait_seconds=0) == "done"
    assert len(calls) == 2


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOENT, "gone"), OSError(errno.ENOSPC, "full"), SourceError("bad"), ValueError()]
)
def test_what_cannot_pass_is_not(error: Exception) -> None:
    calls, work = failing(error)

    with pytest.raises(type(error)):
        attempt(work, "a.csv", tries=3, wait_seconds=0)
    assert len(calls) == 1


def test_each_wait_is_twice_the_one_before() -> None:
    calls, work = failing(PassingError("1"), PassingError("2"), PassingError("3"))

    attempt(work, "a.csv", tries=4, wait_seconds=0.02)

    waits = [after - before for before, after in pairwise(calls)]
    assert [wait >= least for wait, least in zip(waits, (0.02, 0.04, 0.08), strict=True)] == [True] * 3


def test_the_last_error_says_what_and_how_often() -> None:
    _, work = failing(PassingError("one"), PassingError("two"))

    with pytest.raises(SourceError, match=r"a.csv: two. Gave up after 2 tries"):
        attempt(work, "a.csv", tries=2, wait_seconds=0)
