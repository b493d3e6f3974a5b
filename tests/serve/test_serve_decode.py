"""Bytes become rows, or a refusal that says where and why."""

from __future__ import annotations

import json
from typing import Any

import bad
import msgspec
import pytest
import tiny

from serve.scoring.decode import Decoder
from serve.scoring.errors import ApiError
from stages.contracts.manifest import Input

ODD = 'say "hi" \\ or\nbye'
"""A name that a spreadsheet may have, and msgspec's fields may not."""


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder(msgspec.convert(tiny.INPUTS, list[Input]), max_rows=3)


def request(*rows: dict[str, Any]) -> bytes:
    return json.dumps({"rows": rows}).encode()


@pytest.mark.parametrize(("name", "body", "row", "field", "reason"), bad.CASES, ids=bad.NAMES)
def test_a_bad_body_is_refused_with_its_place(
    decoder: Decoder, name: str, body: str | bytes, row: int | None, field: str | None, reason: str
) -> None:
    # given a body that is not what the schema says
    content = body if isinstance(body, bytes) else body.encode()
    # when it is read
    with pytest.raises(ApiError) as refused:
        decoder.decode_rows(content)
    # then the refusal names row, field and reason, and its body holds finite JSON
    assert (refused.value.status, refused.value.row, refused.value.field) == (400, row, field), name
    assert reason in refused.value.reason
    assert refused.value.to_dict()["error"] == str(refused.value)
    assert len(str(refused.value)) < 300


def test_a_bad_body_is_refused_alike_where_a_column_has_an_odd_name() -> None:
    # given a table with a column more
    odd = msgspec.convert([*tiny.INPUTS, {"name": ODD, "type": "number", "nullable": True}], list[Input])
    decoder = Decoder(odd, max_rows=3)
    for name, body, row, field, reason in bad.CASES:
        # when a body is read that is not what the schema says
        with pytest.raises(ApiError) as refused:
            decoder.decode_rows(body if isinstance(body, bytes) else body.encode())
        # then the refusal is the same, but for one too deep to be read twice
        assert refused.value.status == 400
        if name != "deep nesting of objects":
            assert (refused.value.row, refused.value.field) == (row, field), name
            assert reason in refused.value.reason


@pytest.mark.parametrize(
    "row",
    [
        tiny.ROW,
        tiny.ROW | {"temp": None, "seats": None, "holiday": None, "seen": None, "kind of plane": None},
        {name: tiny.ROW[name] for name in ("carrier", "day", "sched")},
        tiny.ROW | {"temp": 4},
        tiny.ROW | {"carrier": ""},
        tiny.ROW | {"carrier": "\u0000 \\ \" : é 漢"},
        tiny.ROW | {"carrier": ":", "kind of plane": '":'},
    ],
    ids=["whole", "nulls", "only what must be", "integer for a number", "empty", "odd letters", "a lone colon"],
)  # fmt: skip
def test_a_good_row_is_read_value_by_value(decoder: Decoder, row: dict[str, Any]) -> None:
    # when
    read = decoder.decode_rows(request(row))
    # then each value stands in the schema's place, and what is absent is None
    assert len(read) == 1
    for column, value in zip(tiny.INPUTS, read[0], strict=True):
        name = str(column["name"])
        if column["type"] in ("date", "time"):
            assert (value is None) == (row.get(name) is None)
        else:
            assert value == row.get(name)


def test_no_rows_are_no_error(decoder: Decoder) -> None:
    assert decoder.decode_rows(b'{"rows": []}') == []


def test_too_many_rows_are_refused(decoder: Decoder) -> None:
    # given a decoder that takes three rows
    assert len(decoder.decode_rows(request(*[tiny.ROW] * 3))) == 3
    # when four come, then
    with pytest.raises(ApiError, match="4 rows are more than the 3") as refused:
        decoder.decode_rows(request(*[tiny.ROW] * 4))
    assert refused.value.status == 413


def test_a_field_given_twice_is_found_in_the_row_it_is_in(decoder: Decoder) -> None:
    # given a second row that lacks one field, so that the whole holds no more keys than two full rows
    second = {name: value for name, value in tiny.ROW.items() if name != "temp"}
    body = request(tiny.ROW, second).replace(b'"carrier": "UA", "day"', b'"carrier": "UA", "carrier": "UA", "day"', 1)
    # when, then
    with pytest.raises(ApiError) as refused:
        decoder.decode_rows(body)
    assert (refused.value.row, refused.value.field) == (0, "carrier")


def test_a_column_of_any_name_is_read_and_named() -> None:
    # given inputs with names that need an escape in JSON
    odd = [{"name": ODD, "type": "date", "nullable": False}, {"name": "a\\b", "type": "integer", "nullable": True}]
    decoder = Decoder(msgspec.convert(odd, list[Input]), max_rows=3)
    # then they are read, here and there
    assert decoder.decode_rows(request({ODD: "2013-11-30", "a\\b": 4}))[0][1] == 4
    assert decoder.convert_row({ODD: "2013-11-30"})[1] is None
    # and named in refusals
    for row, field, reason in [
        ({"a\\b": 1}, ODD, "is missing"),
        ({ODD: "2013-11-30", "a\\b": "x"}, "a\\b", "must be an integer or null, not a string"),
        ({ODD: "soon"}, ODD, "must be a date"),
        ({ODD: "2013-11-30", "c": 1}, "c", "is not known"),
    ]:
        with pytest.raises(ApiError) as refused:
            decoder.decode_rows(request(row))
        assert (refused.value.row, refused.value.field) == (0, field)
        assert reason in refused.value.reason


def test_a_number_without_a_fraction_is_an_integer(decoder: Decoder) -> None:
    # given an integer as JavaScript, pandas or a logger may write it
    [expected] = decoder.decode_rows(request(tiny.ROW))
    for spelled in ("1815.0", "1.815e3", "1815", "18150e-1"):
        body = request(tiny.ROW).replace(b"1815", spelled.encode())
        assert spelled.encode() in body
        # then it is that integer, in a request and from the page
        assert decoder.decode_rows(body) == [expected]
    assert decoder.convert_row(tiny.ROW | {"sched": 1815.0}) == expected
