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


class TakeUp:
    """One worker's side: sees that it was asked to, tries, and tells what it serves since.

    `seen` is the taking-up that it serves already: one that comes back amid another one is behind by that.
    """

    def __init__(self, folder: Path, seen: int) -> None:
        self._folder = folder
        self._seen = seen
        self._post = status_files.worker(folder)

    def due(self) -> bool:
        """Whether it was asked for again: one look at a small file, to be taken once a second."""
        return status_files.asked(self._folder) > self._seen

    def attempt(self, load: Callable[[], T]) -> T | str:
        """What `load` makes, or why it cannot, which is logged, too: then what is served stays."""
        self._seen = status_files.asked(self._folder)
        try:
            return load()
        except PipelineError as error:
            reason = str(error)
            logger.error("what is served stays: %s", reason)
        except Exception as error:  # whatever it is: the old model answers on
            reason = f"{type(error).__name__}: {error}"
            logger.exception("what is served stays")
        return reason

    def tell(self, version: str | None, approved: bool, error: str | None) -> None:
        """Tell the board what is served now, and why it is not what was asked for."""
        self._post.write(status_files.Status(os.getpid(), self._seen, version, approved, error))


def format_metrics(folder: Path) -> str:
    """Lines for Prometheus: the versions served, each by how many workers, and how many could not take up another."""
    found = status_files.statuses(folder)
    served: dict[tuple[str, str], int] = {}
    for status in found:
        key = (status.version or "none", str(status.approved).lower())
        served[key] = served.get(key, 0) + 1
    refused = sum(status.error is not None for status in found)
    return "\n".join(
        [
            "# HELP bentoml_service_model_workers Workers that serve a version of the model",
            "# TYPE bentoml_service_model_workers gauge",
            *(
                f'bentoml_service_model_workers{{version="{version}",approved="{approved}"}} {count}'
                for (version, approved), count in sorted(served.items())
            ),
            "# HELP bentoml_service_model_refused Workers that could not take up the model they were asked to",
            "# TYPE bentoml_service_model_refused gauge",
            f"bentoml_service_model_refused {refused}",
            "",
        ]
    )
