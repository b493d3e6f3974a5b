"""How numbers are written: true minus signs, en dashes in ranges, and a dash for what is not there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal

import msgspec

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
HUGE = 1e7
POWERS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
"""What a number of unknown size is told in, where it is huge."""
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Form(msgspec.Struct, frozen=True):
    """How a value is written: times `scale`, with so many decimals, and its unit."""

    digits: int
    scale: float = 1
    unit: str = ""


def count(value: float) -> str:
    """A whole number with separators: 336,776."""
    return fixed(value, 0)


def fixed(value: float | None, digits: int) -> str:
    """A number with so many decimals; a dash where there is none."""
    if value is None:
        return DASH
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and not nothing(text) else text


def percent(value: float | None, digits: int = 0) -> str:
    """A share as a percentage."""
    return DASH if value is None else f"{fixed(value * 100, digits)}%"


def nothing(text: str) -> bool:
    """Whether a number is written without any digit but 0."""
    return not any(letter in "123456789" for letter in text)


def signed(value: float | None, digits: int) -> str:
    """A difference, always with its sign."""
    text = fixed(value, digits)
    return text if text.startswith(MINUS) or nothing(text) else f"+{text}"


def span(low: float | None, high: float | None, digits: int) -> str:
    """An interval: 0.654–0.717, with `to` where a sign would meet the dash."""
    if low is None or high is None:
        return DASH
    between = " to " if low < 0 or high < 0 else DASH
    return f"{fixed(low, digits)}{between}{fixed(high, digits)}"


def measured(value: float | None, low: float | None, high: float | None) -> str:
    """A number of unknown size with its interval, to about three figures: 0.062 (0.030–0.098), −130 (−180 to −80)."""
    if value is None:
        return DASH
    size = max(abs(value), abs(low or 0.0), abs(high or 0.0))
    if size >= HUGE:
        factor, name = next(power for power in POWERS if power[0] <= size)
        parts = [None if part is None else part / factor for part in (value, low, high)]
        return f"{measured(*parts)} {name}"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 3 if size >= 0.01 or not size else decimals(size)
    return fixed(value, digits) + ("" if low is None or high is None else f" ({span(low, high, digits)})")


def decimals(size: float, figures: int = 3) -> int:
    """How many decimals show a number of this size with so many figures: 0 for 35,012, 2 for 3.21, 4 for 0.0321."""
    return max(0, figures - 1 - math.floor(math.log10(size))) if size > 0 and math.isfinite(size) else 0


def plain(value: float) -> str:
    """A number of any size to four figures, never with an exponent and without zeros that say nothing."""
    if float(value).is_integer():
        return fixed(value, 0)
    text = fixed(value, min(decimals(abs(value), 4), 12))
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(value: float) -> str:
    """A number that somebody typed, to all its figures, without an exponent: 12,345.67, −0.0000001."""
    text = f"{Decimal(f'{abs(value):.12g}').normalize():,f}"
    return f"{MINUS}{text}" if value < 0 else text


def shown(value: float | None, form: Form) -> str:
    """A value in the form that report.json gives beside it."""
    return DASH if value is None else f"{fixed(value * form.scale, form.digits)}{form.unit}"


def shown_span(low: float | None, high: float | None, form: Form) -> str:
    """An interval in such a form, the unit said once."""
    if low is None or high is None:
        return DASH
    return f"{span(low * form.scale, high * form.scale, form.digits)}{form.unit}"


def plural(number: int, one: str, many: str) -> str:
    """`one flight`, `two flights`, `12 flights`."""
    word = WORDS[number] if number < len(WORDS) else count(number)
    return f"{word} {one if number == 1 else many}"


def listed(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def month(period: str) -> str:
    """`2013-11` as `Nov 2013`; any other period as it is."""
    year, _, number = period.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}" if number.isdigit() and 1 <= int(number) <= 12 else period


def day(date: str) -> str:
    """`2013-11-04` as `4 Nov 2013`; any other text as it is."""
    parts = date.split("-")
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return date
    return f"{int(parts[2])} {month('-'.join(parts[:2]))}"
