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

from serve import board, hangup
from serve.keys import Keys
from serve.settings import Settings

logger = logging.getLogger(__name__)


def begin(settings: Settings, logs: Path, keys: Keys) -> None:
    """To be called once, before the workers start."""
    host, port = _listens_at(settings)
    warn(host, keys)
    folder = Path(BentoMLContainer.prometheus_multiproc_dir.get()).absolute()
    hangup.listen(folder)
    post = board.server(logs)
    post.write(board.Server(os.getpid(), f"http://{host}:{port}", str(folder), settings.workers))
    atexit.register(lambda: post)  # it is held as long as the process lives


def warn(host: str, keys: Keys) -> None:
    """Say it where others can ask and none needs a key."""
    if not keys and not ipaddress.ip_address(host).is_loopback:
        logger.warning(
            "THE SERVICE IS OPEN TO OTHERS: it listens at %s, and nobody needs a key to ask it. Set serve.keys_file in "
            "params.yaml (python -m serve.keys NAME makes a key), or listen at 127.0.0.1.",
            host,
        )


def _listens_at(settings: Settings) -> tuple[str, int]:
    """The address: what the command line says, as it stands over the settings."""
    context: Any = click.get_current_context(silent=True)
    given = context.params if context else {}
    return given.get("host") or settings.host, given.get("port") or settings.port
