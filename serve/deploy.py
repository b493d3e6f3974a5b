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

WAIT_S = 60.0
"""A second or two is usual; a large model on a busy machine takes longer."""
STEP_S = 0.05


def main() -> None:
    """The command."""
    try:
        for line in deploy(settings.logs()):
            print(line)
    except PipelineError as error:
        sys.exit(f"deploy: {error}")


def deploy(logs: Path) -> list[str]:
    """What each server serves since. Raises ServeError where none runs, or one does not serve what it was asked to."""
    running = status_files.servers(logs)
    if not running:
        raise ServeError(
            f"no server of this repository runs (none stands in {logs / '.servers'}). Start one with `make serve`; "
            "where it has another SERVE_LOGS, set that here, too."
        )
    before = {server.pid: _hang_up(server) for server in running}
    return [_told(server, *_taken_up(server, before[server.pid])) for server in running]


def _hang_up(server: Server) -> int:
    """Send the signal; the number of takings-up asked for before."""
    before = status_files.asked(Path(server.folder))
    try:
        os.kill(server.pid, signal.SIGHUP)
    except PermissionError:
        raise ServeError(
            f"the server at {server.address} (process {server.pid}) is another user's: as that user, or "
            "`sudo systemctl reload predictor`."
        ) from None
    except ProcessLookupError:
        raise ServeError(f"the server at {server.address} has just ended. Start it with `make serve`.") from None
    return before


def _taken_up(server: Server, before: int) -> tuple[list[Status], int]:
    """What the workers say once all of them have answered; and how many were asked."""
    folder = Path(server.folder)
    found: list[Status] = []

    def all_answered() -> bool:
        number = status_files.asked(folder)
        found[:] = [status for status in status_files.statuses(folder) if number > before and status.asked >= number]
        return len(found) >= server.workers

    if not _until(all_answered):
        raise ServeError(
            f"{len(found)} of {server.workers} workers at {server.address} answered within {WAIT_S:.0f} s. Look at the "
            "server's output."
        )
    return found, server.workers


def _told(server: Server, found: list[Status], workers: int) -> str:
    errors = sorted({status.error for status in found if status.error})
    served = sorted({f"{status.version} ({'' if status.approved else 'not '}approved)" for status in found})
    if errors:
        raise ServeError(f"{server.address} still serves {', '.join(served)}: {' '.join(errors)}")
    if len(served) > 1:
        raise ServeError(f"the workers at {server.address} serve {' and '.join(served)}. Deploy again.")
    return f"{server.address} serves {served[0]} in {workers} worker{'s' if workers > 1 else ''}"


def _until(done: Callable[[], bool]) -> bool:
    end = time.monotonic() + WAIT_S
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(STEP_S)
    return True


if __name__ == "__main__":
    main()
