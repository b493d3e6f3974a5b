"""SIGHUP to the server means: take up the model that is to be served now.

BentoML's server would start its workers anew at that signal, which drops requests. So the signal is blocked in all
threads, and one of the process that looks after the workers waits for it and asks them by their board.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from serve.workers import status_files

logger = logging.getLogger(__name__)
LOOK_S = 1.0


def block() -> None:
    """Keep the signal from everything else, before other threads are there; an exec keeps it so."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])


def listen(folder: Path, look: Callable[[], None]) -> None:
    """Ask the workers of the folder at each SIGHUP, and `look` once a second, in a thread of the process."""
    block()
    threading.Thread(target=_wait, args=(folder, look), name="hangup", daemon=True).start()


def _wait(folder: Path, look: Callable[[], None]) -> None:
    while True:
        heard = signal.sigtimedwait([signal.SIGHUP], LOOK_S)
        try:
            look()
            if heard:
                status_files.ask(folder)
        except OSError as error:
            if heard:
                logger.error("SIGHUP: the workers cannot be asked to take up the model: %s", error)
