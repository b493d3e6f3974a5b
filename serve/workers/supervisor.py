"""What the process that looks after the workers does besides: says what is unsafe, hears SIGHUP, ends an alert.

BentoML's own supervisor is made better, too: a worker that has died is started again within a second, not ten, and at
the end no connection is reset.
"""

from __future__ import annotations

import atexit
import ipaddress
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

import click
from bentoml._internal.configuration.containers import BentoMLContainer

from serve.keys import Keys
from serve.monitor.access_log import AccessLog
from serve.monitor.failure_counts import alert_is_on
from serve.monitor.restore import restore
from serve.monitor.webhook import Webhook
from serve.settings import Settings
from serve.workers import backlog, orphan, sighup_reload, status_files

logger = logging.getLogger(__name__)
ARBITER_MODULE = "bentoml._internal.utils.circus"
CHECK_S = 1.0
"""Seconds between two looks at whether all workers live."""
RETRY_S = 0.05
DRAIN_S = 5.0
"""Seconds the workers get to accept what has connected before the service was told to end."""


def start(settings: Settings, logs: Path, keys: Keys) -> None:
    """Begin all of it. To be called once, before the workers start."""
    improve_arbiter()
    orphan.export_parent()
    host, port = find_address(settings)
    warn_if_open(host, keys)
    folder = Path(BentoMLContainer.prometheus_multiproc_dir.get()).absolute()
    status_file = status_files.open_server_file(logs)
    status_file.write(status_files.Server(os.getpid(), f"http://{host}:{port}", str(folder), settings.workers))
    sighup_reload.start_listening(folder, lambda: _restore_files(folder, status_file))
    atexit.register(_end_alert, settings, logs, folder, status_file)


def improve_arbiter() -> None:
    """Let BentoML make its supervisor of a better class. In a worker, which has none, there is nothing to do."""
    module = sys.modules.get(ARBITER_MODULE)
    if module is None or module.Arbiter.__name__ == "PatientArbiter":
        return

    class PatientArbiter(module.Arbiter):  # type: ignore[name-defined, misc]
        stops_by = 0.0

        def __init__(self, *watchers: Any, check_delay: float = CHECK_S, **options: Any) -> None:
            super().__init__(*watchers, check_delay=min(check_delay, CHECK_S), **options)

        def stop(self) -> None:
            """Take in no more connections, let the workers accept those that wait, then stop them; once."""
            if not self.stops_by:
                self.stops_by = time.monotonic() + DRAIN_S
                backlog.refuse_connections(self.sockets.values())
                self.loop.call_later(RETRY_S, self._stop_when_drained)  # for those that have half begun

        def _stop_when_drained(self) -> None:
            waiting = backlog.has_waiting(self.sockets.values()) and time.monotonic() < self.stops_by
            # Told to stop in the midst of starting a worker, circus forgets it.
            if waiting or self._exclusive_running_command is not None:
                self.loop.call_later(RETRY_S, self._stop_when_drained)
                return
            self.sockets.close_all()
            self.sockets.clear()
            super().stop()

    module.Arbiter = PatientArbiter  # type: ignore[attr-defined]


def warn_if_open(host: str, keys: Keys) -> None:
    """Log a warning where others can ask and none needs a key."""
    if not keys and not _is_loopback(host):
        logger.warning(
            "THE SERVICE IS OPEN TO OTHERS: it listens at %s, and nobody needs a key to ask it. Set serve.keys_file in "
            "params.yaml (python -m serve.keys NAME makes a key), or listen at 127.0.0.1.",
            host,
        )


def find_address(settings: Settings) -> tuple[str, int]:
    """Return the host and the port: what the command line says, as it stands over the settings."""
    context: Any = click.get_current_context(silent=True)
    options = context.params if context else {}
    return options.get("host") or settings.host, options.get("port") or settings.port


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # BentoML will say that it is no address
        return False


def _restore_files(folder: Path, status_file: status_files.StatusFile) -> None:
    """Put back what somebody has deleted: workers that start want their folder, `make deploy` the server's file."""
    folder.mkdir(parents=True, exist_ok=True)
    if not status_file.path.exists():
        restore(status_file.path.parent)


def _end_alert(settings: Settings, logs: Path, folder: Path, _: status_files.StatusFile) -> None:
    """Tell who was told of an alert that it is over: after the workers, with the server's file held until then."""
    if alert_is_on(folder):
        event = {"level": "INFO", "alert": "ended", "reason": "the service was stopped"}
        log = AccessLog(logs / "api.log", settings.log.rotate_bytes, settings.log.backups)
        log.add(event)
        log.close()
        webhook = Webhook(settings.alert.webhook)
        webhook.post(event)
        webhook.close()
