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
from serve.scoring.scorer import Numbers
from serve.settings import Settings
from serve.workers import model_reload
from serve.workers.model_reload import TakeUp

logger = logging.getLogger(__name__)
LOOK = 1.0
"""Seconds between two looks whether another model is to be taken up."""


class Made(NamedTuple):
    """All that is taken up together."""

    served: ActiveModel
    keys: keys.Keys
    drift: DriftCounter


class Keeper:
    """One worker's. `load` makes what is to be served now; it raises PipelineError where that cannot be."""

    def __init__(self, settings: Settings, folder: Path, load: Callable[[], ActiveModel]) -> None:
        self._settings, self._folder, self._load = settings, folder, load
        rate = None if settings.rate_per_key is None else RateLimiter(folder, settings.rate_per_key)
        often = settings.rate_per_address
        addresses = None if often is None or keys.is_off() else AddressRateLimiter(folder, often)
        self._access = AccessControl(keys.load(settings), rate, addresses, settings.proxy)
        self._drift: DriftCounter | None = None
        self._taking: asyncio.Future[Made | str] | None = None
        self._next = 0.0

    def attend(self, gateway: Gateway, taken: int) -> None:
        """Hook into the gateway, which serves what was taken up by that number."""
        self._gateway, self._takeup = gateway, TakeUp(self._folder, taken)
        if isinstance(gateway.active_model, ActiveModel):
            self._drift = self._counting(gateway.active_model)
        gateway.guards.append(self._guard)
        gateway.score_hooks.append(self._scored)
        gateway.tick_hooks.append(self._tick)
        gateway.live_pages["/drift"] = self._document
        self._tell(gateway.active_model.reason if isinstance(gateway.active_model, NoModel) else None)

    def metrics(self) -> str:
        """Lines for /metrics."""
        drift = self._drift
        counted = drift_report.format_metrics(drift, self._settings.drift.min_rows, time.time()) if drift else ""
        return model_reload.format_metrics(self._folder) + counted

    def _guard(self, record: RequestRecord, headers: Mapping[bytes, bytes], peer: str) -> None:
        record.caller = self._access.authenticate(record.path, headers, peer)

    def _scored(self, served: ActiveModel, rows: Sequence[Row], numbers: Numbers) -> None:
        drift = self._drift
        if drift is not None and drift.version == served.version:
            drift.add(rows, numbers)

    def _tick(self) -> None:
        now = time.time()
        if self._drift is not None:
            self._drift.tick(now)
        if now >= self._next:
            self._next = now + LOOK
            if self._taking is None and self._takeup.due():
                loop = asyncio.get_running_loop()
                self._taking = loop.run_in_executor(None, self._takeup.attempt, self._make)
                self._taking.add_done_callback(self._taken)

    def _make(self) -> Made:
        """Everything anew, in a thread: the old model answers meanwhile."""
        served = self._load()
        return Made(served, keys.load(self._settings), self._counting(served))

    def _taken(self, taking: asyncio.Future[Made | str]) -> None:
        """Back in the loop, between two requests."""
        self._taking = None
        made = taking.result()
        if isinstance(made, str):
            self._tell(made)
            return
        before = self._gateway.active_model.version
        self._gateway.active_model = made.served
        self._access.replace_keys(made.keys)
        if self._drift is None or made.served.version != before:
            self._drift = made.drift
        self._tell(None)
        logger.info("version %s is served, after %s", made.served.version, before)

    def _counting(self, served: ActiveModel) -> DriftCounter:
        return DriftCounter(served.model.manifest, self._folder, self._settings.drift.window_h)

    def _tell(self, error: str | None) -> None:
        served = self._gateway.active_model
        approved = isinstance(served, ActiveModel) and served.model.approved
        self._takeup.tell(served.version, approved, error)

    def _document(self) -> bytes:
        """The body of GET /drift. Raises ApiError."""
        drift, served = self._drift, self._gateway.active_model
        if drift is None or not isinstance(served, ActiveModel):
            raise ApiError(503, "no model is served, so nothing is counted; /readyz says why")
        now = time.time()
        drift.flush(now)
        rules = self._settings.drift
        about = {"version": served.version, "approved": served.model.approved}
        document: dict[str, Any] = drift_report.build_report(drift, rules.window_h, rules.min_rows, now)
        return json.dumps({"model": about, **document}, ensure_ascii=False, allow_nan=False).encode()
