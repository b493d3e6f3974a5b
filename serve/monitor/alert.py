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


class Event(NamedTuple):
    """An alert that starts or ends, with the numbers that made it."""

    alert: str
    requests: int
    failed: int
    share: float


def failed(status: int) -> bool:
    """Whether an answer of this status counts as failed."""
    return status >= 500


class Judge:
    """Looks at the growing counts of requests and failures once in a while; says when the alert starts and ends."""

    def __init__(self, rule: Alert, active: bool = False) -> None:
        self.active = active
        self.share = 0.0
        self.window = Counts(0, 0)
        self._rule = rule
        self._seen: deque[tuple[float, Counts]] = deque()
        self._first: float | None = None
        self._agreed = False

    def look(self, now: float, counts: Counts) -> Event | None:
        """The event at `now` (seconds of a clock that never goes back), if there is one.

        It starts when more than the share failed of at least `min_requests` in the window. It ends when no more than
        the share did, so also when the failures have left the window and nobody asks any more. An alert that another
        judge started before this one first looked is not ended before a whole window was seen: what made it may lie
        further back than this one can tell.
        """
        if self._first is None:
            self._first = now
        self._seen.append((now, counts))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._rule.window_s:
            self._seen.popleft()
        base = self._seen[0][1]
        requests, wrong = counts.requests - base.requests, counts.failed - base.failed
        self.window = Counts(requests, wrong)
        self.share = wrong / requests if requests else 0.0
        above = self.share > self._rule.share
        self._agreed = above or (self._agreed and self.active)
        if above == self.active or (above and requests < self._rule.min_requests):
            return None
        if not above and not self._agreed and now - self._first < self._rule.window_s:
            return None
        self.active = above
        return Event("started" if above else "ended", requests, wrong, round(self.share, 6))
