"""Takes up another model, and other keys, while the old ones answer; what does not verify changes nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from serve.workers import status_files
from stages.core.errors import PipelineError

logger = logging.getLogger(__name__)
T = TypeVar("T")


class ModelReload:
    """One worker's side: sees that it was asked to, tries, and reports what it serves since.

    `number` is the reload that it serves already: one that comes back amid another one is behind by that.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._status_file = status_files.open_worker_file(folder)

    def is_requested(self) -> bool:
        """Return whether another reload was requested: one look at a small file, to be taken once a second."""
        return status_files.read_reload_number(self._folder) > self._number

    def attempt(self, load: Callable[[], T]) -> T | str:
        """Return what `load` makes, or why it cannot, which is logged, too: then what is served stays."""
        self._number = status_files.read_reload_number(self._folder)
        try:
            return load()
        except PipelineError as error:
            reason = str(error)
            logger.error("what is served stays: %s", reason)
        except Exception as error:  # whatever it is: the old model answers on
            reason = f"{type(error).__name__}: {error}"
            logger.exception("what is served stays")
        return reason

    def report(self, version: str | None, approved: bool, error: str | None) -> None:
        """Write what is served now, and why it is not what was requested."""
        self._status_file.write(status_files.Status(os.getpid(), self._number, version, approved, error))


def format_metrics(folder: Path) -> str:
    """Return lines for Prometheus: how many workers serve each version, and how many could not take up another."""
    statuses = status_files.read_statuses(folder)
    workers_by_version: dict[tuple[str, str], int] = {}
    for status in statuses:
        key = (status.version or "none", str(status.approved).lower())
        workers_by_version[key] = workers_by_version.get(key, 0) + 1
    n_refused = sum(status.error is not None for status in statuses)
    return "\n".join(
        [
            "# HELP bentoml_service_model_workers Workers that serve a version of the model",
            "# TYPE bentoml_service_model_workers gauge",
            *(
                f'bentoml_service_model_workers{{version="{version}",approved="{approved}"}} {count}'
                for (version, approved), count in sorted(workers_by_version.items())
            ),
            "# HELP bentoml_service_model_refused Workers that could not take up the model they were asked to",
            "# TYPE bentoml_service_model_refused gauge",
            f"bentoml_service_model_refused {n_refused}",
            "",
        ]
    )
