"""Fields given twice in one row. JSON readers keep the last one without a word; here nothing sent is ignored."""

from __future__ import annotations

import json
from typing import NamedTuple

WHITESPACE = b" \t\r\n"


class DuplicateKey(NamedTuple):
    """A field given twice, and its row where it is in one."""

    row: int | None
    field: str


def find(body: bytes, n_fields: int) -> DuplicateKey | None:
    """Return the first field given twice in a body that has been decoded to `n_fields` different fields.

    Without escapes and blanks every key ends in a quote and a colon, so as many of these as fields means no field came
    twice: that settles nearly every request at no cost. A value such as ":" makes one more; only then is the text read
    again.
    """
    if b"\\" not in body and body.translate(None, WHITESPACE).count(b'":') == n_fields:
        return None
    request = json.loads(body.decode(), object_pairs_hook=list, parse_int=str)
    name = _find_repeated(request)
    if name is not None:
        return DuplicateKey(None, name)
    for index, row in enumerate(dict(request)["rows"]):
        name = _find_repeated(row)
        if name is not None:
            return DuplicateKey(index, name)
    return None


def _find_repeated(pairs: list[tuple[str, object]]) -> str | None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return None
