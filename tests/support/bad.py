"""Bodies a request may not have, each with the place and the part of the reason that the caller is told.

One table for the decoder and for the service over HTTP.
"""

from __future__ import annotations

import json
import random
from typing import Any

import tiny


def _with(**values: Any) -> str:
    return json.dumps({"rows": [tiny.ROW, tiny.ROW | {name.replace("_", " "): item for name, item in values.items()}]})


def _raw(field: str, text: str) -> str:
    """A row whose field holds a text that json.dumps would not write."""
    return json.dumps({"rows": [tiny.ROW | {field: "@"}]}).replace('"@"', text)


def _without(field: str) -> str:
    return json.dumps({"rows": [{name: value for name, value in tiny.ROW.items() if name != field}]})


def _twice(field: str, spelled: str) -> str:
    """A row that holds the field a second time, spelled in another way."""
    return json.dumps({"rows": [{field: tiny.ROW[field], "@": tiny.ROW[field]} | tiny.ROW]}).replace("@", spelled)


CASES: list[tuple[str, str | bytes, int | None, str | None, str]] = [
    ("nothing", "", None, None, "is not JSON"),
    ("cut short", '{"rows": [{"carrier"', None, None, "is not JSON"),
    ("text after it", '{"rows": []} {}', None, None, "trailing characters"),
    ("not UTF-8", b'{"rows": [{"carrier": "\xff"}]}', None, None, "not UTF-8"),
    ("byte order mark", '\ufeff{"rows": []}', None, None, "is not JSON"),
    ("lone surrogate", _raw("carrier", '"\\ud800"'), None, None, "is not JSON"),
    ("null", "null", None, None, "must be an object, not null"),
    ("a list", "[]", None, None, "must be an object, not a list"),
    ("no rows", "{}", None, "rows", "is missing"),
    ("rows is an object", '{"rows": {}}', None, "rows", "must be a list, not an object"),
    ("unknown key", '{"rows": [], "row": 1}', None, "row", "Did you mean 'rows'?"),
    ("rows twice", '{"rows": [], "rows": []}', None, "rows", "is given twice"),
    ("row is a number", '{"rows": [5]}', 0, None, "must be an object, not an integer"),
    ("deep nesting of lists", '{"rows":' + "[" * 100_000, 0, None, "must be an object"),
    ("deep nesting of objects", '{"rows":[{"carrier":' + '{"a":' * 100_000, 0, "carrier", "must be a string"),
    ("missing field", _without("carrier"), 0, "carrier", "is missing"),
    ("null where required", _with(carrier=None), 1, "carrier", "must be a string, not null"),
    ("unknown field", _with(carier="UA"), 1, "carier", "Did you mean 'carrier'?"),
    ("the target as a field", _with(late="yes"), 1, "late", "is not known"),
    ("field twice", _twice("sched", "sched"), 0, "sched", "is given twice"),
    ("field twice, escaped", _twice("temp", r"\u0074emp"), 0, "temp", "is given twice"),
    ("number as category", _with(carrier=5), 1, "carrier", "must be a string, not an integer"),
    ("text as number", _with(temp="40"), 1, "temp", "must be a number or null, not a string"),
    ("true as number", _with(temp=True), 1, "temp", "must be a number or null, not true or false"),
    ("list as number", _with(temp=[1]), 1, "temp", "must be a number or null, not a list"),
    ("NaN", _raw("temp", "NaN"), None, None, "is not JSON"),
    ("Infinity", _raw("temp", "Infinity"), None, None, "is not JSON"),
    ("1e400", _raw("temp", "1e400"), 0, "temp", "too large"),
    ("number of 400 digits", _raw("temp", "9" * 400), 0, "temp", "too large"),
    ("half an integer", _with(sched=4.5), 1, "sched", "must be an integer, not a number"),
    ("true as integer", _with(sched=True), 1, "sched", "must be an integer"),
    ("integer beyond what is exact, with a point", _raw("seats", "1e300"), 0, "seats", "must lie between"),
    ("text as integer", _with(sched="515"), 1, "sched", "must be an integer"),
    ("integer of 5000 digits", _raw("seats", "9" * 5000), 0, "seats", "too large"),
    ("integer of 20 digits", _raw("seats", "9" * 20), 0, "seats", "must lie between"),
    ("number as boolean", _with(holiday=1), 1, "holiday", "must be true or false or null"),
    ("day that is none", _with(day="2013-02-30"), 1, "day", "must be a date"),
    ("time as date", _with(day="2013-02-03T00:00:00Z"), 1, "day", "must be a date"),
    ("number as date", _with(day=20130203), 1, "day", "must be a date"),
    ("time without zone", _with(seen="2013-02-03T10:00:00"), 1, "seen", "must be a time in UTC"),
    ("time of another zone", _with(seen="2013-02-03T10:00:00+01:00"), 1, "seen", "must be a time in UTC"),
    ("time before all time", _with(seen="0001-01-01T00:00:00+14:00"), 1, "seen", "must be a time in UTC"),
    ("date as time", _with(seen="2013-02-03"), 1, "seen", "must be a time in UTC"),
    ("field with a space", _with(kind_of_plane=3), 1, "kind of plane", "must be a string or null"),
]  # fmt: skip
NAMES = [case[0] for case in CASES]

ODD = [None, True, 0, -0.0, 1e308, 5e-324, 2**53, 2**53 + 1, "", "x", "0001-01-01", "9999-12-31", "2013-02-29",
       "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", [], {}, 1.5, "\x00", ":", '":"', "\\"]  # fmt: skip


def odd_body(draw: random.Random) -> bytes:
    """A good request with some values exchanged, a field taken away, some bytes changed."""
    row: dict[str, Any] = dict(tiny.ROW)
    for _ in range(draw.randrange(4)):
        row[draw.choice([*tiny.ROW, "more"])] = draw.choice(ODD)
    if draw.random() < 0.2:
        row.pop(draw.choice(list(row)))
    body = bytearray(json.dumps({"rows": [row] * draw.choice([0, 1, 1, 3])}, ensure_ascii=draw.random() < 0.5).encode())
    if draw.random() < 0.3:
        for _ in range(draw.randrange(1, 4)):
            body[draw.randrange(len(body))] = draw.choice([*b'",:\\[]{}\xff\x00', draw.randrange(256)])
    return bytes(body)
