"""A worker that has died is started again within a second: BentoML's supervisor looks only every ten."""

from __future__ import annotations

import sys
from typing import Any

SECONDS = 1.0
AGAIN = 0.05
MODULE = "bentoml._internal.utils.circus"


def soon() -> None:
    """In the process that supervises the workers, let it look every second. In a worker there is nothing to do."""
    found = sys.modules.get(MODULE)
    if found is None or found.Arbiter.__name__ == "Watchful":
        return

    class Watchful(found.Arbiter):  # type: ignore[name-defined, misc]
        def __init__(self, *watchers: Any, check_delay: float = SECONDS, **options: Any) -> None:
            super().__init__(*watchers, check_delay=min(check_delay, SECONDS), **options)

        def stop(self) -> Any:
            """Told to stop in the midst of starting a worker, circus forgets it: so it is told again."""
            if self._exclusive_running_command not in (None, "arbiter_stop"):
                return self.loop.call_later(AGAIN, self.stop)
            return super().stop()

    found.Arbiter = Watchful  # type: ignore[attr-defined]
