"""Trying again, for errors that can pass by themselves."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from stages.core.errors import SourceError

T = TypeVar("T")

PASSING = {errno.EIO, errno.EBUSY, errno.EAGAIN, errno.EINTR, errno.ESTALE, errno.ETIMEDOUT, errno.ENETDOWN}
"""Errors of the operating system that may be gone a moment later."""


class PassingError(Exception):
    """An error that may be gone a moment later, such as an answer of 503."""


def attempt(work: Callable[[], T], what: str, tries: int, wait_seconds: float) -> T:
    """Call `work` until it succeeds, at most `tries` times, waiting twice as long before each new try.

    Only PassingError and the OSErrors of PASSING are tried again. Raises SourceError when the last try fails.
    """
    for number in range(1, tries + 1):
        try:
            return work()
        except (PassingError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in PASSING:
                raise
            if number == tries:
                raise SourceError(f"{what}: {error}. Gave up after {tries} tries; run it again later.") from None
            wait = wait_seconds * 2 ** (number - 1)
            logging.warning("%s: %s. Try %d of %d in %.1f s", what, error, number + 1, tries, wait)
            time.sleep(wait)
    raise ValueError(f"tries must be at least 1, not {tries}")
