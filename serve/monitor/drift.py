"""Counts what is asked and answered, so that an operator sees the data move before anybody knows the outcomes.

Rows are handed over as they are answered and counted a few times a second, column by column; where more come than is
worth the time, a sample of them is. Counts stand hour by hour in a small file a worker, which others can read.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from serve.monitor import bins
from stages.contracts.manifest import Manifest

VALUES = 4000
"""Values counted at once, half a millisecond's work: of 16 inputs 250 rows, twice a second."""
MOST = 1000
"""Requests that are kept until they are counted."""
LEAST = 20
"""Rows counted at once at least, however many inputs there are."""
HOUR = 3600
STAMP, SERVED, COUNTED = 0, 1, 2
HEAD = 3
"""Numbers before an hour's counts: which hour it is, rows served in it, rows counted."""


class Total(NamedTuple):
    """What all workers counted in some time: rows served, rows counted of them, the counts."""

    served: int
    counted: int
    counts: bins.Counts


class Drift:
    """One worker's counts for one model."""

    def __init__(self, manifest: Manifest, folder: Path, window_h: int) -> None:
        self.inputs = bins.inputs(manifest)
        self.score = bins.score(manifest)
        self._several = manifest.width > 1
        self._window = window_h
        self._shape = (1 + window_h, HEAD + sum(place.width for place in [*self.inputs, self.score]))
        self._folder, self.version = folder, manifest.version
        self._table = self._open(folder / f"{os.getpid()}.{manifest.version}.drift")
        self._draw = np.random.default_rng(os.getpid())
        self._waiting: list[tuple[Sequence[Any], Sequence[Any]]] = []
        self._most = max(LEAST, VALUES // max(1, len(self.inputs)))
        self._every = 0.5 if len(self.inputs) <= 100 else 1.0
        self._next = 0.0

    def add(self, rows: Sequence[Sequence[Any]], numbers: Sequence[Sequence[float]]) -> None:
        """Rows (a value an input, None where missing) that were answered, with what the model said of each."""
        self._waiting.append((rows, numbers))
        if len(self._waiting) >= MOST:
            self.flush(time.time())

    def tick(self, now: float) -> None:
        """Count what was handed over, if it is time to; `now` in seconds of the clock on the wall."""
        if self._waiting and now >= self._next:
            self._next = now + self._every
            self.flush(now)

    def flush(self, now: float) -> None:
        """Count what was handed over."""
        waiting, self._waiting = self._waiting, []
        rows = [row for several, _ in waiting for row in several]
        numbers = [said for _, several in waiting for said in several]
        if not rows:
            return
        served = len(rows)
        if served > self._most:  # drawn, not every so many: what comes in turns would be seen on one side only
            kept = self._draw.choice(served, self._most, replace=False).tolist()
            rows, numbers = [rows[place] for place in kept], [numbers[place] for place in kept]
        counts = np.concatenate([place.count(column) for place, column in self._columns(rows, numbers)])
        added = np.concatenate(([served, len(rows)], counts))
        hour = int(now // HOUR)
        current = self._table[1 + hour % self._window]
        if current[STAMP] != hour:
            current[:] = 0
            current[STAMP] = hour
        for line in (self._table[0], current):
            line[SERVED:] += added

    def since_start(self) -> Total:
        """The counts of all workers since the model was taken up."""
        return self._sum([table[:1] for table in self._tables()])

    def recent(self, now: float) -> Total:
        """The counts of all workers in the hour of `now` and those before it in the window."""
        oldest = now // HOUR - self._window
        return self._sum([table[1:][table[1:, STAMP] > oldest] for table in self._tables()])

    def close(self) -> None:
        """Count what is left; the file stays for the others to read."""
        self.flush(time.time())

    def _columns(self, rows: Sequence[Any], numbers: Sequence[Any]) -> list[tuple[bins.Place, Sequence[Any]]]:
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        said = [one.index(max(one)) for one in numbers] if self._several else [one[0] for one in numbers]
        return list(zip([*self.inputs, self.score], [*columns, said], strict=True))

    def _sum(self, lines: list[npt.NDArray[np.int64]]) -> Total:
        found = np.concatenate(lines).sum(axis=0)
        return Total(int(found[SERVED]), int(found[COUNTED]), found[HEAD:])

    def _tables(self) -> list[npt.NDArray[np.int64]]:
        """Every worker's table, those of workers that ended included: counts never fall."""
        tables = [np.zeros(self._shape, np.int64)]
        for path in self._folder.glob(f"*.{self.version}.drift"):
            with contextlib.suppress(FileNotFoundError):  # someone deletes the folder
                content = np.fromfile(path, np.int64)
                if content.size == tables[0].size:
                    tables.append(content.reshape(self._shape))
        return tables

    def _open(self, path: Path) -> npt.NDArray[np.int64]:
        path.parent.mkdir(parents=True, exist_ok=True)
        size = self._shape[0] * self._shape[1] * 8
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, size)
        shared = mmap.mmap(file, size)
        os.close(file)
        return np.frombuffer(shared, np.int64).reshape(self._shape)
