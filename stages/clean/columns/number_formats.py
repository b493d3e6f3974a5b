"""Numbers as people write them, described by an example: `1.234,5`, `$1,234.5`, `1 234`, `12.5%`, `(1,234)`.

Behind the example other units may stand that some cells are in: `12.5 kg, g` (see stages/clean/columns/conversions.py).
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from stages.clean.columns import conversions

BLANKS = " \u00a0\u202f\u2009"
"""The blanks that may stand between thousands: plain, no-break, narrow no-break, thin."""
APOSTROPHES = "'’"
LARGEST = 1e15
"""Whole numbers are below it: float64 holds them exactly."""
MINUS = "−"
"""The Unicode minus, which word processors put for the hyphen."""
EXAMPLE = re.compile(r"(?P<before>\D*?)(?P<digits>\d[\d.,'’\s]*\d|\d)(?P<after>\D*)")
SIGN = f"[+{MINUS}-]"
EXPONENT = "(?:[eE][+-]?[0-9]{1,3})?"


@dataclass(frozen=True)
class Numeral:
    """How numbers are written: the mark before decimals, those between thousands, and the text around the digits."""

    decimal: str = "."
    thousands: str = ""
    before: str = ""
    after: str = ""
    brackets: bool = False

    def pattern(self, whole: bool) -> str:
        """The regular expression of a whole cell; `whole` numbers have no decimals but noughts, and 15 digits."""
        mark = re.escape(self.decimal)
        digits = "[0-9]{1,15}" if whole else "[0-9]+"
        if self.thousands:
            group = f"[{re.escape(self.thousands)}]"
            digits = f"(?:[0-9]{{1,3}}(?:{group}[0-9]{{2,3}})*{group}[0-9]{{3}}|{digits})"
        body = f"{digits}(?:{mark}0*)?" if whole else f"(?:{digits}(?:{mark}[0-9]*)?|{mark}[0-9]+){EXPONENT}"
        before = f"(?:{re.escape(self.before)}\\s*)?" if self.before else ""
        after = f"(?:[\\s{BLANKS}]*{re.escape(self.after)})?" if self.after else ""
        cell = f"(?:{SIGN}\\s*{before}|{before}{SIGN}?){body}{after}"
        return f"^(?:{cell}|\\({before}{body}{after}\\))$" if self.brackets else f"^{cell}$"


@functools.lru_cache
def parse_numeral(example: str) -> Numeral:
    """The numeral that the example shows; the plain one for none. Raises ValueError for an example without digits."""
    text = example.strip()
    brackets = text.startswith("(") and text.endswith(")")
    shown = EXAMPLE.fullmatch(text[1:-1] if brackets else text or "1")
    if shown is None:
        raise ValueError(f"'{example}' is no example of a number, such as 1.234,5 or $1,234.5")
    marks = [character for character in shown["digits"] if not character.isdigit()]
    last = re.split(r"\D", shown["digits"])[-1]
    decimal = marks[-1] if marks and marks[-1] in ".," and (len(set(marks)) > 1 or len(last) != 3) else ""
    others = {mark for mark in marks if mark != decimal}
    if len(others) > 1 or (decimal and marks.count(decimal) > 1):
        raise ValueError(f"'{example}' is no example of a number: which of its marks stands before the decimals?")
    mark = others.pop() if others else ""
    thousands = next((kind for kind in (BLANKS, APOSTROPHES) if mark and mark in kind), mark)
    return Numeral(
        decimal or ("," if mark == "." else "."),
        thousands,
        shown["before"].strip(f" +-{MINUS}"),
        shown["after"].strip(),
        brackets,
    )


def find_unit(form: str) -> str:
    """The unit that numbers of the form are in: what stands behind the digits of its example."""
    return parse_numeral(conversions.split_units(form)[0]).after


def read_numbers(cells: pa.Array, form: str, whole: bool) -> npt.NDArray[np.float64]:
    """The trimmed texts as float64 in the form's first unit, NaN where one is no number of it or beyond float64."""
    example, others = conversions.split_units(form)
    numeric = parse_numeral(example)
    values = _read(cells, numeric, whole)
    for unit, conversion in others.items():
        here = np.isnan(values)
        if here.any():
            given = _read(cells.filter(pa.array(here)), replace(numeric, after=unit), whole)
            values[here] = _rounded(given * conversion.factor + conversion.nought)
    return values


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The values without the last digits, in which a conversion leaves its mark: 47.02 kg are 47020 g."""
    return np.array([float(f"{value:.12g}") for value in values.tolist()])


def _read(cells: pa.Array, form: Numeral, whole: bool) -> npt.NDArray[np.float64]:
    fits = pc.match_substring_regex(cells, form.pattern(whole))
    texts = pc.if_else(fits, cells, pa.scalar(None, cells.type))
    if form != Numeral():
        texts = _plain(texts, form)
    texts = pc.replace_substring(texts, MINUS, "-")
    values: npt.NDArray[np.float64] = texts.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(np.abs(values) < (LARGEST if whole else np.inf), values, np.nan)


def _plain(texts: pa.Array, form: Numeral) -> pa.Array:
    if form.before:
        texts = pc.replace_substring_regex(texts, rf"^([(+{MINUS}-]?\s*){re.escape(form.before)}", "\\1")
    if form.after:  # where it stands alone: what is before the digits may be a part of it
        texts = pc.replace_substring_regex(texts, rf"{re.escape(form.after)}(\)?)$", "\\1")
    texts = pc.replace_substring_regex(texts, f"[\\s{BLANKS}{re.escape(form.thousands)})]", "")
    texts = pc.replace_substring(texts, "(", "-")
    return pc.replace_substring(texts, form.decimal, ".")
