"""Fields given twice in one row. JSON readers keep the last one without a word; here nothing sent is ignored."""

from __future__ import annotations

import json
from typing import NamedTuple

BLANK = b" \t\r\n"


class Twice(NamedTuple):
    """The field, and its row where it is in one."""

    row: int | None
    field: str


def find(body: bytes, given: int) -> Twice | None:
    """The first field given twice in a body that has been decoded to `given` different fields.

    Without escapes and blanks every key ends in a quote and a colon, so as many of these as fields means no field came
    twice: that settles nearly every request at no cost. A value such as ":" makes one more; only then is the text read
    again.
    """
    if b"\\" not in body and body.translate(None, BLANK).count(b'":') == given:
        return None
    request = json.loads(body.decode(), object_pairs_hook=list, parse_int=str)
    twice = _repeated(request)
    if twice is not None:
        return Twice(None, twice)
    for index, row in enumerate(dict(request)["rows"]):
        twice = _repeated(row)
        if twice is not None:
            return Twice(index, twice)
    return None


def _repeated(pairs: list[tuple[str, object]]) -> str | None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return None
