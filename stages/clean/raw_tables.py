"""The snapshot in data/raw: a table's rows as text, and the distinct texts of each column, file by file."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from stages.clean.columns.parsing import to_arrow
from stages.clean.rows import REJECTED
from stages.contracts import raw_files
from stages.contracts.raw_files import RawFile, RawFiles
from stages.core.errors import DataError, ParamsError, did_you_mean
from stages.core.files import read_struct
from stages.table import csv_io
from stages.table.csv_io import FILE, LINE


def read_manifest() -> list[RawFile]:
    """What ingest says of each file of data/raw. Raises DataError when it is missing or damaged."""
    path = raw_files.PATH
    try:
        return read_struct(path, RawFiles).files
    except (FileNotFoundError, ValueError) as error:
        raise DataError(f"{path} is missing or damaged ({type(error).__name__}). Run `dvc repro ingest`.") from None


class RawTable(NamedTuple):
    """A table's rows as text with FILE and LINE; its ragged rows, and the lines that are no rows, as rejected ones.

    `sources` are its files in their order, `bare_names` its columns' names where the files have no header line.
    """

    rows: pd.DataFrame
    ragged: pd.DataFrame
    outside: pd.DataFrame
    sources: list[str]
    bare_names: list[str]

    @classmethod
    def of(cls, frame: pd.DataFrame, source: str = "table") -> RawTable:
        """Return a frame as one, as if it had been read from a file: every value as text, a missing one empty."""
        rows = frame.map(lambda value: "" if pd.isna(value) else str(value)).astype("str").reset_index(drop=True)
        rows[FILE], rows[LINE] = source, np.arange(2, len(frame) + 2)
        nothing = pd.DataFrame([], columns=REJECTED)
        return cls(rows, nothing, nothing, [source], [])


def read_table(table: str, manifest: list[RawFile]) -> RawTable:
    """Return what data/raw has of a table. Raises ParamsError for one that it does not have."""
    frames, ragged, outside = [], [], []
    files = [file for file in manifest if file.table == table]
    for file in files:
        text, broken = csv_io.read_text(raw_files.PATH.with_name(file.name), file.has_header)
        frames.append(text.to_pandas().assign(**{FILE: file.source}))
        for row in broken:
            reason = f"{row.found} fields where the header has {row.expected}"
            ragged.append((file.source, row.line, None, row.text, reason))
        outside += [(file.source, record.line, None, record.text, record.reason) for record in file.set_aside]
    if not frames:
        known = sorted({file.table for file in manifest})
        raise ParamsError(f"params.yaml: clean: ingest.tables has no table '{table}'.{did_you_mean(table, known)}")
    bare = [file.columns for file in files if not file.has_header]
    return RawTable(
        pd.concat(frames, ignore_index=True),
        pd.DataFrame(ragged, columns=REJECTED),
        pd.DataFrame(outside, columns=REJECTED),
        [file.source for file in files],
        [*bare[0]] if bare else [],
    )


class Texts:
    """The columns of a table's text rows, counted when they are asked for and then kept."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.columns = [name for name in rows.columns if name not in (FILE, LINE)]
        self._rows = rows
        codes, self._files = pd.factorize(rows[FILE])
        self._ends = np.searchsorted(codes, np.arange(len(self._files)), side="right")
        self._counted: dict[str, dict[str, pd.Series[int]]] = {}

    def by_file(self, name: str) -> dict[str, pd.Series[int]]:
        """For each file the rows of each distinct stripped text of the column."""
        if name not in self._counted:
            starts = [0, *self._ends[:-1]]
            self._counted[name] = {
                str(file): count_texts(self._rows[name].iloc[start:end])
                for file, start, end in zip(self._files, starts, self._ends, strict=True)
            }
        return self._counted[name]

    def counts(self, name: str) -> pd.Series[int]:
        """The rows of each distinct stripped text of the column, over all files."""
        parts = list(self.by_file(name).values())
        return parts[0] if len(parts) == 1 else pd.concat(parts).groupby(level=0, sort=False).sum()


def count_texts(texts: pd.Series[str]) -> pd.Series[int]:
    """The rows of each distinct text, stripped of blanks around it."""
    found = pc.value_counts(to_arrow(texts))
    stripped = pc.utf8_trim_whitespace(found.field("values")).to_pandas()
    rows = pd.Series(found.field("counts").to_numpy(), index=pd.Index(stripped, dtype="str"))
    return rows.groupby(level=0, sort=False).sum() if stripped.duplicated().any() else rows
