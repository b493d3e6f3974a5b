"""Numbers that count nothing: codes of digits, dates and times written as numbers, kinds that are numbered."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.columns import infer_missing
from stages.columns.spellings import read

CODES = {"zip", "zipcode", "postal", "postcode", "plz", "code", "codes", "fips", "cd", "sku", "phone", "tel", "isbn"}
NOMINAL = {
    "type", "kind", "category", "cat", "region", "district", "zone", "branch", "channel", "channels", "status", "sex",
    "gender", "marital", "marriage", "race", "ethnicity", "occupation", "job", "department", "dept", "country",
    "state", "city", "cluster", "group", "segment", "origin", "product", "brand", "model", "store", "browser", "class",
}  # fmt: skip
DATES = {"date", "day", "dt", "datum", "dob", "birthday", "birthdate"}
TIMES = {"time", "timestamp", "date", "ts", "epoch", "created", "updated", "at"}
YEARS = {"year", "yr", "jahr", "annee", "built"}
FIRST_DAY, LAST_DAY = np.datetime64("1900-01-01"), np.datetime64("2100-12-31")
EXACT_DIGITS, MONTH, KINDS = 15, 31, 50
CODED = "{:,} distinct codes of digits in {:,} values"


class Special(NamedTuple):
    """What numbers are that are no numbers."""

    kind: str
    form: str
    reason: str
    doubt: str


def words_of(name: str) -> set[str]:
    """The words of a column's name, in lower case: `maxTemp_2` is max and temp."""
    return set(re.split(r"[^a-z]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower())) - {""}


def special(name: str, unit: str, texts: pa.Array, rows: npt.NDArray[np.int64]) -> Special | None:
    """What the numbers of a column are, if they are codes or dates; `unit` is what stands behind their digits."""
    named, total, distinct = words_of(name), int(rows.sum()), len(texts)
    coded = CODED.format(distinct, total)
    padded = texts.filter(pc.match_substring_regex(texts, "^0[0-9]"))
    digits = pc.all(pc.match_substring_regex(texts, "^[0-9]+$")).as_py()
    lengths = set(pc.unique(pc.utf8_length(texts)).to_pylist()) if digits else set()
    if lengths == {8} and (distinct > MONTH or "date" in name.lower() or named & DATES):
        days = read(texts, "date %Y%m%d")
        if ((days >= FIRST_DAY) & (days <= LAST_DAY)).all():
            reason = f"all {total:,} values are dates written like 20130115"
            return Special("date", "%Y%m%d", reason, "dates written as numbers: are they dates?")
    if len(padded) and not (lengths == {2} and pc.max(texts).as_py() <= "60"):
        doubt = f"leading noughts, as in '{padded[0]}', would be lost in a number: taken for codes"
        return Special("category", "", coded, doubt)
    if not digits and not unit:
        return None
    if lengths and max(lengths) > EXACT_DIGITS:
        return Special("category", "", coded, "more digits than a number holds exactly: taken for identifiers")
    if named & CODES:
        return Special("category", "", coded, "the name says codes: numbers without an order?")
    if digits and named & NOMINAL and not named & YEARS and 2 < distinct <= KINDS:
        return Special("category", "", coded, "the name says kinds, the values are numbers: is there an order?")
    return None


def doubt(
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
    if whole and named & TIMES and rest.min() >= 3e8 and rest.max() <= 4.2e9:
        return "seconds since 1970? They are kept as numbers"
    return infer_missing.doubtful_number(values, rows) if len(rest) == len(values) else ""
