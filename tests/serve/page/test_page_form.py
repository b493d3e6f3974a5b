"""What is typed becomes a row of the model, or a sentence at its field."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import asked
import pytest

from serve.page import form
from serve.page.fields import FIRST
from serve.page.page import Asking
from serve.scoring.decode import Decoder


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return asked.asking(tmp_path_factory.mktemp("model"))


def read(one: Asking, **changed: str) -> tuple[dict[str, Any] | None, dict[str, str]]:
    row, errors = form.read(one.fields, asked.typed(one, **changed), Decoder(one.model.manifest.inputs, max_rows=1))
    names = [column.name for column in one.model.manifest.inputs]
    keys = {field.key: field.name for field in one.fields}
    return row and dict(zip(names, row, strict=True)), {keys[key]: text for key, text in errors.items()}


def test_the_form_opens_with_typical_values(one: Asking) -> None:
    row, errors = read(one)
    assert errors == {}
    assert row == asked.TYPICAL | {"day": datetime.date(2013, 6, 15)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("temp", " 1e2 ", 100.0), ("temp", "−3.5", -3.5),
        ("temp", "٣", 3.0), ("temp", "", None), ("seats", "150.0", 150),
        ("sched", "7:05", 705), ("sched", "0705", 705), ("sched", "24:00", 2400), ("holiday", "0", True),
        ("holiday", "1", False), ("holiday", "", None), ("comfort", "0", "low"), ("carrier", "0", "AA"),
        ("day", "2013-11-30", datetime.date(2013, 11, 30)), ("seen", "2013-11-30T17:00", None),
    ],
)  # fmt: skip
def test_what_people_type_is_understood(one: Asking, name: str, text: str, value: Any) -> None:
    row, errors = read(one, **{name: text})
    assert errors == {}
    assert row
    if name == "seen":
        assert row[name].isoformat().startswith("2013-11-30T17:00:00")
    else:
        assert row[name] == value
        assert type(row[name]) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("temp", "warm", "Temperature must be a number, such as 50.25"),
        ("temp", "1,5", "write a point for decimals"),
        ("temp", "nan", "must be a number"), ("temp", "1e999", "too large"), ("temp", "9" * 5000, "must be a number"),
        ("seats", "1.5", "must be a whole number"), ("seats", "1e20", "too large"),
        ("sched", "25:00", "Scheduled must be a time of day, such as 14:05"), ("sched", "", "is needed"),
        ("carrier", "", "is needed"), ("carrier", "99", "one of those in the list"),
        ("carrier", "-1", "one of those in the list"), ("carrier", "9" * 6000, "one of those in the list"),
        ("day", "30.11.2013", "must be a date, such as 2013-11-30"), ("seen", "noon", "must be a time"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_at_its_field_and_nowhere_else(
    one: Asking, name: str, text: str, said: str
) -> None:
    row, errors = read(one, **{name: text})
    assert row is None
    assert list(errors) == [name]
    assert said in errors[name]


def test_every_field_that_is_wrong_is_named_at_once(one: Asking) -> None:
    _, errors = read(one, temp="x", sched="y", day="z")
    assert set(errors) == {"temp", "sched", "day"}


def test_a_field_that_was_not_sent_is_an_empty_one(one: Asking) -> None:
    said = one.ask({})
    assert said.answer is None
    assert all(text.endswith("is needed") for text in said.errors.values())


def test_fields_are_asked_for_as_people_know_them(one: Asking) -> None:
    fields = {field.name: field for field in one.fields}
    assert [fields[name].kind for name in ("sched", "temp", "seats", "carrier", "holiday", "day", "seen")] == [
        "clock", "number", "integer", "choice", "choice", "date", "time"]  # fmt: skip
    assert fields["sched"].text == "13:15"
    assert (fields["temp"].label, fields["temp"].unit, fields["temp"].needed) == ("Temperature", "°F", False)
    assert fields["temp"].hint == "10 to 100; usual 20.5 to 80.8"
    assert fields["comfort"].shown == ["low", "medium", "high"]
    assert fields["holiday"].shown == ["yes", "no"]


def test_of_many_inputs_the_most_important_are_shown_and_none_is_lost(tmp_path: Path) -> None:
    many = asked.asking(tmp_path, more=51)
    first, rest = ([field.name for group in part for field in group.fields] for part in many.groups)
    assert len(first) == FIRST
    assert sorted(first + rest) == sorted(column.name for column in many.model.manifest.inputs)
