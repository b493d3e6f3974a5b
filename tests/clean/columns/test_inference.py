"""What is found of a column: the type a careful analyst would take, the reason, and what to look at twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.clean.columns.inference import Finding, infer_column
from stages.clean.columns.parsing import TYPES, check_kind, parse_cells


def look(*texts: str, name: str = "column", missing: tuple[str, ...] = ("", "NA")) -> Finding:
    """What is found of a column of these texts."""
    return infer_column(name, pd.Series(list(texts), dtype="str").value_counts(), missing)


def numbers(low: int, high: int) -> list[str]:
    return [str(number) for number in range(low, high)]


@pytest.mark.parametrize(
    ("texts", "spec"),
    [
        (["1", "2", "NA"], "integer"),
        (["1", "2.5"], "number"),
        (["1.0", "2.0"], "integer"),
        (["1e-3", "2.5E+10"], "number"),
        (["−1", "2"], "integer"),
        (["3,5", "12,25", "100"], "number 1234,5"),
        (["1.234,50", "12,00", "3,5"], "number 1.234,5"),
        (["1,234.50", "12", "1,000,000"], "number 1,234.5"),
        (["1,234", "12,345", "999"], "integer 1,234"),
        (["1.234", "1.234.567", "999"], "integer 1.234"),
        (["1 234,5", "1\u00a0234\u00a0567"], "number 1 234,5"),
        (["1'234.5", "12"], "number 1'234.5"),
        (["$1,234.50", "$12.00"], "number $1,234.5"),
        (["$5,000", "$18,999"], "integer $1,234"),
        (["1.234,50 €", "12,00 €"], "number 1.234,5€"),
        (["45%", "12.5%"], "number 1234.5%"),
        (["12 kg", "13.5 kg"], "number 1234.5 kg"),
        (["12 kg", "13.5 kg", "900 g"], "number 1234.5 kg, g"),
        (["1,5 h", "90 min", "45 min"], "number 1234,5 min, h"),
        (["20 °C", "21 °C", "68 °F"], "number 1234.5°C, °F"),
        (["5 MB", "1.5 GB", "700 MB"], "number 1234.5 MB, GB"),
        (["$1.5M", "$300k", "$250k"], "number $1234.5 k, M"),
        (["950", "1.5k", "2M"], "number 1234.5, k, M"),
        (["$950", "$1.5M"], "number $1234.5, M"),
        (["950", "1.5 M"], "number 1234.5M"),
        (["950", "1.5 m"], "number 1234.5m"),
        (["3K", "2"], "integer 1234K"),
        (["287 K", "295"], "integer 1234K"),
        (["12C", "23F"], "category"),
        (["3h", "5d"], "category"),
        (["3h", "90min"], "number 1234.5 h, min"),
        (["2400W", "1.2kW"], "number 1234.5 W, kW"),
        (["1a", "1A"], "category"),
        (["14 C", "60 F", "61 F", "16"], "category"),
        (["14 C", "60 F", "61 F"], "number 1234.5 F, C"),
        (["(1,234)", "500"], "integer (1,234)"),
        (["0.123", "0.456"], "number"),
        (["01", "02", "12"], "integer"),
        (["yes", "no", "Y"], "boolean y,yes/no"),
        (["TRUE", "FALSE"], "boolean true/false"),
        (["t", "f"], "boolean t/f"),
        (["on", "off"], "boolean on/off"),
        (["ja", "nein"], "boolean ja/nein"),
        (["Oui", "Non"], "boolean oui/non"),
        (["Sí", "No"], "boolean sí/no"),
        (["0", "1"], "integer"),
        (["high", "low"], "ordinal low < medium < high"),
        (["Small", "Large", "Medium"], "ordinal Small < Medium < Large"),
        (["Gd", "TA", "Ex", "Fa"], "ordinal Po < Fa < TA < Gd < Ex"),
        (["Strongly agree", "disagree"], "ordinal strongly disagree < disagree < neutral < agree < Strongly agree"),
        (["25-34", "18-24", "65+", "35-64"], "ordinal 18-24 < 25-34 < 35-64 < 65+"),
        (["[10-20)", "[0-10)"], "ordinal [0-10) < [10-20)"),
        (["< 1 year", "1 year", "10+ years", "2 years"], "ordinal < 1 year < 1 year < 2 years < 10+ years"),
        ([">50K", "<=50K"], "ordinal <=50K < >50K"),
        (["A+", "B-", "C"], "ordinal C < B- < A+"),
        (["sat", "mon"], "ordinal mon < tue < wed < thu < fri < sat < sun"),
        (["low", "high", "blue"], "category"),
        (["yes", "yes?", "no"], "category"),
        (["S", "M"], "category"),
        (["2013-01-01", ""], "date"),
        (["2013-01-01T10:00:00Z", "2013-01-01T10:00:00+02:00"], "time"),
        (["2013-01-01 10:00", "2013-01-02 00:00"], "time"),
        (["2013-01-01 00:00:00", "2013-01-02 00:00:00"], "date %Y-%m-%d %H:%M:%S"),
        (["2013/01/31", "2013/02/28"], "date %Y/%m/%d"),
        (["31/12/2013", "01/02/2013"], "date %d/%m/%Y"),
        (["12/31/2013", "1/2/2013"], "date %m/%d/%Y"),
        (["31.12.2013", "1.2.2013"], "date %d.%m.%Y"),
        (["31.12.13", "01.02.13"], "date %d.%m.%y"),
        (["05-Jan-13", "15-Feb-14"], "date %d-%b-%y"),
        (["01JAN2013", "15FEB2014"], "date %d%b%Y"),
        (["Jan 5, 2013", "Feb 15, 2014"], "date %b %d, %Y"),
        (["January 5, 2013", "May 15, 2014"], "date %B %d, %Y"),
        (["Dec-2015", "Jan-2016"], "date %b-%Y"),
        (["2013-01", "2013-11"], "date %Y-%m"),
        (["1/5/2013 3:15 PM", "12/25/2013 11:00 AM"], "time %m/%d/%Y %I:%M %p"),
        (["31.12.2013 23:59:59", "01.01.2014 00:00:01"], "time %d.%m.%Y %H:%M:%S"),
        (["2015-02-24 11:35:52 -0800"], "time %Y-%m-%d %H:%M:%S %z"),
        (["20130115 10:30", "20130116 11:45"], "time %Y%m%d %H:%M"),
        (["20130115T103000", "20130116T114530"], "time %Y%m%dT%H%M%S"),
        (["20130115T1030Z", "20130116T1145Z"], "time %Y%m%dT%H%M%z"),
        (["20130115T103000.5+0100", "20130116T114530.25+0100"], "time %Y%m%dT%H%M%S.%f%z"),
        (["05JAN2013:10:30:00", "15FEB2014:01:02:03"], "time %d%b%Y:%H:%M:%S"),
        (["5 Jan 2013", "15 Feb 2014"], "date %d %b %Y"),
        (["2013-W05", "2013-W52"], "date week"),
        (["KW 5/2013", "KW 52/2013"], "date week"),
        (["2013-W05-1", "2013-W52-7"], "date %G-W%V-%u"),
        (["2013-Q1", "2013-Q4"], "date quarter"),
        (["Q1 2013", "Q4 2013"], "date quarter"),
        (["2013-H1", "2013-H2"], "date half"),
        (["2013-Q1", "2013-Q5"], "category"),
        (["1080H1", "2160H2"], "category"),
        (["1200W10", "1500W20"], "category"),
        (["1500 KW 7", "1800 KW 9"], "category"),
        (["2013-45", "2013-46"], "category"),
        (["Mon, 07 Jan 2013", "Tue, 08 Jan 2013"], "date %a, %d %b %Y"),
        (["1.2.3", "2.10.4"], "category"),
        (["3/4", "1/2"], "category"),
        ([f"This is the review number {n}" for n in range(50)], "text"),
        (["a", "b", "a"], "category"),
        (["NA", ""], "category"),
        ([], "category"),
    ],
)
def test_the_type_and_format_of_a_column_are_found(texts: list[str], spec: str) -> None:
    assert look(*texts).spec == spec


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (look(*numbers(0, 100)), "all 100 values are whole numbers, 0 to 99"),
        (look(*numbers(0, 100), "x"), "all but 1 of 101 values are whole numbers, 0 to 99; the others are 'x' (1)"),
        (look("0", "1"), "all 2 values are whole numbers, 0 to 1 (a flag)"),
        (look("3,5", "1"), "all 2 values are numbers written like 1234,5, 1 to 3.5"),
        (look("1", "?", "?"), "all 1 values are whole numbers, 1 to 1; missing seems to be spelled '?' (2)"),
        (look("yes", "no"), "all 2 values say yes, or no"),
        (look("yes", "Yes", "no"), "spellings of one label: 'yes' (1), 'Yes' (1); all 3 values say yes, or no"),
        (look("high", "low"), "all 2 values are levels of a scale: low < medium < high"),
        (look("31.12.2013"), "all 1 values are dates written like %d.%m.%Y, 2013-12-31 to 2013-12-31"),
        (look("a", "b", "a"), "2 distinct texts in 3 values"),
        (look("NA", ""), "no value in any row"),
        (look("n/a", "?"), "no value in any row; missing seems to be spelled '?' (1), 'n/a' (1)"),
    ],
)
def test_the_reason_is_in_words(finding: Finding, reason: str) -> None:
    assert finding.reason == reason


@pytest.mark.parametrize("word", ["N/A", "#N/A", "NULL", "nan", "?", "-", "--", ".", "\\N", "missing", "Not available"])
@pytest.mark.parametrize("values", [numbers(1, 9), ["2013-01-01"], ["a", "b"], ["yes", "no"], ["low", "high"]])
def test_a_word_for_missing_is_proposed_with_its_rows(word: str, values: list[str]) -> None:
    finding = look(*values, word, word)

    assert finding.missing == {word: 2}
    assert finding.kind == look(*values).kind


@pytest.mark.parametrize("word", ["unknown", "Other", "none"])
def test_a_word_that_may_be_a_category_is_only_doubtful_there(word: str) -> None:
    assert look(*numbers(1, 9), word).missing == {word: 1}
    assert look("yes", "no", word).kind == "category"
    finding = look("a", "b", word)
    said = "" if word == "Other" else f"'{word}' (1) may mean missing, or be a category"
    assert (finding.missing, finding.doubt) == ({}, said)


def test_north_dakota_is_no_missing_value() -> None:
    assert look("CA", "TX", "NY", "SD", "MN", "ND", "ND", "UNKNOWN").missing == {}
    assert look(*numbers(1, 9), "ND").missing == {"ND": 1}


@pytest.mark.parametrize("values", [numbers(100, 160), [f"${n},000" for n in range(100, 160)]])
def test_a_word_of_its_own_in_many_rows_of_numbers_is_proposed_as_missing(values: list[str]) -> None:
    finding = look(*values, *["PrivacySuppressed"] * 50)

    assert finding.kind == "integer"
    assert finding.missing == {"PrivacySuppressed": 50}
    assert "'PrivacySuppressed' (50) among integers: taken for missing" in finding.doubt


def test_codes_of_letters_and_digits_are_no_numbers_with_a_word() -> None:
    assert look(*[f"A{n}" for n in range(40)], *["none of them"] * 20).kind == "category"


def test_texts_are_free_even_where_most_rows_say_the_same() -> None:
    notes = [f"Please call {number} times before" for number in range(40)]

    assert look(*notes, *["nothing to say"] * 100).kind == "text"
    assert look(*notes * 3).kind == "category"


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("-999", numbers(0, 50)),
        ("-200", [str(n / 10) for n in range(90)]),
        ("999", numbers(0, 28)),
        ("99", numbers(1, 7)),
    ],
)
def test_a_number_far_from_all_others_is_proposed_as_missing(code: str, values: list[str]) -> None:
    finding = look(*values, *[code] * 5)

    assert finding.missing == {code: 5}
    assert f"{code} (5 rows) is far from all others" in finding.doubt


@pytest.mark.parametrize(
    ("code", "values"), [("999", numbers(0, 1000)), ("999", numbers(900, 1100)), ("-999", numbers(-1500, -900))]
)
def test_a_number_among_others_is_no_code(code: str, values: list[str]) -> None:
    assert look(*values, code, code).missing == {}


def test_noughts_apart_from_all_others_are_asked_about() -> None:
    visits = [str(n) for n in range(1, 13) for _ in range(1 + 100 // n**2)]
    assert "stands apart" not in look(*["0"] * 40, *visits, name="visits").doubt
    assert "0 (5 rows) stands apart" in look(*["0"] * 5, *numbers(44, 200), name="glucose").doubt
    assert look(*["0"] * 5, *numbers(1, 200)).doubt == ""
    assert "-1 (9 rows) stands apart" in look(*["-1"] * 9, *numbers(1, 200)).doubt


def test_stray_words_of_a_number_column_are_counted_with_their_rows() -> None:
    finding = look(*numbers(0, 100), "abc", "abc", "12 or 13")

    assert (finding.kind, finding.stray) == ("integer", {"abc": 2, "12 or 13": 1})
    assert look(*numbers(0, 100), *[f"word {n}" for n in range(6)]).kind == "category"


@pytest.mark.parametrize(
    ("name", "texts", "kind", "doubt"),
    [
        ("date", ["01/02/2013", "03/04/2013"], "date", "the order of day and month is not certain: '01/02/2013'"),
        ("date", ["2013/01/02", "2013/03/04"], "date", ""),
        ("date", ["13-01-02", "14-12-31"], "date", ""),
        ("price", ["1,234", "2,345"], "integer", "whether the comma stands between thousands"),
        ("einwohner", ["1.250", "12.345", "850"], "integer", "each dot has three digits behind"),
        ("length", ["1.25", "12.345", "850"], "number", ""),
        ("length", ["1.250", "12.345", "8.500"], "number", ""),
        ("zip", ["12345", "98765"], "category", "the name says codes"),
        ("area_code", ["212", "646"], "category", "the name says codes"),
        ("zip", ["860xx", "309xx"], "category", "the name says codes"),
        ("model year", ["70", "71", "72"], "integer", ""),
        ("number", ["007", "123"], "category", "leading noughts, as in '007', would be lost"),
        ("marital", ["1", "2", "3"], "category", "the name says kinds"),
        ("sex", ["1", "2"] * 5, "integer", "only two values, 1 and 2: a category?"),
        ("account", ["12345678901234567", "12345678901234568"], "category", "more digits than a number holds exactly"),
        ("saledate", ["20130115", "20140116"], "date", "numbers taken for dates written like %Y%m%d"),
        ("year", ["1999", "2004", "2013"], "integer", "years: kept as numbers"),
        ("timestamp", ["1500000000", "1500000600"], "time", "numbers taken for seconds since 1970: are they?"),
        ("start", ["10:30", "11:45"], "category", "times of day"),
        ("born", ["1066-01-01", "1990-01-01"], "date", "1066-01-01 to 1990-01-01"),
        (
            "weight",
            [f"{n} {unit}" for n in range(9) for unit in ("box", "crate")],
            "category",
            "set clean.types.weight to number 1234.5 box, crate=12",
        ),
        (
            "weight",
            [f"{n} {unit}" for n in range(9) for unit in ("kg", "lb")],
            "number",
            "cells in 'lb' are converted to 'kg'",
        ),
        ("price", [f"{sign}{n}" for n in range(9) for sign in "$€"], "category", "several units ('$', '€')"),
        (
            "size",
            [*(f"{n} kg" for n in range(9)), *(f"{n} g" for n in range(8)), "5"],
            "number",
            "numbers without a unit are taken for 'kg'",
        ),
        (
            "temperature",
            [*(f"{n} C" for n in range(9)), *(f"{n} F" for n in range(50, 58)), "16", "17", "18"],
            "category",
            "numbers with several units ('C', 'F'), kept as texts",
        ),
        ("plan", [f"{n}K" for n in range(9)] + ["3"], "integer", "'K' stands behind the numbers and is left out"),
        ("item", [f"S{n}{what}" for n in range(9) for what in ("Want", "Do")], "category", ""),
        ("lens", ["12 qq", "13 qq"], "integer", "'qq' stands behind the numbers"),
        ("ticket", ["113803", "17599", "A/5 21171"], "category", "67% of the values are numbers"),
        ("tail", [f"N{n}" for n in range(30)], "category", "high cardinality: 1.0 rows for each of 30 texts"),
    ],
)
def test_what_a_careful_analyst_would_look_at_twice_is_said(name: str, texts: list[str], kind: str, doubt: str) -> None:
    finding = look(*texts, name=name)

    assert finding.kind == kind
    assert doubt in finding.doubt
    assert doubt or not finding.doubt


@pytest.mark.parametrize(
    ("name", "word", "others", "kept", "doubt"),
    [
        ("country", "NA", ["ZA", "BW", "AO"], True, "'NA' (75% of the rows) is kept as a value"),
        ("country", "na", ["za", "bw", "ao"], True, "'na' (75% of the rows) is kept as a value"),
        ("Region", "NA", ["EMEA", "APAC", "LATAM"], True, "'NA' (75% of the rows) is kept as a value"),
        ("to", "NA", ["ZA", "BW", "AO", "DE", "FR"], True, "'NA' (64% of the rows) is kept as a value"),
        ("to", "NA", ["ZA", "BW", "AO", "DE"], False, "'NA' is taken for missing, but may be one of the codes"),
        ("code", "NA", ["XQ", "XZ", "QX", "QZ", "XX"], False, "'NA' is taken for missing, but may be one of the codes"),
        ("half", "NA", ["AM", "PM"], False, "'NA' is taken for missing, but may be one of the codes"),
        ("state", "NA", ["CA", "IL", "PA"], False, "'NA' is taken for missing, but may be one of the codes"),
        ("from", "NA", ["CA", "IL", "PA", "MA", "MD"], False, "'NA' is taken for missing, but may be one of the codes"),
        ("road", "NA", ["Grvl", "Pave"], False, ""),
        ("airport", "NULL", ["KJFK", "KLGA", "KEWR", "KORD", "KATL"], False, ""),
    ],
)
def test_a_word_for_missing_that_is_a_code_among_codes_is_kept_or_asked_about(
    name: str, word: str, others: list[str], kept: bool, doubt: str
) -> None:
    finding = look(*others, *[word] * 9, name=name, missing=("",))

    assert finding.missing == ({} if kept else {word: 9})
    assert finding.spec == (f"category {word}" if kept else "category")
    assert doubt in finding.doubt
    assert doubt or not finding.doubt


def test_yes_and_no_are_no_countries() -> None:
    assert look("SI", "NO", "NA", missing=("",)).spec == "boolean si/no"


def test_a_code_that_is_rarer_than_all_others_is_not_taken_for_one_of_them() -> None:
    finding = look(*["RL", "RM", "FV", "RQ", "RX"] * 9, "NA", missing=("",))

    assert finding.missing == {"NA": 1}
    assert "'NA' is taken for missing, but may be one of the codes: then set clean.types.column to" in finding.doubt


@pytest.mark.parametrize(
    ("name", "texts", "spec"),
    [
        ("order_date", ["45291", "45292"], "date serial"),
        ("OrderDate", ["45291", "45292"], "date serial"),
        ("price", ["45291", "45292"], "integer"),
        ("candidate", ["45291", "45292"], "integer"),
        ("time", ["30000", "45000"], "integer"),
        ("order date", ["45291.5", "45292.25"], "time serial"),
        ("created at", ["45291.5", "45292.25"], "number"),
        ("revenue_per_day", ["21155", "54450"], "integer"),
        ("salary_dt", ["31155", "54450"], "integer"),
        ("datenvolumen", ["21155", "54450"], "integer"),
        ("dateigroesse", ["21155", "54450"], "integer"),
        ("response_time", ["20752.1", "58277.7"], "number"),
        ("cpu_time_ns", ["1002245759", "2158945556"], "integer"),
        ("uptime_ms", ["1002245759", "2158945556"], "integer"),
        ("response_time", ["1002245759", "2158945556"], "integer"),
        ("timestamp_ms", ["1672925100123", "1672925101123"], "time epoch_ms"),
        ("timestamp_ms", ["1672925100", "1672925101"], "integer"),
        ("ts", ["1672925100", "1672925101"], "time epoch"),
        ("amount", ["1672925100", "1672925101"], "integer"),
        ("timestamp", ["1672925100.5", "1672925101.25"], "time epoch"),
        ("created_at", ["1672925100123", "1672925101123"], "time epoch_ms"),
        ("event_time", ["1672925100123456789", "1672925101123456789"], "time epoch_ns"),
        ("ts", ["20230105134500", "20230106134501"], "time %Y%m%d%H%M%S"),
        ("period", ["202301", "202312"], "date %Y%m"),
        ("revenue", ["202301", "202312"], "integer"),
        ("dob", ["31011990", "28021991"], "date %d%m%Y"),
        ("id", ["20130115", "20130116"], "integer"),
        ("postal code", ["20130115", "20130116"], "category"),
    ],
)
def test_numbers_are_dates_only_where_name_and_size_say_so(name: str, texts: list[str], spec: str) -> None:
    finding = look(*texts, name=name)

    assert finding.spec == spec
    assert finding.kind not in ("date", "time") or "numbers taken for" in finding.doubt


def test_a_number_among_dates_that_is_none_of_them_is_missing() -> None:
    days = [str(45291 + day) for day in range(50)]

    finding = look(*days, "0", "0", "soon", name="order date")

    assert (finding.spec, finding.missing, finding.stray) == ("date serial", {"0": 2}, {"soon": 1})
    # And several numbers, or one that stands there once, say that it holds no dates
    for others in ("0", "1"), ("70000",):
        finding = look(*days, *others, name="order date")
        assert (finding.kind, finding.missing) == ("integer", {})
        assert "days as spreadsheets count them? They are kept as numbers" in finding.doubt


def test_numbers_that_may_be_moments_are_kept_and_asked_about() -> None:
    doubt = look("21155", "34000", "54450", name="revenue_per_day").doubt

    assert doubt == "days as spreadsheets count them? They are kept as numbers"
    assert (
        "seconds since 1970? They are kept as numbers" in look(*numbers(1672925100, 1672925120), name="cpu_time").doubt
    )


def test_the_same_day_of_many_months_is_no_month_of_many_days() -> None:
    texts = [f"01/{month:02d}/{year}" for year in (2012, 2013) for month in range(1, 13)]

    assert look(*texts).spec == "date %d/%m/%Y"


def test_a_version_is_no_date() -> None:
    assert look("1.2.03", "2.10.12", name="version").kind == "category"


def test_a_missing_value_that_is_known_is_not_proposed_again() -> None:
    assert look("1", "2", "?", missing=("", "?")) == look("1", "2")


cells = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    [
        "1",
        "2.5",
        "1,5",
        "1.234",
        "NA",
        "?",
        "yes",
        "no",
        "2013-01-01",
        "01/02/2013",
        "10:30",
        "$5",
        "low",
        "18-24",
        "007",
    ]
)


@given(st.dictionaries(cells.map(str.strip), st.integers(1, 100), max_size=30), st.text(max_size=8))
def test_whatever_the_texts_something_true_is_found(counts: dict[str, int], name: str) -> None:
    series = pd.Series(list(counts.values()), index=pd.Index(list(counts), dtype="str"), dtype="int64")

    finding = infer_column(name, series, ["NA"])

    # Then the kind is one, and every text but the missing and the stray ones is of it
    assert finding.kind in TYPES
    assert finding.reason
    check_kind(finding.spec)
    known = [text for text in counts if text not in {"", "NA", *finding.missing, *finding.stray}]
    assert not parse_cells(pd.Series(known, dtype="str"), finding.spec, [])[1].any()
    total = sum(count for text, count in counts.items() if text not in {"", "NA"})
    assert sum(finding.stray.values()) <= 0.05 * total
    # And the order of the texts does not matter to it
    assert infer_column(name, series.iloc[::-1], ["NA"]).spec == finding.spec or "not certain" in finding.doubt


def test_a_million_different_numbers_are_no_matter() -> None:
    values = np.random.default_rng(7).normal(size=200_000)
    series = pd.Series(1, index=pd.Index([repr(float(value)) for value in values], dtype="str"))

    assert infer_column("x", series, []).spec == "number"
