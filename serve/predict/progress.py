"""How far a file is: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator

from serve.predict.input_file import Block

SECONDS = 10.0
"""Between two lines."""


def progress(blocks: Iterable[Block], file_bytes: int) -> Iterator[Block]:
    """The blocks again, of a file of so many bytes."""
    if sys.stderr.isatty():
        yield from _with_bar(blocks, file_bytes)
        return
    rows, told = 0, time.monotonic()
    for block in blocks:
        yield block
        rows += block.size
        if time.monotonic() - told >= SECONDS:
            told = time.monotonic()
            print(f"predict: {rows:,} rows", file=sys.stderr, flush=True)


def _with_bar(blocks: Iterable[Block], file_bytes: int) -> Iterator[Block]:
    """The whole is guessed from the first block; of a packed file the guess is too low, and only the rows are shown."""
    from tqdm import tqdm  # wanted on a terminal only

    with tqdm(unit=" rows", unit_scale=True, leave=False) as bar:
        for block in blocks:
            bar.total = bar.total or max(block.size, int(file_bytes / _row_bytes(block)))
            yield block
            bar.update(block.size)


def _row_bytes(block: Block) -> float:
    """About how long a row is: its cells, of which Arrow keeps four bytes beside the text, and what stands between."""
    texts = sum(int(column.nbytes) - 4 * block.size for column in block.columns.values())
    return texts / block.size + len(block.columns)
