"""The alert: on when too large a share of the requests of the last minutes failed, off when it no longer is.

Failed is what the caller could not help: answers of 500 and above (a timeout of ours is a 504, refused for want of room
a 503). A caller's own mistake (400, 401, 404, 408, 413, 415, or 429: asked more often than it may) is an answer like
any other, so that nobody can set off the alert from outside.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from serve.monitor.failure_counts import Counts
from stages.wording.params import Alert


class AlertEvent(NamedTuple):
    """An alert that starts or ends, with the numbers that made it."""

    alert: str
    requests: int
    failed: int
    share: float


def is_failure(status: int) -> bool:
    """Return whether an answer of this status counts as failed."""
    return status >= 500


class AlertRule:
    """Is given the growing counts of requests and failures once in a while; says when the alert starts and ends."""

    def __init__(self, settings: Alert, active: bool = False) -> None:
        self.active = active
        self.share = 0.0
        self.window = Counts(0, 0)
        self._settings = settings
        self._history: deque[tuple[float, Counts]] = deque()
        self._first_seen_at: float | None = None
        self._confirmed = False

    def update(self, now: float, counts: Counts) -> AlertEvent | None:
        """Return the event at `now` (seconds of a clock that never goes back), None where there is none.

        It starts when more than the share failed of at least `min_requests` in the window. It ends when no more than
        the share did, so also when the failures have left the window and nobody asks any more. An alert that another
        worker started before the first call is not ended before a whole window was seen: what made it may lie further
        back than this rule can tell.
        """
        if self._first_seen_at is None:
            self._first_seen_at = now
        self._history.append((now, counts))
        while len(self._history) > 1 and self._history[1][0] <= now - self._settings.window_s:
            self._history.popleft()
        base = self._history[0][1]  # as of the window's start, or of the first call while that is later
        requests, failures = counts.requests - base.requests, counts.failed - base.failed
        self.window = Counts(requests, failures)
        self.share = failures / requests if requests else 0.0
        exceeds = self.share > self._settings.share
        self._confirmed = exceeds or (self._confirmed and self.active)
        if exceeds == self.active or (exceeds and requests < self._settings.min_requests):
            return None
        if not exceeds and not self._confirmed and now - self._first_seen_at < self._settings.window_s:
            return None
        self.active = exceeds
        return AlertEvent("started" if exceeds else "ended", requests, failures, round(self.share, 6))
