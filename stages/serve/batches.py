"""Rows in requests of no more than the service takes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Inputs = Mapping[str, Any]


def split_batches(rows: Sequence[Inputs], max_rows: int, max_body: int) -> Iterator[list[Inputs]]:
    """The rows in their order, as many at a time as one request may hold; a row too large for any stands alone."""
    taken: list[Inputs] = []
    room = max_body - len('{"rows": []}')
    held = 0
    for row in rows:
        size = len(json.dumps(row).encode()) + 2
        if taken and (len(taken) == max_rows or held + size > room):
            yield taken
            taken, held = [], 0
        taken.append(row)
        held += size
    if taken:
        yield taken
