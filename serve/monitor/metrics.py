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

NAMESPACE = "bentoml_service"
LABELS = ("endpoint", "service_name", "service_version", "http_response_code", "runner_name")
ZERO_STATUSES = (200, 503)
"""Statuses that are counted from the start: of a series that begins at 30 Prometheus sees no increase. (500 is, too, by
BentoML.)"""


class RequestMetrics:
    """Counts and durations of one worker."""

    def __init__(self) -> None:
        # Prometheus' client decides at its import whether values are shared by processes: BentoML's comes first.
        client = BentoMLContainer.metrics_client.get().prometheus_client
        self._total = client.Counter(f"{NAMESPACE}_request_total", "Total number of runner RPC", LABELS, registry=None)
        self._durations = client.Histogram(
            f"{NAMESPACE}_request_duration_seconds",
            "runner RPC duration in seconds",
            LABELS,
            registry=None,
            buckets=BentoMLContainer.duration_buckets.get(),
        )
        for status in ZERO_STATUSES:
            self._total.labels(*_make_labels("/predict", status))
        # The first gauge of this kind makes the file of all of them, for which there must still be room on the disk.
        text = "Workers started since the server was, those that others replaced included"
        client.Gauge(f"{NAMESPACE}_workers_started", text, registry=None, multiprocess_mode="livesum").set(1)
        self._alert_gauge = _make_gauge(
            client, "alert", "1 while more than the allowed share of requests fails, else 0"
        )
        self._share_gauge = _make_gauge(client, "failed_share", "Share of failed requests in the alert's window")

    def count_requests(self, requests: Iterable[tuple[str, int, float]]) -> None:
        """Count requests: endpoint, status, seconds. Endpoints must be of a fixed set: Prometheus forgets no label."""
        durations_by_labels: dict[tuple[str, int], list[float]] = {}
        for endpoint, status, seconds in requests:
            durations_by_labels.setdefault((endpoint, status), []).append(seconds)
        for (endpoint, status), durations in durations_by_labels.items():
            labels = _make_labels(endpoint, status)
            self._total.labels(*labels).inc(len(durations))
            _observe_all(self._durations.labels(*labels), durations)

    def set_alert(self, active: bool, share: float) -> None:
        """Set the alert's gauges."""
        self._alert_gauge.set(int(active))
        self._share_gauge.set(share)


def _observe_all(histogram: Any, durations: list[float]) -> None:
    """Do `histogram.observe` of each, but every bucket is written once: its files are shared memory, and slow."""
    for bucket, count in Counter(
        bisect.bisect_left(histogram._upper_bounds, duration) for duration in durations
    ).items():
        histogram._buckets[bucket].inc(count)
    histogram._sum.inc(sum(durations))


def _make_labels(endpoint: str, status: int) -> tuple[Any, ...]:
    context = server_context
    return endpoint, context.bento_name, context.bento_version, status, str(context.service_name)


def _make_gauge(client: Any, name: str, text: str) -> Any:
    mode = "mostrecent" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else "all"
    return client.Gauge(f"{NAMESPACE}_{name}", text, registry=None, multiprocess_mode=mode)
