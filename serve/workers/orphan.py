"""A worker ends with the process that looks after it: alone it would serve its model, and hold the port, for ever.

That one can be killed (`kill -9`, want of memory) without a word to its workers, so that they look themselves.
"""

from __future__ import annotations

import logging
import os
import signal

logger = logging.getLogger(__name__)
PARENT_VARIABLE = "SERVE_PARENT"


def export_parent() -> None:
    """Tell the workers that are started from now on whose they are."""
    os.environ[PARENT_VARIABLE] = str(os.getpid())


class ParentWatch:
    """Looks after the parent of this process."""

    def __init__(self) -> None:
        self._parent = int(os.environ.get(PARENT_VARIABLE, os.getppid()))

    def check_parent(self) -> None:
        """End this process, once, as a supervisor does, if its parent has ended: what was begun is answered."""
        if self._parent and os.getppid() != self._parent:
            logger.error("the server (process %d) has ended, and so does this worker", self._parent)
            self._parent = 0
            os.kill(os.getpid(), signal.SIGTERM)
