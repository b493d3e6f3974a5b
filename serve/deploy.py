"""`make deploy`: the servers that run here take up the approved model, without dropping a request."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from serve import settings
from serve.workers import status_files
from serve.workers.status_files import Server, Status
from stages.core.errors import PipelineError, ServeError

TIMEOUT_S = 60.0
"""A second or two is usual; a large model on a busy machine takes longer."""
POLL_S = 0.05


def main() -> None:
    """Run the command."""
    try:
        for line in deploy(settings.log_folder()):
            print(line)
    except PipelineError as error:
        sys.exit(f"deploy: {error}")


def deploy(logs: Path) -> list[str]:
    """Make each server reload; return what each serves since.

    Raises ServeError where none runs, or one does not serve what it was asked to.
    """
    running = status_files.read_servers(logs)
    if not running:
        raise ServeError(
            f"no server of this repository runs (none stands in {logs / '.servers'}). Start one with `make serve`; "
            "where it has another SERVE_LOGS, set that here, too."
        )
    numbers_before = {server.pid: _send_sighup(server) for server in running}
    return [_describe_result(server, *_wait_for_reload(server, numbers_before[server.pid])) for server in running]


def _send_sighup(server: Server) -> int:
    """Send the signal; return the number of the reload requested before."""
    number_before = status_files.read_reload_number(Path(server.folder))
    try:
        os.kill(server.pid, signal.SIGHUP)
    except PermissionError:
        raise ServeError(
            f"the server at {server.address} (process {server.pid}) is another user's: as that user, or "
            "`sudo systemctl reload predictor`."
        ) from None
    except ProcessLookupError:
        raise ServeError(f"the server at {server.address} has just ended. Start it with `make serve`.") from None
    return number_before


def _wait_for_reload(server: Server, number_before: int) -> tuple[list[Status], int]:
    """Return what the workers report once all of them have answered, and how many those are."""
    folder = Path(server.folder)
    statuses: list[Status] = []

    def all_answered() -> bool:
        number = status_files.read_reload_number(folder)
        reports = status_files.read_statuses(folder) if number > number_before else []
        statuses[:] = [status for status in reports if status.reload_number >= number]
        return len(statuses) >= server.workers

    if not _wait_until(all_answered):
        raise ServeError(
            f"{len(statuses)} of {server.workers} workers at {server.address} answered within {TIMEOUT_S:.0f} s. "
            "Look at the server's output."
        )
    return statuses, server.workers


def _describe_result(server: Server, statuses: list[Status], n_workers: int) -> str:
    errors = sorted({status.error for status in statuses if status.error})
    versions = sorted({f"{status.version} ({'' if status.approved else 'not '}approved)" for status in statuses})
    if errors:
        raise ServeError(f"{server.address} still serves {', '.join(versions)}: {' '.join(errors)}")
    if len(versions) > 1:
        raise ServeError(f"the workers at {server.address} serve {' and '.join(versions)}. Deploy again.")
    return f"{server.address} serves {versions[0]} in {n_workers} worker{'s' if n_workers > 1 else ''}"


def _wait_until(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + TIMEOUT_S
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True


if __name__ == "__main__":
    main()
