"""SIGHUP to the server means: take up the model that is to be served now.

BentoML's server would start its workers anew at that signal, which drops requests. So the signal is blocked in all
threads, and one of the process that looks after the workers waits for it and asks them by a file.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path

from serve.workers import status_files

logger = logging.getLogger(__name__)
POLL_S = 1.0


def block_signal() -> None:
    """Keep the signal from everything else, before other threads are there; an exec keeps it so."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])


def start_listening(folder: Path, on_poll: Callable[[], None]) -> None:
    """Request a reload of the folder's workers at each SIGHUP, and call `on_poll` once a second, in a thread."""
    block_signal()
    threading.Thread(target=_listen, args=(folder, on_poll), name="hangup", daemon=True).start()


def _listen(folder: Path, on_poll: Callable[[], None]) -> None:
    while True:
        received = signal.sigtimedwait([signal.SIGHUP], POLL_S)
        try:
            on_poll()
            if received:
                status_files.request_reload(folder)
        except OSError as error:
            if received:
                logger.error("SIGHUP: the workers cannot be asked to take up the model: %s", error)
