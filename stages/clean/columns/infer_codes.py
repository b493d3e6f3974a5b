"""Numbers that count nothing: codes of digits, dates and times written as numbers, kinds that are numbered."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.clean.columns import infer_missing, periods
from stages.clean.columns.infer_numbers import Numbers
from stages.clean.columns.parsing import read_cells

CODES = {"zip", "zipcode", "postal", "postcode", "plz", "code", "codes", "fips", "cd", "sku", "phone", "tel", "isbn"}
NOMINAL = {
    "type", "kind", "category", "cat", "region", "district", "zone", "branch", "channel", "channels", "status", "sex",
    "gender", "marital", "marriage", "race", "ethnicity", "occupation", "job", "department", "dept", "country",
    "state", "city", "cluster", "group", "segment", "origin", "product", "brand", "model", "store", "browser", "class",
}  # fmt: skip
DATES = {"datum", "dates", "dob", "birthday"}
TIMES = {"time", "timestamp", "datetime", "ts", "epoch", "unix", "unixtime", "created", "updated", "at"}
PERHAPS = {"day", "dt", "millis"}
"""What says date or time only of digits that are written like one."""
AMOUNTS = {"cpu", "uptime", "response", "duration", "elapsed", "per"}
"""What beside a time in a name says how long it is, not when."""
UNITS = {"ms": "epoch_ms", "millis": "epoch_ms", "us": "epoch_us", "ns": "epoch_ns", "s": "epoch", "sec": "epoch"}
"""What a time since 1970 is counted in where the column's name says it."""
NO_DATES = {"candidate", "mandate", "update", "validate"}
MONTHS = {"month", "period", "yyyymm", "ym"}
DIGITS = {
    6: ["%Y%m", "%y%m%d"],
    8: ["%Y%m%d", "%d%m%Y", "%m%d%Y"],
    10: ["%Y%m%d%H"],
    12: ["%Y%m%d%H%M"],
    14: ["%Y%m%d%H%M%S"],
}
"""Dates and times written as digits alone, by how many they are."""
SURE = {8, 12, 14}
"""Digits of which many different values are dates whatever the name says."""
SIZES = {
    **{word: (3.2e8 * of_a_second, 4.2e9 * of_a_second) for word, of_a_second in periods.EPOCHS.items()},
    "serial": (20_000, 60_000),
}
"""How large the numbers are: from 1980 to 2103 as an epoch, from 1954 to 2064 as days of spreadsheets."""
MOST = 0.95
"""Share of the rows that must be dates; the others must be of one number, which rather stands for a missing one."""
YEARS = {"year", "yr", "jahr", "annee", "built"}
FIRST_DAY, LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2100-12-31")
EXACT_DIGITS, MONTH, KINDS = 15, 31, 50
CODED = "{:,} distinct codes of digits in {:,} values"


class Special(NamedTuple):
    """What numbers are that are no numbers; `outside` are those that rather stand for a missing date."""

    kind: str
    form: str
    reason: str
    doubt: str
    outside: npt.NDArray[np.bool_] | None = None


def split_words(name: str) -> set[str]:
    """The words of a column's name, in lower case: `maxTemp_2` is max and temp."""
    return set(re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())) - {""}


def infer_special(name: str, figures: Numbers, texts: pa.Array, rows: npt.NDArray[np.int64]) -> Special | None:
    """What the numbers of a column are, if they are codes, dates or times."""
    named, total, distinct = split_words(name), int(rows.sum()), len(texts)
    coded = CODED.format(distinct, total)
    padded = texts.filter(pc.match_substring_regex(texts, "^0[0-9]"))
    digits = pc.all(pc.match_substring_regex(texts, "^[0-9]+$")).as_py()
    lengths = set(pc.unique(pc.utf8_length(texts)).to_pylist()) if digits else set()
    if moments := _moments(named, figures, texts, rows):
        return moments
    if len(padded) and not (lengths == {2} and pc.max(texts).as_py() <= "60"):
        doubt = f"leading noughts, as in '{padded[0]}', would be lost in a number: taken for codes"
        return Special("category", "", coded, doubt)
    if not digits and not figures.unit:
        return None
    if lengths and max(lengths) > EXACT_DIGITS:
        return Special("category", "", coded, "more digits than a number holds exactly: taken for identifiers")
    if named & CODES:
        return Special("category", "", coded, "the name says codes: numbers without an order?")
    if digits and named & NOMINAL and not named & YEARS and 2 < distinct <= KINDS:
        return Special("category", "", coded, "the name says kinds, the values are numbers: is there an order?")
    return None


def _moments(named: set[str], figures: Numbers, texts: pa.Array, rows: npt.NDArray[np.int64]) -> Special | None:
    """The dates or times that the numbers are, by their digits, or by their name and size."""
    is_dated, is_timed = _says_date(named), bool(named & TIMES)
    digits = int(np.bincount(pc.utf8_length(texts).to_numpy(zero_copy_only=False), weights=rows).argmax())
    if is_dated or is_timed or named & (MONTHS | PERHAPS) or (digits in SURE and len(texts) > MONTH):
        for form in DIGITS.get(digits, []):
            days = read_cells(texts, f"time {form}")
            if special := _if_most(f"dates written like {form}", form, (days >= FIRST_DAY) & (days <= LAST_DAY), rows):
                return special
    values = figures.values[~np.isnan(figures.values)]
    if figures.form or named & AMOUNTS:
        return None
    units = {UNITS[word] for word in named & UNITS.keys()}
    said = {"serial"} if is_dated else set()
    if is_dated or is_timed:
        said |= units or set(periods.EPOCHS)
    for word, (low, high) in SIZES.items():
        if word in said:
            is_date = word == "serial" and bool((values == np.floor(values)).all())
            if special := _if_most(periods.SAID[word], word, (values >= low) & (values <= high), rows, is_date):
                return special
    return None


def _if_most(
    what: str, form: str, fits: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64], is_date: bool | None = None
) -> Special | None:
    """The dates or times, if more than one number and all but one that repeats are in their range."""
    one_repeats = fits.all() or (np.count_nonzero(~fits) == 1 and rows[~fits].sum() > 1)
    if fits.sum() < 2 or not one_repeats or rows[fits].sum() < MOST * rows.sum():
        return None
    is_date = "%H" not in form if is_date is None else is_date
    most = "all" if fits.all() else f"all but {rows[~fits].sum():,} of"
    said = f"{most} {rows.sum():,} values are {what}"
    doubt = f"numbers taken for {what}: are they?"
    return Special("date" if is_date else "time", form, said, doubt, ~fits)


def _says_date(named: set[str]) -> bool:
    return any(word in DATES or (word.endswith("date") and word not in NO_DATES) for word in named)


def find_doubt(
    named: set[str],
    whole: bool,
    rest: npt.NDArray[np.float64],
    values: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> str:
    """A sentence where the numbers may be kinds, years or seconds; `rest` are the values without a missing code."""
    different = np.unique(rest)
    if len(different) == 2 and rows.sum() >= 10 and set(different) != {0.0, 1.0}:
        return f"only two values, {different[0]:,.10g} and {different[1]:,.10g}: a category?"
    if whole and rest.min() >= 1900 and rest.max() <= 2100 and (named & YEARS or len(different) > 10):
        return "years: kept as numbers"
    if named & (TIMES | PERHAPS) or _says_date(named):
        for word, (low, high) in SIZES.items():
            if rows[(values >= low) & (values <= high)].sum() >= MOST * rows.sum():
                return f"{periods.SAID[word]}? They are kept as numbers"
    return infer_missing.doubt_number(values, rows) if len(rest) == len(values) else ""
