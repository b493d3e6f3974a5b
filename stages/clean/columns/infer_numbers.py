"""The form of numbers, found over a whole column: decimal mark, thousands, currency, percent or another unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.clean.columns import conversions
from stages.clean.columns.number_formats import MINUS, parse_numeral, read_numbers

SAMPLE = 2000
TOLERANCE = 0.05
"""Share of rows that may be no numbers in a column of numbers."""
PROMISING = 0.2
DOTTED = "each dot has three digits behind, noughts among them: taken to stand between thousands"
UNSURE = "whether the comma stands between thousands or before decimals is not certain: each has three digits behind"
MONEY = {
    "$", "€", "£", "¥", "₹", "₽", "₩", "US$", "A$", "C$", "CA$", "AU$", "NZ$", "HK$", "S$", "R$", "USD", "EUR", "GBP",
    "CHF", "JPY", "CAD", "AUD", "INR", "SEK", "NOK", "DKK", "PLN", "BRL", "CNY", "Rs", "Rs.", "kr", "kr.", "zł", "Fr.",
}  # fmt: skip
UNITS = MONEY | {
    "%", "‰", "°", "°C", "°F", "km", "m", "cm", "mm", "mi", "miles", "ft", "in", "kg", "g", "mg", "lb", "lbs", "oz",
    "l", "ml", "s", "sec", "ms", "min", "mins", "minutes", "h", "hr", "hrs", "hours", "day", "days", "weeks", "month",
    "months", "year", "years", "yrs", "km/h", "kmph", "mph", "kmpl", "km/kg", "mpg", "CC", "cc", "bhp", "hp", "kW",
    "kWh", "W", "V", "GB", "MB", "KB", "TB", "MHz", "GHz", "Hz", "px", "mAh", "sqft", "sq ft", "m2", "m²", "ppm",
}  # fmt: skip
"""What is known to stand beside the digits of a quantity."""
SIZES = {"M", "B", "K"}
"""What alone behind some numbers is as likely a size, a plan or a kelvin as thousands, millions or billions."""
BODIES = ["1234.5", "1,234.5", "1234,5", "1.234,5", "1 234,5", "1 234.5", "1'234.5"]
"""Examples of the forms that are tried; of those that fit equally well the first is taken."""
MARKED = re.compile(
    rf"\(?\s*[+{MINUS}-]?\s*(?P<before>[^\W\d]{{1,3}}\.?|[^\w\s.,'’+(){MINUS}-]{{1,3}}|[A-Z]{{1,2}}\$)?\s*"
    rf"[+{MINUS}-]?(?P<digits>\d[\d.,'’\s]*|[.,]\d+)(?:[eE][+-]?\d+)?\s*(?P<after>[^\d\s.,'’()][^\d()]{{0,14}})?\)?"
)


@dataclass(frozen=True)
class Numbers:
    """What was found: the format (none where plain), each text's value (NaN where it is none), and the doubt.

    `unit` is what stands behind the digits and is no unit that is known.
    """

    form: str
    values: npt.NDArray[np.float64]
    whole: bool
    doubt: str = ""
    unit: str = ""


def infer_numerals(cells: pa.Array, rows: npt.NDArray[np.int64]) -> Numbers | None:
    """The form in which most rows' texts are numbers, if all but a small share are; None otherwise.

    The form is chosen on the most frequent texts and on some from all over; then it is tried on all.
    """
    places = _some(rows)
    sample, weight = cells.take(pa.array(places)), rows[places]
    plain = read_numbers(sample, "", whole=False)
    if np.isnan(plain).any():
        form, unsure, doubt = _form(sample, weight, plain)
    else:
        form, unsure, doubt = ("1.234", "", DOTTED) if _is_dotted(cells) else ("", "", "")
    if weight[np.isnan(read_numbers(sample, form, whole=False))].sum() > PROMISING * weight.sum():
        return None
    values = read_numbers(cells, form, whole=False)
    if rows[np.isnan(values)].sum() > TOLERANCE * rows.sum():
        return None
    if unsure and _is_ambiguous(cells):
        doubt = unsure
    return _made(form, values, cells, doubt)


def _is_dotted(cells: pa.Array) -> bool:
    """Whether dots must stand between thousands: before three digits each, some of them noughts, where there are any.

    Decimals would have lost the noughts at their end, or stand in every number.
    """
    dotted = pc.match_substring(cells, ".")
    with_dot, without = cells.filter(dotted), cells.filter(pc.invert(dotted))
    if not len(with_dot) or not len(without):
        return False
    grouped = pc.all(pc.match_substring_regex(with_dot, r"^[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+$")).as_py()
    small = pc.all(pc.match_substring_regex(without, "^[+-]?[0-9]{1,3}$")).as_py()
    return bool(grouped and small and pc.any(pc.match_substring_regex(with_dot, "0$")).as_py())


def _some(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Places of the texts that are looked at first: those of most rows, and every so many of all."""
    if len(rows) <= SAMPLE:
        return np.arange(len(rows))
    often = np.argpartition(-rows, SAMPLE // 2)[: SAMPLE // 2]
    return np.union1d(often, np.linspace(0, len(rows) - 1, SAMPLE // 2).astype(np.int64))


def _form(sample: pa.Array, rows: npt.NDArray[np.int64], plain: npt.NDArray[np.float64]) -> tuple[str, str, str]:
    """The form that fits most rows, what is to be said if its comma is ambiguous, and another doubt."""
    texts = sample.to_pylist()
    marked = np.isnan(plain)
    before, after, doubt = _around(
        [text for text, is_marked in zip(texts, marked, strict=True) if is_marked], not marked.all()
    )
    brackets = any(text.startswith("(") and text.endswith(")") for text in texts)
    best, chosen, shown = rows[marked].sum(), "", ""
    for body in BODIES:
        example = f"{before}{body}{' ' if after[:1].isalpha() and len(after) > 1 else ''}{after}"
        example = f"({example})" if brackets else example
        wrong = rows[np.isnan(read_numbers(sample, example, whole=False))].sum()
        if wrong < best:
            best, chosen, shown = wrong, example, body
    return chosen, UNSURE if shown == "1,234.5" else "", doubt if chosen else ""


def find_units(texts: Sequence[str]) -> Counter[str]:
    """What stands behind the digits, or as money before them, of those texts that are numbers with something beside."""
    found = [match for text in texts if (match := MARKED.fullmatch(text)) and (match["before"] or "") in {"", *MONEY}]
    return Counter(unit for match in found if (unit := (match["after"] or match["before"] or "").strip()))


def _around(texts: Sequence[str], some_bare: bool) -> tuple[str, str, str]:
    """What stands before and behind the digits of most of the texts, and the doubt about it.

    Behind them may be several units of one kind: then the others stand behind the one that most are in. Single letters
    right behind the digits are rather parts of codes, as in 12C and 23F, unless a longer unit of the kind is there too.
    """
    found = [match for text in texts if (match := MARKED.fullmatch(text))]
    befores = Counter(match["before"] for match in found if match["before"] in MONEY)
    afters = Counter(match["after"].strip() for match in found if match["after"])
    before = befores.most_common(1)[0][0] if befores else ""
    after, count = afters.most_common(1)[0] if afters else ("", 0)
    some_bare |= any(not match["after"] for match in found)
    multiples = conversions.find_kind([*afters, ""]) and (before or len(afters) > 1 or not afters.keys() <= SIZES)
    if afters and some_bare and multiples:
        return before, ", ".join(["", *afters]), f"{_quoted(afters)} behind a number multiply it"
    others = [unit for unit in afters if unit != after and conversions.find_kind([after, unit])]
    if others and (
        _are_glued(found, [after, *others]) or (some_bare and conversions.find_kind([after]) == "temperature")
    ):
        return before, "", ""
    if count + sum(afters[unit] for unit in others) < (1 - TOLERANCE) * sum(afters.values()):
        return before, "", ""
    if others:
        bare = f"; numbers without a unit are taken for '{after}'" if some_bare else ""
        return before, ", ".join([after, *others]), f"cells in {_quoted(others)} are converted to '{after}'{bare}"
    doubt = f"'{after}' stands behind the numbers and is left out" if after and after not in UNITS else ""
    return before, after, doubt


def _are_glued(found: Iterable[re.Match[str]], units: Collection[str]) -> bool:
    """Whether the units are single letters, one of them right behind digits, and no thousands or millions."""
    if conversions.find_kind([*units, ""]) or any(len(unit) > 1 and unit != "st" for unit in units):
        return False
    return any(match["after"] and not match["digits"][-1].isspace() for match in found)


def _quoted(units: Iterable[str]) -> str:
    return ", ".join(f"'{unit}'" for unit in units)


def _is_ambiguous(cells: pa.Array) -> bool:
    """Whether each comma stands alone and before three digits, and no number without one says more."""
    with_comma = pc.match_substring(cells, ",")
    if pc.any(pc.match_substring_regex(cells, r",\d{3},|,000|\.")).as_py():
        return False
    others = read_numbers(pc.filter(cells, pc.invert(with_comma)), "", whole=True)
    return not len(others) or bool((np.abs(others) >= 1000).any())


def _made(form: str, values: npt.NDArray[np.float64], cells: pa.Array, doubt: str) -> Numbers:
    known = ~np.isnan(values)
    short = form.replace("1234.5", "1234").replace("1234,5", "1234").replace("234.5", "234").replace("234,5", "234")
    example, others = conversions.split_units(form)
    whole = (
        not others
        and bool((values[known] == np.floor(values[known])).all())
        and not np.isnan(read_numbers(cells.filter(pa.array(known)), short, whole=True)).any()
    )
    after = parse_numeral(example).after
    unit = "" if after in UNITS else after
    return Numbers(("" if short == "1234" else short) if whole else form, values, whole, doubt, unit)
