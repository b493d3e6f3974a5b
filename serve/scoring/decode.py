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
from stages.contracts.manifest import Input
from stages.core.errors import did_you_mean

Row = tuple[Any, ...]
"""One value for each input, in the manifest's order; None where it is missing."""

UNSAFE_NAME = re.compile(r'[\\"\x00-\x1f]')
"""What a name cannot hold for msgspec; a column's can."""
MAX_EXACT = 2**53
"""Beyond this a float64 no longer holds every integer."""

VALUE_TYPES: dict[str, Any] = {
    "number": float,
    # JSON knows one kind of number: JavaScript and pandas write 719.0 for 719.
    "integer": Annotated[int, Meta(ge=-MAX_EXACT, le=MAX_EXACT)]
    | Annotated[float, Meta(ge=-MAX_EXACT, le=MAX_EXACT, multiple_of=1)],
    "boolean": bool,
    "category": str,
    "ordinal": str,
    "text": str,
    "date": datetime.date,
    "time": Annotated[datetime.datetime, Meta(tz=True)],
}
TYPE_WORDS = {
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
        self._time_places = [place for place, column in enumerate(inputs) if column.type == "time"]
        self._aliases = {
            name: f"{token_hex(8)} {place}" for place, name in enumerate(self.names) if UNSAFE_NAME.search(name)
        }
        self._names_by_alias = {alias: name for name, alias in self._aliases.items()}
        self._row_type = _make_row_type(inputs, self._aliases)
        self._decode: Callable[[bytes], Any] = msgspec.json.Decoder(_make_request_type(self._row_type)).decode
        if self._aliases:
            self._decode = self._make_alias_decoder(self._decode)

    def decode_rows(self, body: bytes) -> list[Row]:
        """Return the rows of `{"rows": [{column: value, …}, …]}`.

        Raises ApiError 400 for a body that is not so, 413 for more than `max_rows`.
        """
        try:
            request: Any = self._decode(body)
        except msgspec.ValidationError as error:
            raise self._explain(str(error)) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise ApiError(400, f"the body is not JSON: {error}") from None
        except UnicodeDecodeError:
            raise ApiError(400, "the body is not JSON: it is not UTF-8") from None
        if len(request.rows) > self.max_rows:
            raise ApiError(413, f"{len(request.rows)} rows are more than the {self.max_rows} a request may hold")
        rows = [msgspec.structs.astuple(row) for row in request.rows]
        n_given = sum(map(len, rows)) - sum(row.count(UNSET) for row in rows)
        duplicate = duplicate_keys.find(body, n_fields=n_given + 1)
        if duplicate:
            raise ApiError(400, "is given twice", row=duplicate.row, field=duplicate.field)
        return self._complete(rows)

    def convert_row(self, values: Mapping[str, Any]) -> Row:
        """Return one row of plain values, checked as a request's row is. Raises ApiError 400."""
        try:
            row = msgspec.structs.astuple(msgspec.convert(self._apply_aliases(values), self._row_type))
        except msgspec.ValidationError as error:
            raise self._explain(str(error)) from None
        return self._complete([row])[0]

    def _make_alias_decoder(self, decode: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """Return `decode` for a table with names that msgspec's fields cannot have: each request is read twice."""
        decode_raw: Callable[[bytes], Any] = msgspec.json.Decoder(_make_request_type(dict[str, msgspec.Raw])).decode
        return lambda body: decode(msgspec.json.encode({"rows": list(map(self._apply_aliases, decode_raw(body).rows))}))

    def _apply_aliases(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._aliases.get(name, name): value for name, value in values.items()} if self._aliases else values

    def _complete(self, given: Sequence[Row]) -> list[Row]:
        """Return the rows with None for what was not given.

        Raises ApiError 400 for a time that is not UTC: another offset would shift what is derived from it.
        """
        rows = [tuple([None if value is UNSET else value for value in row]) if UNSET in row else row for row in given]
        for place in self._time_places:
            for row_index, row in enumerate(rows):
                value: Any = row[place]
                if value is not None and value.utcoffset():
                    raise ApiError(400, f"must be {TYPE_WORDS['datetime']}", row=row_index, field=self.names[place])
        return rows

    def _explain(self, message: str) -> ApiError:
        """Return the error with msgspec's message in the words of this service."""
        text, _, path = message.partition(" - at `")
        location = re.fullmatch(r"\$(?:\.rows\[(\d+)\])?(?:\.(.*))?", path.removesuffix("`"), re.DOTALL)
        row = int(location[1]) if location and location[1] else None
        field = self._names_by_alias.get(location[2], location[2]) if location else None
        unknown_field = re.fullmatch(r"Object contains unknown field `(.*)`", text, re.DOTALL)
        if unknown_field:
            name, known_names = unknown_field[1][:100], ["rows"] if row is None else self.names
            return ApiError(400, f"is not known.{did_you_mean(name, known_names)}", row=row, field=name)
        missing_field = re.fullmatch(r"Object missing required field `(.*)`", text, re.DOTALL)
        if missing_field:
            name = missing_field[1]
            return ApiError(400, "is missing", row=row, field=self._names_by_alias.get(name, name))
        return ApiError(400, _reword(text), row=row, field=field)


def _make_request_type(row: Any) -> type[msgspec.Struct]:
    return msgspec.defstruct("Request", [("rows", list[row])], forbid_unknown_fields=True)


def _make_row_type(inputs: Sequence[Input], aliases: Mapping[str, str]) -> type[msgspec.Struct]:
    """Return a Struct for one row. Fields are called f0, f1, …: a column's name need not be a Python name."""
    fields: list[Any] = []
    for place, column in enumerate(inputs):
        value_type = VALUE_TYPES[column.type]
        if column.nullable:
            fields.append((f"f{place}", value_type | None | UnsetType, UNSET))
        else:
            fields.append((f"f{place}", value_type))
    names = {f"f{place}": aliases.get(column.name, column.name) for place, column in enumerate(inputs)}
    return msgspec.defstruct("Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True)


def _reword(text: str) -> str:
    expected = re.fullmatch(r"Expected `([^`]*)`, got `([^`]*)`", text)
    if expected:
        types = expected[1].replace("int | float", "int").split(" | ")
        wanted = " or ".join(TYPE_WORDS.get(type_name, type_name) for type_name in types)
        return f"must be {wanted}, not {TYPE_WORDS.get(expected[2], expected[2])}"
    if "multiple of" in text:
        return "must be an integer, not a number with a fraction"
    if re.search("out of range|Expected `(int|float)` [<>]=", text):
        return "is too large a number" if "out of range" in text else f"must lie between -{MAX_EXACT} and {MAX_EXACT}"
    if "datetime" in text:
        return f"must be {TYPE_WORDS['datetime']}"
    return f"must be {TYPE_WORDS['date']}" if "date" in text else text
