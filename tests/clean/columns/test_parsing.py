"""From the text of a cell to its value, for each type."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.columns.parsing import check_kind, parse_cells, parse_moment, read_cells, to_arrow


def one(text: str, kind: str) -> object:
    """The cell's value, or an error's name."""
    values, bad = parse_cells(pd.Series([text], dtype="str"), kind, {"", "NA"})
    return "bad" if bad[0] else values[0]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", "integer", 12.0),
        (" -3 ", "integer", -3.0),
        ("1.5", "integer", "bad"),
        ("1e3", "integer", "bad"),
        ("1234567890123456", "integer", "bad"),
        ("1.5", "number", 1.5),
        (".5", "number", 0.5),
        ("5.", "number", 5.0),
        ("-1e-3", "number", -0.001),
        ("1e999", "number", "bad"),
        ("inf", "number", "bad"),
        ("nan", "number", "bad"),
        ("1,5", "number", "bad"),
        ("1_000", "number", "bad"),
        ("٣", "number", "bad"),
        ("0x10", "number", "bad"),
        ("2013-02-28", "date", np.datetime64("2013-02-28", "s")),
        ("2013-02-29", "date", "bad"),
        ("2013-2-8", "date", "bad"),
        ("28.02.2013", "date", "bad"),
        ("2013-01-01T10:00:00Z", "time", np.datetime64("2013-01-01T10:00:00", "s")),
        ("2013-01-01 10:00", "time", np.datetime64("2013-01-01T10:00:00", "s")),
        ("2013-01-01T10:00:00+02:00", "time", np.datetime64("2013-01-01T08:00:00", "s")),
        ("2013-01-01T10:00:00.123456789-0500", "time", np.datetime64("2013-01-01T15:00:00", "s")),
        ("2013-01-01T25:00:00Z", "time", "bad"),
        ("2013-01-01", "time", "bad"),
        (" JFK ", "category", "JFK"),
        ("12.0", "integer", 12.0),
        ("−3", "integer", -3.0),
        ("1.234,5", "number 1.234,5", 1234.5),
        ("1.234.567,5", "number 1.234,5", 1234567.5),
        ("12.34,5", "number 1.234,5", "bad"),
        ("3,25", "number 1234,5", 3.25),
        ("3.25", "number 1234,5", "bad"),
        ("1,5E+03", "number 1234,5", 1500.0),
        ("1,234.5", "number 1,234.5", 1234.5),
        ("12,34,567", "number 1,234.5", 1234567.0),
        ("12,34", "number 1,234.5", "bad"),
        ("1 234,5", "number 1 234,5", 1234.5),
        ("1\u00a0234\u202f567,5", "number 1 234,5", 1234567.5),
        ("1'234.5", "number 1'234.5", 1234.5),
        ("$1,234.5", "number $1,234.5", 1234.5),
        ("-$1,234.5", "number $1,234.5", -1234.5),
        ("$-5", "number $1,234.5", -5.0),
        ("-$-5", "number $1,234.5", "bad"),
        ("5", "number $1,234.5", 5.0),
        ("€5", "number $1,234.5", "bad"),
        ("12.5 %", "number 1234.5%", 12.5),
        ("1.234,50 €", "number 1.234,5 €", 1234.5),
        ("(1,234)", "number (1,234.5)", -1234.0),
        ("(1,234)", "number 1,234.5", "bad"),
        ("1,234", "integer 1,234", 1234.0),
        ("1.234,00", "integer 1.234", 1234.0),
        ("1.000.000.000.000.000.000.000", "integer 1.234", "bad"),
        ("1.234,50", "integer 1.234", "bad"),
        ("12 km", "number 1234 km", 12.0),
        ("12 mi", "number 1234 km", "bad"),
        ("Yes", "boolean yes/no", 1.0),
        ("NO", "boolean yes,y/no,n", 0.0),
        ("maybe", "boolean yes/no", "bad"),
        ("t", "boolean", 1.0),
        ("0", "boolean", 0.0),
        ("MEDIUM", "ordinal low < medium < high", "medium"),
        ("huge", "ordinal low < medium < high", "bad"),
        ("a", "ordinal a < A", "a"),
        ("10+ years", "ordinal < 1 year < 1 year < 10+ years", "10+ years"),
        ("31/12/2013", "date %d/%m/%Y", np.datetime64("2013-12-31", "s")),
        ("12/31/2013", "date %d/%m/%Y", "bad"),
        ("31/12/13", "date %d/%m/%Y", "bad"),
        ("1 Jan 2013", "date %d %b %Y", np.datetime64("2013-01-01", "s")),
        ("20130131", "date %Y%m%d", np.datetime64("2013-01-31", "s")),
        ("٢٠130131", "date %Y%m%d", "bad"),
        ("2013-01-31 00:00:00", "date %Y-%m-%d %H:%M:%S", np.datetime64("2013-01-31", "s")),
        ("31.12.2013 23:10", "time %d.%m.%Y %H:%M", np.datetime64("2013-12-31T23:10", "s")),
        ("1/5/2013 3:15 PM", "time %m/%d/%Y %I:%M %p", np.datetime64("2013-01-05T15:15", "s")),
        ("2013-01-01 10:00 +0200", "time %Y-%m-%d %H:%M %z", np.datetime64("2013-01-01T08:00", "s")),
        ("yes", "category Yes = y | No", "Yes"),
        (" Y. ", "category Yes = y | No", "Yes"),
        ("maybe", "category Yes = y | No", "maybe"),
        ("NA", "category NA | BW", "NA"),
        ("NA", "ordinal NA < Po < Fa", "NA"),
        ("Very_High.", "ordinal low < very high", "very high"),
        ("Yes.", "boolean yes/no", 1.0),
        ("500 g", "number 1234.5 kg, g", 0.5),
        ("47.02 kg", "number 1234.5 g, kg", 47020.0),
        ("5", "number 1234.5 kg, g", 5.0),
        ("5 lb", "number 1234.5 kg, g", "bad"),
        ("1.500,5 g", "number 1.234,5 kg, g", 1.5005),
        ("2 crates", "number 1234.5 boxes, crates=12", 24.0),
        ("212 °F", "number 1234.5 °C, °F", 100.0),
        ("0 °C", "number 1234.5 K, °C", 273.15),
        ("100 °C", "number 1234.5 °F, °C", 212.0),
        ("$1.5M", "number $1234.5, k, M", 1_500_000.0),
        ("20130105T134500", "time %Y%m%dT%H%M%S", np.datetime64("2013-01-05T13:45:00", "s")),
        ("2013-W05", "date week", np.datetime64("2013-01-28", "s")),
        ("2013-W53", "date week", "bad"),
        ("2013-Q3", "date quarter", np.datetime64("2013-07-01", "s")),
        ("Q5 2013", "date quarter", "bad"),
        ("H2/2013", "date half", np.datetime64("2013-07-01", "s")),
        ("45291", "date serial", np.datetime64("2023-12-31", "s")),
        ("45291.75", "time serial", np.datetime64("2023-12-31T18:00", "s")),
        ("9999999", "date serial", "bad"),
        ("1672925100", "time epoch", np.datetime64("2023-01-05T13:25", "s")),
        ("1672925100123", "time epoch_ms", np.datetime64("2023-01-05T13:25", "s")),
        ("1672925100123456789", "time epoch_ns", np.datetime64("2023-01-05T13:25", "s")),
        ("-1", "date epoch", np.datetime64("1969-12-31", "s")),
        ("99999999999999999", "time epoch", "bad"),
        ("soon", "time epoch", "bad"),
        ("9999-12-31", "date", np.datetime64("9999-12-31", "s")),
        ("9999-12-31T00:00:00Z", "time", np.datetime64("9999-12-31T00:00:00", "s")),
    ],
)
def test_a_cell_is_read_as_its_type(text: str, kind: str, value: object) -> None:
    assert one(text, kind) == value


KINDS = [
    "number 1234.5 kg, g",
    "category Yes = yes | No",
    "date week",
    "date serial",
    "time epoch_ms",
    "number",
    "number 1.234,5",
    "integer",
    "date",
    "date %d/%m/%Y",
    "time",
    "boolean",
    "ordinal a < b",
    "text",
]


@pytest.mark.parametrize("kind", [*KINDS, "category"])
@pytest.mark.parametrize("text", ["", "NA", " NA "])
def test_a_missing_value_is_missing_in_every_type(kind: str, text: str) -> None:
    assert pd.isna(one(text, kind))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_python_s(number: float) -> None:
    assert one(repr(number), "number") == number


@given(st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_a_time_is_python_s(moment: datetime.datetime) -> None:
    assert one(moment.isoformat(), "time") == np.datetime64(moment.replace(microsecond=0), "s")


@given(st.lists(st.sampled_from(["1", "x", "NA", "2.5"]), min_size=2))
def test_a_cell_does_not_depend_on_those_around_it(texts: list[str]) -> None:
    values, bad = parse_cells(pd.Series(texts, dtype="str"), "number", {"NA"})

    for text, value, is_bad in zip(texts, values, bad, strict=True):
        np.testing.assert_equal(value, one(text, "number") if not is_bad else np.nan)


@given(st.floats(-1e12, 1e12), st.sampled_from(["1.234,5", "1,234.5", "1'234.5", "1 234,5"]))
def test_a_number_written_with_thousands_is_the_number(number: float, example: str) -> None:
    thousands, decimal = example[1], example[5]
    text = f"{number:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)

    assert one(text, f"number {example}") == float(f"{number:.2f}")


@given(st.dates(datetime.date(1, 1, 1)), st.sampled_from(["%d.%m.%Y", "%Y/%m/%d", "%d-%b-%Y", "%Y%m%d"]))
def test_a_date_of_a_format_is_python_s(day: datetime.date, form: str) -> None:
    text = day.strftime(form.replace("%Y", f"{day.year:04d}"))

    assert one(text, f"date {form}") == np.datetime64(day, "s")


@pytest.mark.parametrize(
    "kind", [*KINDS, "number $1,234.5", "boolean yes,y/no,n", "date %d.%m.%y", "time %H:%M %d.%m.%Y", "ordinal < 1 < 1"]
)
def test_a_kind_that_is_one_is_told_so(kind: str) -> None:
    check_kind(kind)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("numbr", r"no type 'numbr'. .* Did you mean 'number'\?"),
        ("text x", "a text has no format"),
        ("category a = b | c = B", "'a = b | c = B': 'a' and 'c' differ in case or punctuation only"),
        ("category a |  | b", "names an empty label"),
        ("category a = x | a = y", "names an empty label, or one twice"),
        ("date weekly", r"no word of week, quarter, half, .*Did you mean 'week'\?"),
        ("time week", "'week' is no strptime format"),
        ("number 12 box, crate", "how much 'crate' is in 'box' is not known: say it, such as crate=12"),
        ("integer 12 kg, g", "what is converted from other units is no integer"),
        ("boolean yes", "'yes' is no format of a boolean"),
        ("boolean yes/", "'yes/' is no format of a boolean"),
        ("ordinal", "'' is no order of levels"),
        ("ordinal a", "'a' is no order of levels"),
        ("ordinal a < a", "'a < a' is no order of levels"),
        ("date dd.mm", "'dd.mm' is no strptime format .* no directive"),
        ("date %Q", "'%Q' is no strptime format .* bad directive"),
        ("number euro", "'euro' is no example of a number"),
        ("number 1,2.3,4", "'1,2.3,4' is no example of a number"),
    ],
)
def test_a_kind_that_is_none_is_told_why(kind: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_kind(kind)


def test_a_moment_is_a_date_or_a_time_of_iso_8601() -> None:
    assert parse_moment("2013-01-31") == np.datetime64("2013-01-31", "s")
    assert parse_moment(" 2013-01-31T10:00Z ") == np.datetime64("2013-01-31T10:00", "s")
    with pytest.raises(ValueError, match=r"'31\.1\.2013' is no date or time"):
        parse_moment("31.1.2013")


def test_what_stands_before_a_number_may_be_a_part_of_what_stands_behind_it() -> None:
    assert read_cells(to_arrow(["::0:::", "::12:::", "7"]), "number ::1:::").tolist() == [0.0, 12.0, 7.0]
