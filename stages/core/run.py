"""The edge of every stage: its log, its progress, and how it ends."""

from __future__ import annotations

import errno
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from stages.core.errors import PipelineError

LOGS = Path("logs")
DISK = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to read or write",
}
"""Errors of the operating system that are no fault of the code."""


def stage(name: str, work: Callable[[], None]) -> None:
    """Run a stage's work with `logs/<name>.log` open, and exit 0, or 1 with one clear message on stderr.

    A PipelineError is shown as it is; a full disk is named; anything else is a bug, whose traceback goes to the log.
    """
    try:
        _open_log(name)
        started = time.monotonic()
        logging.info("%s: started", name)
        work()
        logging.info("%s: done in %.1f s", name, time.monotonic() - started)
    except PipelineError as error:
        _fail(name, str(error))
    except KeyboardInterrupt:
        _fail(name, "stopped by the keyboard; nothing was half-written. Run it again to go on.", code=130)
    except OSError as error:
        reason = DISK.get(error.errno or 0)
        if reason is None:
            _bug(name, error)
        _fail(name, f"{reason}{_place(error)}. Put that right and run it again; the last good outputs stay.")
    except MemoryError:
        _fail(name, "the memory is full. Close other programs or use fewer rows.")
    except Exception as error:
        _bug(name, error)


def progress(items: range, unit: str, total: int | None = None) -> Iterator[int]:
    """The items again, with a bar on a terminal; without one the stage's log lines tell the progress."""
    from tqdm import tqdm  # a bar is wanted by few stages

    yield from tqdm(items, total=total, unit=unit, disable=not sys.stderr.isatty(), leave=False)


def _open_log(name: str) -> None:
    to_screen = logging.StreamHandler(sys.stderr)
    to_screen.setFormatter(logging.Formatter("%(message)s"))
    to_screen.addFilter(lambda record: record.levelno < logging.ERROR)
    logging.basicConfig(level=logging.INFO, handlers=[to_screen], force=True)
    logging.raiseExceptions = False  # a log that cannot be written must not hide why
    path = LOGS / f"{name}.log"
    try:
        LOGS.mkdir(exist_ok=True)
        to_file = logging.FileHandler(path, encoding="utf-8")
    except (FileExistsError, IsADirectoryError) as error:
        raise PipelineError(f"the log {path} cannot be opened: {error}. Move away what stands there.") from None
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.getLogger().addHandler(to_file)


def _fail(name: str, message: str, code: int = 1) -> None:
    logging.error("%s: %s", name, message)
    print(f"\n{name} failed: {message}", file=sys.stderr)
    raise SystemExit(code)


def _bug(name: str, error: BaseException) -> None:
    logging.error("%s: unexpected error", name, exc_info=error)
    what = f"{type(error).__name__}: {error}"
    _fail(name, f"unexpected error, please report it: {what} (traceback in {LOGS / name}.log)")


def _place(error: OSError) -> str:
    return f" ({error.filename})" if error.filename else ""
