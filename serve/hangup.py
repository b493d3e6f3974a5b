"""SIGHUP to the server means: take up the model that is to be served now.

BentoML's server would start its workers anew at that signal, which drops requests. So the signal is blocked in all
threads, and one of the process that looks after the workers waits for it and asks them by their board.
"""

from __future__ import annotations

import logging
import signal
import threading
from pathlib import Path

from serve import board

logger = logging.getLogger(__name__)


def block() -> None:
    """Keep the signal from everything else, before other threads are there; an exec keeps it so."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])


def listen(folder: Path) -> None:
    """Ask the workers of the folder at each SIGHUP, from a thread that ends with the process."""
    block()
    folder.mkdir(parents=True, exist_ok=True)
    threading.Thread(target=_wait, args=(folder,), name="hangup", daemon=True).start()


def _wait(folder: Path) -> None:
    while True:
        signal.sigwait([signal.SIGHUP])
        try:
            board.ask(folder)
        except OSError as error:
            logger.error("SIGHUP: the workers cannot be asked to take up the model: %s", error)
