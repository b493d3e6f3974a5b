"""Tells a URL about an alert, off the request path: one thread, in order, with a few tries."""

from __future__ import annotations

import http.client
import json
import logging
import queue
import threading
import urllib.request
from typing import Any

logger = logging.getLogger(__name__)
RETRY_DELAYS_S = (0.0, 1.0, 5.0, 25.0)
"""Seconds before each try."""


class Webhook:
    """Posts JSON to one URL; without a URL it does nothing."""

    def __init__(self, url: str | None, delays_s: tuple[float, ...] = RETRY_DELAYS_S, timeout_s: float = 5.0) -> None:
        self._url = url
        self._delays_s = delays_s
        self._timeout_s = timeout_s
        self._events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def post(self, event: dict[str, Any]) -> None:
        """Hand the event over; returns at once."""
        if self._url is None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver_all, name="webhook", daemon=True)
            self._thread.start()
        self._events.put(event)

    def close(self, wait_s: float = 5.0) -> None:
        """Stop trying again, give what is waiting one try, and wait for that no longer than `wait_s`."""
        self._closing.set()
        self._events.put(None)
        if self._thread is not None:
            self._thread.join(wait_s)

    def _deliver_all(self) -> None:
        while (event := self._events.get()) is not None:
            self._deliver(event)

    def _deliver(self, event: dict[str, Any]) -> None:
        reason = ""
        for delay_s in self._delays_s:
            if self._closing.wait(delay_s) and reason:
                break
            try:
                self._send(event)
                return
            except (OSError, http.client.HTTPException) as error:  # urllib's errors and timeouts are OSErrors
                reason = str(error)
        logger.error("the alert could not be told to the webhook: %s", reason)

    def _send(self, event: dict[str, Any]) -> None:
        request = urllib.request.Request(
            str(self._url), data=json.dumps(event).encode(), headers={"content-type": "application/json"}, method="POST"
        )
        with _opener.open(request, timeout=self._timeout_s):
            pass


class _RefuseRedirects(urllib.request.HTTPRedirectHandler):
    """Makes a redirect the failure it is: followed, the event would not get there as a POST."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:
        """Raise OSError that says so."""
        fp.close()
        raise OSError(
            f"it answers {code}, a redirect to {newurl}; set serve.alert.webhook to the URL that takes events"
        )


_opener = urllib.request.build_opener(_RefuseRedirects)
