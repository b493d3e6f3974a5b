"""The requests answered here, in the same Prometheus families BentoML keeps for those it answers.

BentoML's families are registered by its own middleware. In its multi-process mode values live in files by name and
labels, so that families made here with the same names, but not registered, show up on /metrics as one with them; the
label values are never the same, as every path is answered either here or there.
"""

from __future__ import annotations

import bisect
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

from bentoml._internal.configuration.containers import BentoMLContainer
from bentoml._internal.context import server_context

SPACE = "bentoml_service"
LABELS = ("endpoint", "service_name", "service_version", "http_response_code", "runner_name")
FROM_ZERO = (200, 503)
"""Statuses that are counted from the start: of a series that begins at 30 Prometheus sees no increase. (500 is, too, by
BentoML.)"""


class Traffic:
    """Counts and durations of one worker."""

    def __init__(self) -> None:
        # Prometheus' client decides at its import whether values are shared by processes: BentoML's comes first.
        client = BentoMLContainer.metrics_client.get().prometheus_client
        self._total = client.Counter(f"{SPACE}_request_total", "Total number of runner RPC", LABELS, registry=None)
        self._seconds = client.Histogram(
            f"{SPACE}_request_duration_seconds",
            "runner RPC duration in seconds",
            LABELS,
            registry=None,
            buckets=BentoMLContainer.duration_buckets.get(),
        )
        for status in FROM_ZERO:
            self._total.labels(*_labels("/predict", status))
        # The first gauge of this kind makes the file of all of them, for which there must still be room on the disk.
        text = "Workers started since the server was, those that others replaced included"
        client.Gauge(f"{SPACE}_workers_started", text, registry=None, multiprocess_mode="livesum").set(1)
        self._alert = _gauge(client, "alert", "1 while more than the allowed share of requests fails, else 0")
        self._share = _gauge(client, "failed_share", "Share of failed requests in the alert's window")

    def answered(self, requests: Iterable[tuple[str, int, float]]) -> None:
        """Count requests: endpoint, status, seconds. Endpoints must be of a fixed set: Prometheus forgets no label."""
        groups: dict[tuple[str, int], list[float]] = {}
        for endpoint, status, seconds in requests:
            groups.setdefault((endpoint, status), []).append(seconds)
        for (endpoint, status), seconds_of in groups.items():
            labels = _labels(endpoint, status)
            self._total.labels(*labels).inc(len(seconds_of))
            _observe(self._seconds.labels(*labels), seconds_of)

    def alert(self, active: bool, share: float) -> None:
        """Set the alert's gauges."""
        self._alert.set(int(active))
        self._share.set(share)


def _observe(histogram: Any, seconds: list[float]) -> None:
    """`histogram.observe` of each, but every bucket is written once: its files are shared memory, and slow."""
    for place, count in Counter(bisect.bisect_left(histogram._upper_bounds, one) for one in seconds).items():
        histogram._buckets[place].inc(count)
    histogram._sum.inc(sum(seconds))


def _labels(endpoint: str, status: int) -> tuple[Any, ...]:
    context = server_context
    return endpoint, context.bento_name, context.bento_version, status, str(context.service_name)


def _gauge(client: Any, name: str, text: str) -> Any:
    mode = "mostrecent" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else "all"
    return client.Gauge(f"{SPACE}_{name}", text, registry=None, multiprocess_mode=mode)
