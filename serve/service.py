"""The BentoML service: `bentoml serve` in the repository starts it, `bentoml build` packs it.

BentoML keeps the server, the workers, health, metrics and the pages; `serve.app` stands before it and answers.
"""

from __future__ import annotations

import gc
import logging
import os
import resource

import bentoml
from _bentoml_sdk import Service  # type: ignore[import-untyped]
from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from serve import model, respawn, selftest, settings
from serve.app import App, Front
from serve.served import served
from serve.watch import Watch
from stages.errors import ModelError, ParamsError

os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
respawn.soon()
logger = logging.getLogger(__name__)

try:
    SETTINGS = settings.load()
except ParamsError as error:  # at the edge of a process that BentoML started: a message, not a traceback
    raise SystemExit(f"serve: {error}") from None


class Guarded(Service):  # type: ignore[misc]
    """A BentoML service whose app stands behind `Front`."""

    def to_asgi(self, is_main: bool = True) -> App:
        """The app of one worker. Without a model it starts all the same, and says at /readyz why it is not ready."""
        inner = super().to_asgi(is_main)
        found = served(_model(), SETTINGS.max_rows, lambda: self.openapi_spec.asdict())
        front = Front(inner, paths(inner), SETTINGS, found, open_watch=lambda: Watch(SETTINGS, settings.logs()))
        selftest.install(front)
        _open_files(SETTINGS.max_connections)
        gc.collect()
        gc.freeze()  # what lives as long as the worker is not looked through again and again
        return front


def paths(app: Starlette) -> set[str]:
    """Every exact path BentoML's app answers, its static files one by one."""
    found = {route.path for route in app.routes if isinstance(route, Route)}
    for mount in app.routes:
        if isinstance(mount, Mount) and isinstance(mount.app, StaticFiles):
            for folder in mount.app.all_directories:
                found |= {f"{mount.path}/{file.name}" for file in os.scandir(folder) if file.is_file()}
    return found


def _open_files(connections: int) -> None:
    """Let the worker hold so many connections, beside its own files, where the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 256
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == -1 else min(wanted, hard), hard))


def _model() -> model.Model | ModelError:
    try:
        return model.load()
    except ModelError as error:
        logger.error("the service is not ready: %s", error)
        return error


@bentoml.service(
    service_class=Guarded,
    workers=SETTINGS.workers,
    http={"host": SETTINGS.host, "port": SETTINGS.port},
    traffic={"timeout": SETTINGS.timeout_s},
    envs=[{"name": "OMP_NUM_THREADS", "value": "1"}],
    tracing={"excluded_urls": ".*"},  # else a span is built for every request, sent or not
    logging={"access": {"enabled": False}},  # logs/api.log has it
)
class Predictor:
    """Predictions of the model that `make repro` made and `make approve` approved."""

    @bentoml.api  # type: ignore[untyped-decorator]
    async def predict(self, rows: list[dict[str, JsonValue]]) -> dict[str, JsonValue]:
        """One prediction for each row of inputs, with the probability of each class or an interval, and warnings."""
        raise NotImplementedError("POST /predict is answered by serve.app, before BentoML sees it")
