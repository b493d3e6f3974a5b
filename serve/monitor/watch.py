"""Everything that watches the requests go by: the log, the metrics, the alert. It is handed each answer once."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import NamedTuple

from serve.monitor.access_log import AccessLog
from serve.monitor.alert import AlertRule, is_failure
from serve.monitor.failure_counts import LeaderLock, SharedCounts
from serve.monitor.metrics import RequestMetrics
from serve.monitor.preallocate import Preallocator
from serve.monitor.request_record import RequestRecord
from serve.monitor.webhook import Webhook
from serve.settings import Settings, shared_folder

logger = logging.getLogger(__name__)
MAX_WAITING = 2000
"""Answered requests that are kept until the next tick: with very many connections a loop comes to none for seconds."""
ALERT_PATH = "/predict"
"""The path whose failures count: health probes and pages would only thin them out."""


class Window(NamedTuple):
    """The predictions of the alert's window, over all workers; whether the alert is on."""

    requests: int
    failed: int
    alert: bool


class RequestObserver:
    """The log, the metrics and the alert of one worker; `tick` is called several times a second."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        folder = shared_folder()
        self.metrics = RequestMetrics()
        self.log = AccessLog(logs / "api.log", settings.log.rotate_bytes, settings.log.backups)
        self._webhook = Webhook(settings.alert.webhook)
        self._counts, self._leader_lock = SharedCounts(folder), LeaderLock(folder)
        self._preallocator = Preallocator(folder)
        self._rule = AlertRule(settings.alert)
        self._waiting: list[tuple[RequestRecord, str | None]] = []
        self._next_check = 0.0
        self._check_alert(time.monotonic())
        self._preallocator.preallocate()

    def observe(self, record: RequestRecord, endpoint: str | None) -> None:
        """Note a request that was answered; `endpoint` is None where BentoML has counted it.

        Nothing is done with it before the next tick: that is cheaper for many at once, and off the request's way. Only
        an error of the service, and more than are worth keeping, are written down at once.
        """
        self._waiting.append((record, endpoint))
        if record.status == 500 or len(self._waiting) >= MAX_WAITING:
            self._process_waiting()
            self.log.flush()

    def tick(self) -> None:
        """Count and write what was answered, update the alert once a second."""
        self._process_waiting()
        self.log.flush()
        now = time.monotonic()
        if now >= self._next_check:
            self._check_alert(now)
        self._preallocator.preallocate()  # each time: without the folder, BentoML cannot answer /metrics

    def _process_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        self.log.add_requests([record for record, _ in waiting])
        self.metrics.count_requests(
            (endpoint, record.status, record.ms / 1000) for record, endpoint in waiting if endpoint is not None
        )
        failures = [is_failure(record.status) for record, endpoint in waiting if endpoint == ALERT_PATH]
        self._counts.add(len(failures), sum(failures))

    @property
    def window(self) -> Window:
        """The window as of the last check."""
        return Window(*self._rule.window, self._leader_lock.alert_on)

    def close(self) -> None:
        """Write everything and wait a little for the webhook."""
        self._process_waiting()
        self._check_alert(time.monotonic())
        self._webhook.close()
        self.log.close()

    def _check_alert(self, now: float) -> None:
        """Update the rule, in all workers, so that any of them can take over; only the leader tells of it."""
        self._next_check = now + 1.0
        is_leader = self._leader_lock.try_acquire()
        self._rule.active = self._leader_lock.alert_on
        event = self._rule.update(now, self._counts.sum_all())
        if not is_leader:
            return
        if event:
            self._leader_lock.alert_on = self._rule.active
            level = "ERROR" if self._rule.active else "INFO"
            line = {"level": level, **event._asdict()}
            self.log.add(line, at_once=True)
            self._webhook.post(line)
            text = "alert %s: %d of %d requests failed"
            logger.log(logging.getLevelName(level), text, event.alert, event.failed, event.requests)
        self.metrics.set_alert(self._rule.active, self._rule.share)
