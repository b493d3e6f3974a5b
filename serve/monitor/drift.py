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

MAX_VALUES_AT_ONCE = 4000
"""Values counted at once, half a millisecond's work: of 16 inputs 250 rows, twice a second."""
MAX_WAITING_REQUESTS = 1000
"""Requests that are kept until they are counted."""
MIN_ROWS_AT_ONCE = 20
"""Rows counted at once at least, however many inputs there are."""
HOUR_S = 3600
STAMP, SERVED, COUNTED = 0, 1, 2
N_HEADER = 3
"""Numbers before an hour's counts: which hour it is, rows served in it, rows counted."""


class DriftTotal(NamedTuple):
    """What all workers counted in some time: rows served, rows counted of them, the counts."""

    served: int
    counted: int
    counts: bins.Counts


class DriftCounter:
    """One worker's counts for one model."""

    def __init__(self, manifest: Manifest, folder: Path, window_h: int) -> None:
        self.inputs = bins.make_input_histograms(manifest)
        self.score = bins.make_score_histogram(manifest)
        self._has_classes = manifest.width > 1
        self._window_h = window_h
        self._table_shape = (1 + window_h, N_HEADER + sum(histogram.width for histogram in [*self.inputs, self.score]))
        self._folder, self.version = folder, manifest.version
        self._table = self._open_table(folder / f"{os.getpid()}.{manifest.version}.drift")
        self._generator = np.random.default_rng(os.getpid())
        self._waiting: list[tuple[Sequence[Any], Sequence[Any]]] = []
        self._max_rows = max(MIN_ROWS_AT_ONCE, MAX_VALUES_AT_ONCE // max(1, len(self.inputs)))
        self._interval_s = 0.5 if len(self.inputs) <= 100 else 1.0
        self._next = 0.0

    def add(self, rows: Sequence[Sequence[Any]], outputs: Sequence[Sequence[float]]) -> None:
        """Hand over rows (a value an input, None where missing) that were answered, and outputs [n_rows, n_outputs]."""
        self._waiting.append((rows, outputs))
        if len(self._waiting) >= MAX_WAITING_REQUESTS:
            self.flush(time.time())

    def tick(self, now: float) -> None:
        """Count what was handed over, if it is time to; `now` is `time.time()`."""
        if self._waiting and now >= self._next:
            self._next = now + self._interval_s
            self.flush(now)

    def flush(self, now: float) -> None:
        """Count what was handed over, in the hour of `now`."""
        waiting, self._waiting = self._waiting, []
        rows = [row for request_rows, _ in waiting for row in request_rows]
        outputs = [output for _, request_outputs in waiting for output in request_outputs]
        if not rows:
            return
        served = len(rows)
        if served > self._max_rows:  # drawn, not every so many: what comes in turns would be seen on one side only
            sampled = self._generator.choice(served, self._max_rows, replace=False).tolist()
            rows, outputs = [rows[index] for index in sampled], [outputs[index] for index in sampled]
        pairs = self._pair_columns(rows, outputs)
        counts = np.concatenate([histogram.count_values(column) for histogram, column in pairs])
        increments = np.concatenate(([served, len(rows)], counts))
        hour = int(now // HOUR_S)
        current_hour = self._table[1 + hour % self._window_h]
        if current_hour[STAMP] != hour:
            current_hour[:] = 0
            current_hour[STAMP] = hour
        for hour_counts in (self._table[0], current_hour):
            hour_counts[SERVED:] += increments

    def sum_since_start(self) -> DriftTotal:
        """Return the counts of all workers since the model was taken up."""
        return self._sum_tables([table[:1] for table in self._read_tables()])

    def sum_recent(self, now: float) -> DriftTotal:
        """Return the counts of all workers in the hour of `now` and those before it in the window."""
        oldest = now // HOUR_S - self._window_h
        return self._sum_tables([table[1:][table[1:, STAMP] > oldest] for table in self._read_tables()])

    def close(self) -> None:
        """Count what is left; the file stays for the others to read."""
        self.flush(time.time())

    def _pair_columns(self, rows: Sequence[Any], outputs: Sequence[Any]) -> list[tuple[bins.Histogram, Sequence[Any]]]:
        """Return each histogram with its values: the inputs' first, then the score's."""
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        if self._has_classes:
            scores = [output.index(max(output)) for output in outputs]
        else:
            scores = [output[0] for output in outputs]
        return list(zip([*self.inputs, self.score], [*columns, scores], strict=True))

    def _sum_tables(self, tables: list[npt.NDArray[np.int64]]) -> DriftTotal:
        totals = np.concatenate(tables).sum(axis=0)
        return DriftTotal(int(totals[SERVED]), int(totals[COUNTED]), totals[N_HEADER:])

    def _read_tables(self) -> list[npt.NDArray[np.int64]]:
        """Return every worker's table, those of workers that ended included: counts never fall."""
        tables = [np.zeros(self._table_shape, np.int64)]
        for path in self._folder.glob(f"*.{self.version}.drift"):
            with contextlib.suppress(FileNotFoundError):  # someone deletes the folder
                content = np.fromfile(path, np.int64)
                if content.size == tables[0].size:
                    tables.append(content.reshape(self._table_shape))
        return tables

    def _open_table(self, path: Path) -> npt.NDArray[np.int64]:
        """Return the file as a table in shared memory: a row since the start, then one for each hour of the window."""
        path.parent.mkdir(parents=True, exist_ok=True)
        size = self._table_shape[0] * self._table_shape[1] * 8
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(file, size)
        shared = mmap.mmap(file, size)
        os.close(file)
        return np.frombuffer(shared, np.int64).reshape(self._table_shape)
