"""How far a file is: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator

from serve.predict.input_file import Block

LINE_INTERVAL_S = 10.0
"""Seconds between two lines."""


def show_progress(blocks: Iterable[Block], file_bytes: int) -> Iterator[Block]:
    """Yield the blocks of a file of so many bytes, and show after each how far it is."""
    if sys.stderr.isatty():
        yield from _show_bar(blocks, file_bytes)
        return
    rows, last_line_at = 0, time.monotonic()
    for block in blocks:
        yield block
        rows += block.size
        if time.monotonic() - last_line_at >= LINE_INTERVAL_S:
            last_line_at = time.monotonic()
            print(f"predict: {rows:,} rows", file=sys.stderr, flush=True)


def _show_bar(blocks: Iterable[Block], file_bytes: int) -> Iterator[Block]:
    """Guess the whole from the first block; of a packed file the guess is too low, and only the rows are shown."""
    from tqdm import tqdm  # wanted on a terminal only

    with tqdm(unit=" rows", unit_scale=True, leave=False) as bar:
        for block in blocks:
            bar.total = bar.total or max(block.size, int(file_bytes / _estimate_row_bytes(block)))
            yield block
            bar.update(block.size)


def _estimate_row_bytes(block: Block) -> float:
    """Return about how long a row is: its cells, for which Arrow keeps four bytes beside the text, and delimiters."""
    texts = sum(int(column.nbytes) - 4 * block.size for column in block.columns.values())
    return texts / block.size + len(block.columns)
