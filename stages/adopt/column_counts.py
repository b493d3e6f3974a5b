"""What one column holds, counted block by block in memory that does not grow with the file."""

from __future__ import annotations

import copy
import functools
from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from stages.clean.columns.inference import Finding, infer_column
from stages.clean.columns.parsing import parse_cells

LIMIT = 10_000
"""Distinct texts that are counted each by itself."""
HASHES = 16_384
"""Least hash values kept for an estimate of the number of distinct texts: its standard error is below 1%."""
OPEN = ("category", "text")
"""Types of which every text is a value."""


class Distinct:
    """An estimate of how many distinct texts there are, from the least of their hashes (Bar-Yossef et al., 2002)."""

    def __init__(self) -> None:
        self._least = np.empty(0, dtype=np.uint64)

    def add(self, texts: npt.NDArray[np.object_]) -> None:
        """Look at some more texts, again or for the first time."""
        hashes = pd.util.hash_array(texts, categorize=False)
        if len(self._least) == HASHES:
            hashes = hashes[hashes < self._least[-1]]
        self._least = np.unique(np.concatenate([self._least, hashes]))[:HASHES]

    @property
    def estimate(self) -> int:
        """Exact below HASHES texts."""
        size = len(self._least)
        return size if size < HASHES else round((size - 1) / (float(self._least[-1]) / 2**64))


class Tally:
    """A column's distinct texts with their counts: all, or the first `limit` and those that do not fit with them."""

    def __init__(self, name: str, limit: int = LIMIT) -> None:
        self.name = name
        self.rows = 0
        self._limit = limit
        self._counts: Counter[str] = Counter()
        self._distinct = Distinct()
        self._judged: Finding | None = None
        self._others: Counter[str] = Counter()
        self._good = 0

    def add(self, cells: pa.Array) -> None:
        """Count a block of the column's cells (strings)."""
        self.rows += len(cells)
        trimmed = pc.utf8_trim_whitespace(cells)
        if self._judged is not None and _all_read(trimmed, self._judged):
            self._good += len(cells)
            return
        counted = pc.value_counts(trimmed)
        texts, counts = counted.field("values"), counted.field("counts").to_numpy()
        self._distinct.add(texts.to_numpy(zero_copy_only=False))
        if self._judged is not None:
            self._confirm(texts, counts, self._judged)
            return
        self._counts.update(dict(zip(texts.to_pylist(), counts.tolist(), strict=True)))
        if len(self._counts) > self._limit:
            self._judged = infer_column(self.name, self._series(self._counts), [""])

    def _confirm(self, texts: pa.Array, counts: npt.NDArray[np.int64], judged: Finding) -> None:
        """Count what fits; keep the texts that are not of the type the column was judged to be."""
        if judged.kind in OPEN:
            self._good += int(counts.sum())
            return
        spellings = {"", *judged.missing, *judged.stray}
        distinct = pd.Series(texts.to_pandas(), dtype="str")
        _, bad = parse_cells(distinct, judged.spec, spellings)
        self._good += int(counts[~bad].sum())
        for place in np.flatnonzero(bad):
            text = str(distinct[place])
            if len(self._others) < self._limit or text in self._others:
                self._others[text] += int(counts[place])

    @property
    def complete(self) -> bool:
        """Whether every distinct text was counted by itself."""
        return self._judged is None

    @property
    def distinct(self) -> int:
        """How many distinct texts there are, blanks not counted: exact where complete, else an estimate, and of plain
        numbers no more than that they are many.
        """
        blank = 1 if self._counts[""] else 0
        return (len(+self._counts) if self.complete else max(self._limit, self._distinct.estimate)) - blank

    @functools.cached_property
    def counts(self) -> pd.Series[int]:
        """Rows of each distinct text, the most frequent first; where not complete, scaled from those counted.

        Counted once: when every block was added.
        """
        if self.complete:
            return self._series(self._counts)
        sampled = sum(self._counts.values())
        scale = (sampled + self._good) / sampled
        scaled = {text: max(1, round(count * scale)) for text, count in self._counts.items()}
        return self._series(Counter(scaled) + self._others)

    @functools.cached_property
    def finding(self) -> Finding:
        """What the column is."""
        return infer_column(self.name, self.counts, [""])

    def judged(self, finding: Finding) -> Tally:
        """The same column, taken for something else."""
        made = copy.copy(self)
        made.finding = finding
        return made

    def respelled(self, labels: Mapping[str, str]) -> Tally:
        """The same column with other texts in place of those named."""
        made = copy.copy(self)
        made._counts = Counter()
        for text, count in self._counts.items():
            made._counts[labels.get(text, text)] += count
        for known in ("counts", "finding"):
            made.__dict__.pop(known, None)
        return made

    @staticmethod
    def _series(counts: Counter[str]) -> pd.Series[int]:
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return pd.Series({text: count for text, count in ordered if count}, dtype=np.int64)


def _all_read(trimmed: pa.Array, judged: Finding) -> bool:
    """Whether Arrow reads every cell as the plain number the column was judged to be (a blank is missing)."""
    if judged.spec != "number":
        return False
    try:
        pc.cast(pc.if_else(pc.equal(trimmed, ""), None, trimmed), pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
