"""What the page says of the service's health: counts of all its workers, judged only where there are enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from serve.monitor.watch import Window
from serve.page import number_format
from stages.wording.numbers import count, plural
from stages.wording.params import Alert


class Health(NamedTuple):
    """What is shown: `state` is ok, few, idle or alert."""

    state: str
    said: str
    requests: str
    failed: str
    text: str


ReadWindow = Callable[[], Window | None]
"""None before the first look."""


def judge_health(window: Window | None, rule: Alert) -> Health:
    """Return the state by the alert's own rule; under its least number of requests nothing is judged."""
    if window is None or not (window.requests or window.alert):
        return Health("idle", "No requests yet", "0", "–",
                      f"No program asked for a prediction in the last {_format_span(rule.window_s)}. "
                      "What this page asks for is not counted.")  # fmt: skip
    failed = number_format.chance(window.failed / window.requests) if window.requests else "–"
    requests = plural(window.requests, "request", "requests")
    if window.alert:
        text = (
            f"More than {number_format.chance(rule.share)} of the requests failed. Someone should look at logs/api.log."
        )
        return Health("alert", "Alert", count(window.requests), failed, text)
    if window.requests < rule.min_requests:
        text = f"{requests[:1].upper()}{requests[1:]} so far; judged from {rule.min_requests} on."
        return Health("few", "Too few to judge", count(window.requests), failed, text)
    text = f"Alert when more than {number_format.chance(rule.share)} of the requests fail."
    return Health("ok", "OK", count(window.requests), failed, text)


def _format_span(seconds: float) -> str:
    if seconds == 60:
        return "minute"
    return f"{seconds / 60:g} minutes" if seconds > 60 else f"{seconds:g} seconds"
