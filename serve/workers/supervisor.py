"""What the process that looks after the workers does besides: says what is unsafe, hears SIGHUP, ends an alert."""

from __future__ import annotations

import atexit
import ipaddress
import logging
import os
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
from serve.workers import orphan, respawn, sighup_reload, status_files

logger = logging.getLogger(__name__)


def begin(settings: Settings, logs: Path, keys: Keys) -> None:
    """To be called once, before the workers start."""
    respawn.soon()
    orphan.name_parent()
    host, port = listens_at(settings)
    warn(host, keys)
    folder = Path(BentoMLContainer.prometheus_multiproc_dir.get()).absolute()
    post = status_files.server(logs)
    post.write(status_files.Server(os.getpid(), f"http://{host}:{port}", str(folder), settings.workers))
    sighup_reload.listen(folder, lambda: _keep(folder, post))
    atexit.register(_end, settings, logs, folder, post)


def _keep(folder: Path, post: status_files.Post) -> None:
    """Put back what somebody has deleted: workers that start want their folder, and `make deploy` the server's post."""
    folder.mkdir(parents=True, exist_ok=True)
    if not post.path.exists():
        restore(post.path.parent)


def _end(settings: Settings, logs: Path, folder: Path, _: status_files.Post) -> None:
    """After the workers, with the server's post held until then: who was told of an alert is told that it is over."""
    if alert_is_on(folder):
        said = {"level": "INFO", "alert": "ended", "reason": "the service was stopped"}
        log = AccessLog(logs / "api.log", settings.log.rotate_bytes, settings.log.backups)
        log.add(said)
        log.close()
        webhook = Webhook(settings.alert.webhook)
        webhook.post(said)
        webhook.close()


def warn(host: str, keys: Keys) -> None:
    """Say it where others can ask and none needs a key."""
    if not keys and not _is_loopback(host):
        logger.warning(
            "THE SERVICE IS OPEN TO OTHERS: it listens at %s, and nobody needs a key to ask it. Set serve.keys_file in "
            "params.yaml (python -m serve.keys NAME makes a key), or listen at 127.0.0.1.",
            host,
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # BentoML will say that it is no address
        return False


def listens_at(settings: Settings) -> tuple[str, int]:
    """The address: what the command line says, as it stands over the settings."""
    context: Any = click.get_current_context(silent=True)
    given = context.params if context else {}
    return given.get("host") or settings.host, given.get("port") or settings.port
