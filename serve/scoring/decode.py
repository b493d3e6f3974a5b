"""A request's bytes become rows of typed values, or a refusal that names row, field and reason.

The types are made from the manifest's inputs, so the schema is written once; msgspec checks them in one pass over
the bytes. It is strict: no text for a number, no true for a 1, no 4.5 for an integer (4.0 is one), no NaN, no unknown
field.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from serve.scoring import duplicate_keys
from serve.scoring.errors import ApiError
from serve.scoring.loader import Input
from stages.core.errors import did_you_mean

Row = tuple[Any, ...]
"""One value for each input, in the manifest's order; None where it is missing."""

ODD = re.compile(r'[\\"\x00-\x1f]')
"""What a name cannot hold for msgspec; a column's can."""
EXACT = 2**53
"""Beyond this a float64 no longer holds every integer."""

TYPES: dict[str, Any] = {
    "number": float,
    # JSON knows one kind of number: JavaScript and pandas write 719.0 for 719.
    "integer": Annotated[int, Meta(ge=-EXACT, le=EXACT)] | Annotated[float, Meta(ge=-EXACT, le=EXACT, multiple_of=1)],
    "boolean": bool,
    "category": str,
    "ordinal": str,
    "text": str,
    "date": datetime.date,
    "time": Annotated[datetime.datetime, Meta(tz=True)],
}
WORDS = {
    "float": "a number",
    "int": "an integer",
    "str": "a string",
    "bool": "true or false",
    "null": "null",
    "date": 'a date such as "2013-11-30"',
    "datetime": 'a time in UTC such as "2013-11-30T17:00:00Z"',
    "array": "a list",
    "object": "an object",
}


class Decoder:
    """Reads requests for one model."""

    def __init__(self, inputs: Sequence[Input], max_rows: int) -> None:
        self.names = [column.name for column in inputs]
        self.max_rows = max_rows
        self._times = [place for place, column in enumerate(inputs) if column.type == "time"]
        self._alias = {name: f"{token_hex(8)} {place}" for place, name in enumerate(self.names) if ODD.search(name)}
        self._name = {alias: name for name, alias in self._alias.items()}
        self._row = _row_type(inputs, self._alias)
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_request_type(self._row)).decode
        if self._alias:
            self._decode = self._by_alias(self._decode)

    def rows(self, body: bytes) -> list[Row]:
        """The rows of `{"rows": [{column: value, …}, …]}`. Raises ApiError 400, or 413 for more than `max_rows`."""
        try:
            request: Any = self._decode(body)
        except msgspec.ValidationError as error:
            raise self._explained(str(error)) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise ApiError(400, f"the body is not JSON: {error}") from None
        except UnicodeDecodeError:
            raise ApiError(400, "the body is not JSON: it is not UTF-8") from None
        if len(request.rows) > self.max_rows:
            raise ApiError(413, f"{len(request.rows)} rows are more than the {self.max_rows} a request may hold")
        rows = [msgspec.structs.astuple(row) for row in request.rows]
        given = sum(map(len, rows)) - sum(row.count(UNSET) for row in rows)
        twice = duplicate_keys.find(body, given=given + 1)
        if twice:
            raise ApiError(400, "is given twice", row=twice.row, field=twice.field)
        return self._checked(rows)

    def row(self, values: Mapping[str, Any]) -> Row:
        """One row from plain values, checked as a request's row is. Raises ApiError."""
        try:
            row = msgspec.structs.astuple(msgspec.convert(self._aliased(values), self._row))
        except msgspec.ValidationError as error:
            raise self._explained(str(error)) from None
        return self._checked([row])[0]

    def _by_alias(self, strict: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """`strict` for a table with names that msgspec's fields cannot have: each request is read twice."""
        plain: Callable[[bytes], Any] = msgspec.json.Decoder(_request_type(dict[str, msgspec.Raw])).decode
        return lambda body: strict(msgspec.json.encode({"rows": list(map(self._aliased, plain(body).rows))}))

    def _aliased(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._alias.get(name, name): value for name, value in values.items()} if self._alias else values

    def _checked(self, given: Sequence[Row]) -> list[Row]:
        """The rows with None for what was not given. Times are UTC: another offset would shift what is made of them."""
        rows = [tuple([None if value is UNSET else value for value in row]) if UNSET in row else row for row in given]
        for place in self._times:
            for index, row in enumerate(rows):
                value: Any = row[place]
                if value is not None and value.utcoffset():
                    raise ApiError(400, f"must be {WORDS['datetime']}", row=index, field=self.names[place])
        return rows

    def _explained(self, message: str) -> ApiError:
        """msgspec's message in the words of this service."""
        text, _, path = message.partition(" - at `")
        place = re.fullmatch(r"\$(?:\.rows\[(\d+)\])?(?:\.(.*))?", path.removesuffix("`"), re.DOTALL)
        row = int(place[1]) if place and place[1] else None
        field = self._name.get(place[2], place[2]) if place else None
        unknown = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
        if unknown:
            name, known = unknown[1][:100], ["rows"] if row is None else self.names
            return ApiError(400, f"is not known.{did_you_mean(name, known)}", row=row, field=name)
        absent = re.fullmatch(r"Object missing required field `(.*)`", text, re.DOTALL)
        if absent:
            return ApiError(400, "is missing", row=row, field=self._name.get(absent[1], absent[1]))
        return ApiError(400, _in_words(text), row=row, field=field)


def _request_type(row: Any) -> type[msgspec.Struct]:
    return msgspec.defstruct("Request", [("rows", list[row])], forbid_unknown_fields=True)


def _row_type(inputs: Sequence[Input], alias: Mapping[str, str]) -> type[msgspec.Struct]:
    """A Struct for one row. Fields are called f0, f1, …: a column's name need not be a Python name."""
    fields: list[Any] = []
    for place, column in enumerate(inputs):
        kind = TYPES[column.type]
        if column.nullable:
            fields.append((f"f{place}", kind | None | UnsetType, UNSET))
        else:
            fields.append((f"f{place}", kind))
    names = {f"f{place}": alias.get(column.name, column.name) for place, column in enumerate(inputs)}
    return msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True)


def _in_words(text: str) -> str:
    expected = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", text)
    if expected:
        kinds = expected[1].replace("int | float", "int").split(" | ")
        wanted = " or ".join(WORDS.get(kind, kind) for kind in kinds)
        return f"must be {wanted}, not {WORDS.get(expected[2], expected[2])}"
    if "multiple of" in text:
        return "must be an integer, not a number with a fraction"
    if re.search("out of range|Expected `(int|float)` [<>]=", text):
        return "is too large a number" if "out of range" in text else f"must lie between -{EXACT} and {EXACT}"
    if "datetime" in text:
        return f"must be {WORDS['datetime']}"
    return f"must be {WORDS['date']}" if "date" in text else text
