"""What stops a command from outside: until what it does is decided it cleans up and ends, from then on it goes on."""

from __future__ import annotations

import signal

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The keyboard, a supervisor, a terminal that was closed."""


def raise_on_stop() -> None:
    """Have each stop raise KeyboardInterrupt, but for those that are ignored, as nohup wants it."""
    for stop in STOPS:
        if signal.getsignal(stop) is not signal.SIG_IGN:
            signal.signal(stop, signal.default_int_handler)


def block() -> None:
    """Let no stop come through any more: what is done is done, and what still runs ends soon."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
