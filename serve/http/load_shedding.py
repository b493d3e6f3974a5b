"""Refuses what has waited too long: a request that came up late in a turn of the event loop.

In one turn a worker answers everything that is whole, so a turn is as long as the queue. The requests that come up
after `max_wait_s` of it are refused, which costs a tenth of an answer: however many ask, the next turn begins soon, the
wait of those that are answered is bounded by about two such spans, and nothing has to be set back afterwards.
"""

from __future__ import annotations

import asyncio

from serve.scoring.errors import Refusal


def busy() -> Refusal:
    """The refusal of what there is no room for."""
    reason = "more arrives than can be answered; try again after a second"
    return Refusal(503, reason, headers=[(b"retry-after", b"1")])


class Turn:
    """The present turn of this worker's event loop."""

    def __init__(self, max_wait_s: float) -> None:
        self._max_wait_s = max_wait_s
        self._began: float | None = None

    def check(self, now: float) -> None:
        """Raises Refusal 503 when a request that is to be scored `now`, a time of `time.perf_counter`, is too late."""
        if self._began is None:
            self._began = now
            asyncio.get_running_loop().call_soon(self._end)
        elif now - self._began > self._max_wait_s:
            raise busy()

    def _end(self) -> None:
        """Called by the loop before it looks for what has arrived meanwhile."""
        self._began = None
