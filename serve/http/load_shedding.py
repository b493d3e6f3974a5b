"""Refuses what has waited too long: a request that came up late in a turn of the event loop.

In one turn a worker answers everything that is whole, so a turn is as long as the queue. The requests that come up
after `max_wait_s` of it are refused, which costs a tenth of an answer: however many ask, the next turn begins soon, the
wait of those that are answered is bounded by about two such spans, and nothing has to be set back afterwards.
"""

from __future__ import annotations

import asyncio

from serve.scoring.errors import ApiError


class Overloaded(ApiError):
    """There is no room for the request (503)."""

    def __init__(self) -> None:
        reason = "more arrives than can be answered; try again after a second"
        super().__init__(503, reason, headers=[(b"retry-after", b"1")])


class LoopLagGuard:
    """Knows when the present turn of this worker's event loop began, and refuses what comes up too late in it."""

    def __init__(self, max_wait_s: float) -> None:
        self._max_wait_s = max_wait_s
        self._turn_began_at: float | None = None

    def check(self, now: float) -> None:
        """Raise Overloaded when a request that is to be scored `now`, a time of `time.perf_counter`, is too late."""
        if self._turn_began_at is None:
            self._turn_began_at = now
            asyncio.get_running_loop().call_soon(self._end_turn)
        elif now - self._turn_began_at > self._max_wait_s:
            raise Overloaded

    def _end_turn(self) -> None:
        """End the turn: the loop calls this before it looks for what has arrived meanwhile."""
        self._turn_began_at = None
