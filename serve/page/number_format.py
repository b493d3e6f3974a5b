"""How the page writes numbers: never with an exponent, with as many decimals as tell the values of a column apart."""

from __future__ import annotations

from stages.wording.numbers import decimals, exact, fixed, signed

LONGEST = 20
"""Characters of a number to all its figures."""
MAX_WITHOUT_COMMA = 9_999
"""Up to here a whole number is written without a comma: it is as likely a year as an amount."""


def chance(share: float) -> str:
    """Return a share as a percentage: 52%, 0.3%, under 0.1%; never 0% or 100% of what is neither."""
    points = share * 100
    if 0 < points < 0.05:
        return "under 0.1%"
    if 99.95 < points < 100:
        return "over 99.9%"
    rare = 0 < points < 0.95 or 99.05 < points < 100
    return f"{fixed(points, 1 if rare else 0)}%"


def ratio(share: float, usual: float) -> str:
    """Return how a chance stands to the usual one."""
    times = share / usual
    if 0.87 < times < 1.15:
        return "about the same"
    if times > 1:
        return f"{fixed(times, 0 if times >= 10 else 1)} times as high"
    return f"{fixed(times, 1 if times >= 0.095 else 2)} of the usual" if times >= 0.005 else "far below the usual"


def points(change: float, fine: bool) -> str:
    """Return a difference of two shares in points, with a decimal where all are small."""
    text = signed(change * 100, 1 if fine else 0)
    return f"{text} {'point' if text in ('+1', '−1', '+1.0', '−1.0') else 'points'}"


def number(value: float, spread: float, figures: int = 3) -> str:
    """Return a value of a column that spreads over `spread`, for people: 1,013.5, but 2013."""
    return rounded(value, _count_decimals(value, spread, figures))


def difference(value: float, spread: float) -> str:
    """Return a difference of two such values, with its sign."""
    return signed_step(value, min(_count_decimals(value, spread, 3), 12))


def typed(value: float) -> str:
    """Return a value to all the figures that somebody typed: 14.5, 2013."""
    text = exact(value)
    if len(text) > LONGEST:
        return number(value, 0.0)
    return text.replace(",", "") if abs(value) <= MAX_WITHOUT_COMMA else text


def rounded(value: float, digits: int) -> str:
    """Return a value with so many decimals, without zeros that say nothing."""
    text = _trim_zeros(fixed(value, digits))
    return text.replace(",", "") if abs(value) <= MAX_WITHOUT_COMMA and "." not in text else text


def signed_step(value: float, digits: int) -> str:
    """Return a difference with so many decimals, with its sign."""
    return _trim_zeros(signed(value, digits))


def plain(value: float, spread: float, figures: int = 4) -> str:
    """Return the same as it is typed into a field: 1013.5."""
    text = f"{value:.{_count_decimals(value, spread, figures)}f}"
    return _trim_zeros(text) if float(text) else "0"


def _count_decimals(value: float, spread: float, figures: int) -> int:
    return 0 if float(value).is_integer() else min(decimals(spread or abs(value), figures), 12)


def _trim_zeros(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text
