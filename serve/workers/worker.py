"""What a worker does beside answering: lets in, counts for drift, takes up another model. Hooked into `Gateway`."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from serve import keys
from serve.http.active_model import ActiveModel, NoModel
from serve.http.app import Gateway
from serve.http.auth import AccessControl
from serve.http.rate import AddressRateLimiter, RateLimiter
from serve.monitor import drift_report
from serve.monitor.drift import DriftCounter
from serve.monitor.request_record import RequestRecord
from serve.scoring.decode import Row
from serve.scoring.errors import ApiError
from serve.scoring.scorer import Outputs
from serve.settings import Settings
from serve.workers import model_reload
from serve.workers.model_reload import ModelReload

logger = logging.getLogger(__name__)
POLL_S = 1.0
"""Seconds between two looks whether a reload is requested."""


class LoadedModel(NamedTuple):
    """All that a reload exchanges together."""

    active_model: ActiveModel
    keys: keys.Keys
    drift: DriftCounter


class Worker:
    """This worker's access control, drift counts and reloads.

    `load` makes what is to be served now; it raises PipelineError where that cannot be.
    """

    def __init__(self, settings: Settings, folder: Path, load: Callable[[], ActiveModel]) -> None:
        self._settings, self._folder, self._load = settings, folder, load
        key_limiter = None if settings.rate_per_key is None else RateLimiter(folder, settings.rate_per_key)
        per_second = settings.rate_per_address
        address_limiter = None if per_second is None or keys.is_off() else AddressRateLimiter(folder, per_second)
        self._access = AccessControl(keys.load(settings), key_limiter, address_limiter, settings.proxy)
        self._drift: DriftCounter | None = None
        self._loading: asyncio.Future[LoadedModel | str] | None = None
        self._next_poll = 0.0

    def attach(self, gateway: Gateway, reload_number: int) -> None:
        """Hook into the gateway, which serves what was loaded at that reload."""
        self._gateway, self._reload = gateway, ModelReload(self._folder, reload_number)
        if isinstance(gateway.active_model, ActiveModel):
            self._drift = self._make_drift_counter(gateway.active_model)
        gateway.guards.append(self._authenticate)
        gateway.score_hooks.append(self._count_drift)
        gateway.tick_hooks.append(self._tick)
        gateway.live_pages["/drift"] = self._drift_body
        self._report(gateway.active_model.reason if isinstance(gateway.active_model, NoModel) else None)

    def format_metrics(self) -> str:
        """Return the lines for /metrics about models and drift."""
        drift = self._drift
        drift_metrics = drift_report.format_metrics(drift, self._settings.drift.min_rows, time.time()) if drift else ""
        return model_reload.format_metrics(self._folder) + drift_metrics

    def _authenticate(self, record: RequestRecord, headers: Mapping[bytes, bytes], peer: str) -> None:
        record.caller = self._access.authenticate(record.path, headers, peer)

    def _count_drift(self, model: ActiveModel, rows: Sequence[Row], outputs: Outputs) -> None:
        drift = self._drift
        if drift is not None and drift.version == model.version:
            drift.add(rows, outputs)

    def _tick(self) -> None:
        now = time.time()
        if self._drift is not None:
            self._drift.tick(now)
        if now >= self._next_poll:
            self._next_poll = now + POLL_S
            if self._loading is None and self._reload.is_requested():
                loop = asyncio.get_running_loop()
                self._loading = loop.run_in_executor(None, self._reload.attempt, self._load_all)
                self._loading.add_done_callback(self._switch_model)

    def _load_all(self) -> LoadedModel:
        """Load everything anew, in a thread: the old model answers meanwhile."""
        active_model = self._load()
        return LoadedModel(active_model, keys.load(self._settings), self._make_drift_counter(active_model))

    def _switch_model(self, loading: asyncio.Future[LoadedModel | str]) -> None:
        """Exchange what is served, or report why not: back in the loop, between two requests."""
        self._loading = None
        loaded = loading.result()
        if isinstance(loaded, str):
            self._report(loaded)
            return
        version_before = self._gateway.active_model.version
        self._gateway.active_model = loaded.active_model
        self._access.replace_keys(loaded.keys)
        if self._drift is None or loaded.active_model.version != version_before:
            self._drift = loaded.drift
        self._report(None)
        logger.info("version %s is served, after %s", loaded.active_model.version, version_before)

    def _make_drift_counter(self, active_model: ActiveModel) -> DriftCounter:
        return DriftCounter(active_model.model.manifest, self._folder, self._settings.drift.window_h)

    def _report(self, error: str | None) -> None:
        active_model = self._gateway.active_model
        approved = isinstance(active_model, ActiveModel) and active_model.model.approved
        self._reload.report(active_model.version, approved, error)

    def _drift_body(self) -> bytes:
        """Return the body of GET /drift. Raises ApiError 503 without a model."""
        drift, active_model = self._drift, self._gateway.active_model
        if drift is None or not isinstance(active_model, ActiveModel):
            raise ApiError(503, "no model is served, so nothing is counted; /readyz says why")
        now = time.time()
        drift.flush(now)
        settings = self._settings.drift
        about = {"version": active_model.version, "approved": active_model.model.approved}
        report: dict[str, Any] = drift_report.build_report(drift, settings.window_h, settings.min_rows, now)
        return json.dumps({"model": about, **report}, ensure_ascii=False, allow_nan=False).encode()
