"""Everything that watches the requests go by: the log, the metrics, the alert. It is handed each answer once."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import NamedTuple

from serve.monitor.access_log import ApiLog
from serve.monitor.alert import Judge, failed
from serve.monitor.failure_counts import Lead, Tally
from serve.monitor.metrics import Traffic
from serve.monitor.preallocate import Room
from serve.monitor.request_record import Asked
from serve.monitor.webhook import Webhook
from serve.settings import Settings, shared

logger = logging.getLogger(__name__)
MOST = 2000
"""Answered requests that are kept until the next tick: with very many connections a loop comes to none for seconds."""
JUDGED = "/predict"
"""The path whose failures count: health probes and pages would only thin them out."""


class Window(NamedTuple):
    """The predictions of the alert's window, over all workers; whether the alert is on."""

    requests: int
    failed: int
    alert: bool


class Watch:
    """The watchers of one worker; `tick` is called several times a second."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        folder = shared()
        self.traffic = Traffic()
        self.log = ApiLog(logs / "api.log", settings.log.rotate_bytes, settings.log.backups)
        self._webhook = Webhook(settings.alert.webhook)
        self._tally, self._lead = Tally(folder), Lead(folder)
        self._room = Room(folder)
        self._judge = Judge(settings.alert)
        self._answered: list[tuple[Asked, str | None]] = []
        self._next_look = 0.0
        self._look(time.monotonic())
        self._room.take()

    def answered(self, asked: Asked, endpoint: str | None) -> None:
        """One request was answered; `endpoint` is None where BentoML has counted it.

        Nothing is done with it before the next tick: that is cheaper for many at once, and off the request's way. Only
        an error of the service, and more than are worth keeping, are written down at once.
        """
        self._answered.append((asked, endpoint))
        if asked.status == 500 or len(self._answered) >= MOST:
            self._gather()
            self.log.flush()

    def tick(self) -> None:
        """Count and write what was answered, look for an alert once a second."""
        self._gather()
        self.log.flush()
        now = time.monotonic()
        if now >= self._next_look:
            self._look(now)
        self._room.take()  # each time: without the folder, BentoML cannot answer /metrics

    def _gather(self) -> None:
        answered, self._answered = self._answered, []
        if not answered:
            return
        self.log.answered([asked for asked, _ in answered])
        self.traffic.answered((of, asked.status, asked.ms / 1000) for asked, of in answered if of is not None)
        judged = [failed(asked.status) for asked, endpoint in answered if endpoint == JUDGED]
        self._tally.add(len(judged), sum(judged))

    @property
    def window(self) -> Window:
        """As of the last look."""
        return Window(*self._judge.window, self._lead.active)

    def close(self) -> None:
        """Write everything and wait a little for the webhook."""
        self._gather()
        self._look(time.monotonic())
        self._webhook.close()
        self.log.close()

    def _look(self, now: float) -> None:
        """All workers look, so that any of them can take over; one of them speaks."""
        self._next_look = now + 1.0
        leads = self._lead.held()
        self._judge.active = self._lead.active
        event = self._judge.look(now, self._tally.total())
        if not leads:
            return
        if event:
            self._lead.active = self._judge.active
            level = "ERROR" if self._judge.active else "INFO"
            said = {"level": level, **event._asdict()}
            self.log.add(said, at_once=True)
            self._webhook.post(said)
            text = "alert %s: %d of %d requests failed"
            logger.log(logging.getLevelName(level), text, event.alert, event.failed, event.requests)
        self.traffic.alert(self._judge.active, self._judge.share)
