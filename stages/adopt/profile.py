"""One pass over the files of a table: each column's tally, a sample of rows, and which columns are one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from stages.adopt.column_counts import LIMIT, Tally
from stages.core.errors import DataError

BLOCK_BYTES = 8 << 20
FIRST_ROWS, NEXT_ROWS = 20_000, 500
"""Rows of the sample: of the first block, and of each further one."""
MOST_DAYS = 1_000_000
"""Distinct times counted of a column that rows are split by."""


@dataclass
class Profile:
    """What a table holds: `tallies` by column in order, `sample` of text rows, `same` as which earlier column."""

    columns: list[str]
    rows: int = 0
    ragged: int = 0
    tallies: dict[str, Tally] = field(default_factory=dict)
    sample: pd.DataFrame = field(default_factory=pd.DataFrame)
    same: dict[str, str] = field(default_factory=dict)

    def with_tally(self, tally: Tally) -> Profile:
        """The same table with another tally of one column."""
        return replace(self, tallies={**self.tallies, tally.name: tally})

    def respelled(self, name: str, labels: Mapping[str, str]) -> Profile:
        """The same table with other texts in place of those of a column that are named."""
        texts = self.sample[name].str.strip()
        texts = texts.map(labels).fillna(texts).astype("str")
        return replace(
            self.with_tally(self.tallies[name].respelled(labels)), sample=self.sample.assign(**{name: texts})
        )


def make_profile(files: Sequence[Path], columns: Sequence[str], time: str = "") -> Profile:
    """Look at all rows of the files (in the pipeline's form, all with these columns in any order)."""
    profile = Profile(list(columns))
    profile.tallies = {name: Tally(name, MOST_DAYS if name == time else LIMIT) for name in columns}
    samples: list[pd.DataFrame] = []
    pairs: dict[str, str] | None = None
    for path in files:
        for block in _readable(path, _blocks(path, profile, first=not samples)):
            profile.rows += block.num_rows
            for name in columns:
                profile.tallies[name].add(block.column(name))
            head = block.slice(0, NEXT_ROWS if samples else FIRST_ROWS).select(list(columns))
            samples.append(head.to_pandas())
            pairs = _equal(block, _candidates(samples[0]) if pairs is None else pairs)
    if samples:
        profile.sample = pd.concat(samples, ignore_index=True)
    profile.same = pairs or {}
    return profile


def _blocks(path: Path, profile: Profile, first: bool) -> Iterator[pa.RecordBatch]:
    """The file's rows; of the first file a short block before the others, that columns are judged by."""

    def skip(_: arrow_csv.InvalidRow) -> str:
        profile.ragged += 1
        return "skip"

    reader = arrow_csv.open_csv(
        path,
        read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(profile.columns, pa.string()), strings_can_be_null=False
        ),
    )
    for block in reader:
        if first:
            yield block.slice(0, FIRST_ROWS)
            block = block.slice(FIRST_ROWS)
            first = False
        if block.num_rows:
            yield block


def _readable(path: Path, blocks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The blocks. Raises DataError for a row that is longer than a block."""
    try:
        yield from blocks
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{path.stem} has a row of more than {BLOCK_BYTES:,} bytes ({error}). Leave out the column of long texts."
        ) from None


def _candidates(sample: pd.DataFrame) -> dict[str, str]:
    """Columns whose texts are those of an earlier column, row by row."""
    first: dict[bytes, str] = {}
    found = {}
    for name in sample.columns:
        known = first.setdefault(pd.util.hash_pandas_object(sample[name], index=False).to_numpy().tobytes(), name)
        if known != name:
            found[name] = known
    return found


def _equal(block: pa.RecordBatch, pairs: dict[str, str]) -> dict[str, str]:
    return {name: other for name, other in pairs.items() if pc.all(pc.equal(block[name], block[other])).as_py()}
