"""BentoML's supervisor of the workers, better: a worker that has died is started again within a second, not ten, and at
the end no connection is reset."""

from __future__ import annotations

import sys
import time
from typing import Any

from serve.workers import backlog

SECONDS = 1.0
AGAIN = 0.05
EMPTIED_S = 5.0
"""Seconds the workers get to accept what has connected before the service was told to end."""
MODULE = "bentoml._internal.utils.circus"


def soon() -> None:
    """In the process that supervises the workers, let it look every second. In a worker there is nothing to do."""
    found = sys.modules.get(MODULE)
    if found is None or found.Arbiter.__name__ == "Watchful":
        return

    class Watchful(found.Arbiter):  # type: ignore[name-defined, misc]
        ends_by = 0.0

        def __init__(self, *watchers: Any, check_delay: float = SECONDS, **options: Any) -> None:
            super().__init__(*watchers, check_delay=min(check_delay, SECONDS), **options)

        def stop(self) -> None:
            """Take in no more connections, let the workers accept those that wait, then stop them; once."""
            if not self.ends_by:
                self.ends_by = time.monotonic() + EMPTIED_S
                backlog.stop(self.sockets.values())
                self.loop.call_later(AGAIN, self._end)  # for those that have half begun

        def _end(self) -> None:
            waiting = backlog.waits(self.sockets.values()) and time.monotonic() < self.ends_by
            # Told to stop in the midst of starting a worker, circus forgets it.
            if waiting or self._exclusive_running_command is not None:
                self.loop.call_later(AGAIN, self._end)
                return
            self.sockets.close_all()
            self.sockets.clear()
            super().stop()

    found.Arbiter = Watchful  # type: ignore[attr-defined]
