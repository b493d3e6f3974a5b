"""The service's settings: the section `serve` of params.yaml, and the places it reads and writes."""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from stages.core import params
from stages.wording.params import Alert

ROOT = Path(__file__).resolve().parents[1]
"""The folder with params.yaml and model/: the checkout, or `src` of a built bento, whatever the current folder is."""

Count = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]


class Log(params.Params, frozen=True):
    """How logs/api.log is rotated."""

    rotate_bytes: Count = 10_000_000
    backups: Count = 5


class Drift(params.Params, frozen=True):
    """What the requests' values are compared with those of training over."""

    window_h: Annotated[int, Meta(ge=1, le=168)] = 24
    min_rows: Count = 500


class Settings(params.Params, frozen=True):
    """Everything that can be set; `sample` belongs to the stage that checks the service."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 3000
    workers: Count = 1
    timeout_s: Seconds = 10.0
    max_wait_s: Seconds = 1.0
    max_connections: Count = 4096
    max_body: Count = 1_048_576
    max_rows: Count = 1000
    alert: Alert = Alert()
    log: Log = Log()
    log_inputs: bool = False
    drift: Drift = Drift()
    keys_file: str | None = None
    rate_per_key: Annotated[float, Meta(gt=0)] | None = None
    rate_per_address: Annotated[float, Meta(gt=0)] | None = None
    proxy: str | None = None
    sample: Count = 8


def load(root: Path = ROOT) -> Settings:
    """Return the settings. Raises ParamsError that names the key which is wrong."""
    return params.load("serve", Settings, root / params.PARAMS.name)


@functools.cache
def shared_folder() -> Path:
    """Return the folder of files that the workers of a server share; BentoML empties it when a server starts."""
    return Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="serve-"))


def log_folder(root: Path = ROOT) -> Path:
    """Return the log folder, absolute: `SERVE_LOGS` where it is set, else `logs/` beside the code."""
    return Path(os.environ.get("SERVE_LOGS") or root / "logs").absolute()
