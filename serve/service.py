"""The BentoML service: `bentoml serve` in the repository starts it, `bentoml build` packs it.

BentoML keeps the server, the workers, health, metrics and the pages; `serve.http.app` stands before it and answers.
"""

from __future__ import annotations

import gc
import logging
import os
import resource
from typing import Any

import bentoml
from _bentoml_sdk import Service  # type: ignore[import-untyped]
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from serve import keys, settings
from serve.http import fast_protocol
from serve.http.active_model import ActiveModel, NoModel
from serve.http.app import App, Gateway, Message, Receive, Send
from serve.monitor.watch import RequestObserver
from serve.page import app as page
from serve.page import vocabulary
from serve.scoring import loader
from serve.workers import sighup_reload, supervisor
from serve.workers.orphan import ParentWatch
from serve.workers.pinned import PinnedModel
from serve.workers.worker import Worker
from stages.core.errors import ModelError, ParamsError, ServeError

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
logger = logging.getLogger(__name__)

sighup_reload.block_signal()  # before other threads are there
try:
    SETTINGS = settings.load()
except ParamsError as error:  # at the edge of a process that BentoML started: a message, not a traceback
    raise SystemExit(f"serve: {error}") from None


class GatewayService(Service):  # type: ignore[misc]
    """A BentoML service whose app stands behind `Gateway`."""

    def to_asgi(self, is_main: bool = True) -> App:
        """Return the app of one worker; without a model it starts all the same, and says at /readyz why."""
        global _worker
        self._pinned = PinnedModel(settings.shared_folder(), self._activate)
        ui_page = page.Page(lambda: gateway.active_model, vocabulary.report(), lambda: gateway.window, SETTINGS.alert)
        self.mount_wsgi_app(page.make_app(ui_page), path=page.MOUNT, name="ui")
        bentoml_app = super().to_asgi(is_main)
        try:
            _worker = Worker(SETTINGS, settings.shared_folder(), self._load_next)
        except ServeError as error:
            raise SystemExit(f"serve: {error}") from None
        # Behind a proxy BentoML's redirects keep to TLS.
        app_with_folder: Any = _ensure_folder(bentoml_app)
        app_behind_proxy: Any = ProxyHeadersMiddleware(app_with_folder, SETTINGS.proxy or "127.0.0.1")
        gateway = Gateway(
            app_behind_proxy,
            list_paths(bentoml_app),
            SETTINGS,
            self._load_first(),
            open_observer=lambda: RequestObserver(SETTINGS, settings.log_folder()),
        )
        gateway.mounted_paths |= page.PATHS
        fast_protocol.install(gateway)
        _raise_file_limit(SETTINGS.max_connections)
        _worker.attach(gateway, self._pinned.number)
        gateway.tick_hooks.append(ParentWatch().check_parent)
        gc.collect()
        gc.freeze()  # what lives as long as the worker is not looked through again and again
        return gateway

    def _load_next(self) -> ActiveModel:
        """Return what a reload is to take up. Raises ModelError."""
        return self._pinned.load_next(loader.read)

    def _activate(self, files: loader.Files) -> ActiveModel:
        return ActiveModel(loader.Model(files), SETTINGS.max_rows, self._read_openapi)

    def _load_first(self) -> ActiveModel | NoModel:
        try:
            return self._pinned.load_first(loader.read)
        except ModelError as error:
            logger.error("the service is not ready: %s", error)
            return NoModel(error, self._read_openapi)

    def _read_openapi(self) -> dict[str, Any]:
        document: dict[str, Any] = self.openapi_spec.asdict()
        return document


_worker: Worker | None = None
"""This worker's."""


def list_paths(app: Starlette) -> set[str]:
    """Return every exact path BentoML's app answers, its static files one by one."""
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    for mount in app.routes:
        if isinstance(mount, Mount) and isinstance(mount.app, StaticFiles):
            for folder in mount.app.all_directories:
                paths |= {f"{mount.path}/{file.name}" for file in os.scandir(folder) if file.is_file()}
    return paths


def _ensure_folder(app: App) -> App:
    """Return the app, for whose files the folder is made when it starts, whatever someone has just deleted."""

    async def app_with_folder(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            settings.shared_folder().mkdir(parents=True, exist_ok=True)
        await app(scope, receive, send)

    return app_with_folder


def _raise_file_limit(connections: int) -> None:
    """Let the worker hold so many connections, beside its own files, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 256
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == -1 else min(wanted, hard), hard))


@bentoml.service(
    service_class=GatewayService,
    workers=SETTINGS.workers,
    http={"host": SETTINGS.host, "port": SETTINGS.port},
    traffic={"timeout": page.TIMEOUT_S},  # what BentoML's own app may take: a file that the page has scored
    envs=[{"name": "OMP_NUM_THREADS", "value": "1"}],
    tracing={"excluded_urls": ".*"},  # else a span is built for every request, sent or not
    logging={"access": {"enabled": False}},  # logs/api.log has it
)
class Predictor:
    """Predictions of the model that `make repro` made and `make approve` approved."""

    @bentoml.on_deployment  # type: ignore[untyped-decorator]
    @staticmethod
    def start_supervising() -> None:
        """Begin what the process that looks after the workers does; called once, in that process."""
        try:
            supervisor.start(SETTINGS, settings.log_folder(), keys.load(SETTINGS))
        except ServeError as error:
            raise SystemExit(f"serve: {error}") from None
        except OSError as error:
            raise SystemExit(f"serve: the folder for logs cannot be written: {error}. Set SERVE_LOGS.") from None

    def __metrics__(self, original: str) -> str:
        """Return BentoML's metrics, and after them those of model and drift."""
        return original + (_worker.format_metrics() if _worker else "")

    @bentoml.api  # type: ignore[untyped-decorator]
    async def predict(self, rows: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
        """One prediction for each row of inputs, with the probability of each class or an interval, and warnings."""
        raise NotImplementedError("POST /predict is answered by serve.http.app, before BentoML sees it")

    @bentoml.api  # type: ignore[untyped-decorator]
    async def explain(self, rows: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
        """Why each row is answered as it is: from what is usual to the answer, by the contributions of its inputs."""
        raise NotImplementedError("POST /explain is answered by serve.http.app, before BentoML sees it")
