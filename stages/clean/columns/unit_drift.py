"""A file whose numbers are those of the other files in another unit: ten times as much, inches for centimetres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counted = tuple[Floats, npt.NDArray[np.int64]]
"""Distinct numbers in order, and the rows of each."""

FACTORS = {
    10.0: "", 100.0: "percent and shares?", 1000.0: "thousands?", 1e6: "millions?",
    2.54: "inches and centimetres?", 25.4: "inches and millimetres?", 1.609344: "miles and kilometres?",
    2.204623: "kilograms and pounds?", 3.28084: "metres and feet?", 28.3495: "ounces and grams?",
    3.785412: "gallons and litres?", 3.6: "metres a second and kilometres an hour?", 12.0: "years and months?",
    24.0: "hours and days?", 60.0: "minutes and hours, or seconds?", 3600.0: "seconds and hours?",
}  # fmt: skip
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
FEWEST_VALUES, FEWEST_ROWS = 8, 20
NARROW, WIDE, CLOSE = 5.0, 0.5, 0.4
"""Factors below `NARROW` are also met by chance, and must fit closely."""
COLDEST, HOTTEST = -50.0, 60.0
"""Degrees Celsius between which temperatures are looked for."""


class Spread(NamedTuple):
    """The quantiles of a file's numbers at `SHARES`, and those that leave out one in a hundred on each side."""

    quantiles: Floats
    low: float
    high: float


def find_foreign(files: Mapping[str, Counted]) -> dict[str, str]:
    """What is to be said of each file whose numbers look like those of the other files in another unit."""
    spreads = {
        file: _spread(*counted)
        for file, counted in files.items()
        if len(counted[0]) >= FEWEST_VALUES and int(counted[1].sum()) >= FEWEST_ROWS
    }
    told: dict[str, str] = {}
    for file, here in spreads.items():
        others = [spread for other, spread in spreads.items() if other != file]
        if others and all(_apart(here, other) for other in others) and (said := _unit(here, others)):
            told[file] = said
    if len(told) == len(spreads) == 2:  # each is foreign to the other: the later one is told
        told.pop(next(iter(told)))
    return told


def _spread(values: Floats, rows: npt.NDArray[np.int64]) -> Spread:
    reached = np.cumsum(rows) / rows.sum()
    at = [values[min(int(np.searchsorted(reached, share)), len(values) - 1)] for share in (*SHARES, 0.01, 0.99)]
    return Spread(np.array(at[:-2]), float(at[-2]), float(at[-1]))


def _apart(one: Spread, other: Spread) -> bool:
    """Whether the middle halves of the two do not meet."""
    return bool(one.quantiles[3] < other.quantiles[1] or other.quantiles[3] < one.quantiles[1])


def _unit(here: Spread, others: list[Spread]) -> str:
    """The sentence about the unit that fits, or about numbers that no other file comes near to, or none."""
    middle, usual = float(here.quantiles[2]), float(np.median([other.quantiles[2] for other in others]))
    said = f"has a median of {middle:,.4g} where the other files have {usual:,.4g}"
    fits: list[tuple[float, str]] = []
    for factor, units in FACTORS.items():
        for times in (factor, 1 / factor):
            far = _far(here.quantiles / times, others)
            if _fits(here, others, times, factor) and far <= (CLOSE if factor < NARROW else 1.0):
                often = f"{factor:g} times as much" if times > 1 else f"1/{factor:g} of it"
                fits.append((far, f"{often}{', ' + units if units else ', is it another unit?'}"))
    celsius, fahrenheit = (here.quantiles - 32) / 1.8, here.quantiles * 1.8 + 32
    for mine, degrees in ((celsius, celsius), (fahrenheit, here.quantiles)):
        far = _far(mine, others)
        if far <= CLOSE and degrees.min() > COLDEST and degrees.max() < HOTTEST:
            fits.append((far, "degrees Fahrenheit and Celsius?"))
    if fits:
        return f"{said}: {min(fits)[1]}"
    lows, highs = [other.low for other in others], [other.high for other in others]
    meet = max(lows) < min(highs)
    if len(others) >= 3 and meet and (here.low > max(highs) or here.high < min(lows)):
        return f"goes from {here.low:,.4g} to {here.high:,.4g}, where the other files have {min(lows):,.4g} to " + (
            f"{max(highs):,.4g}: is it another unit?"
        )
    return ""


def _fits(here: Spread, others: list[Spread], times: float, factor: float) -> bool:
    """Whether the converted quantiles are among those of the others, which differ little from each other."""
    table = np.array([other.quantiles for other in others])
    used = (table != 0).all(axis=0) & (here.quantiles != 0)
    if used.sum() < 3 or (np.sign(table[:, used]) != np.sign(here.quantiles[used])).any():
        return False
    sizes, mine = np.abs(table[:, used]), np.abs(here.quantiles[used] / times)
    middles = np.abs(table[:, len(SHARES) // 2])
    slack = 1.08 if factor < NARROW else 1.5
    alike = middles.min() > 0 and middles.max() / middles.min() < (1.15 if factor < NARROW else factor**WIDE)
    return bool(alike and (mine >= sizes.min(axis=0) / slack).all() and (mine <= sizes.max(axis=0) * slack).all())


def _far(quantiles: Floats, others: list[Spread]) -> float:
    """How far the quantiles are from those of the others at most, in widths of the others."""
    table = np.array([other.quantiles for other in others])
    nearest = np.clip(quantiles, table.min(axis=0), table.max(axis=0))
    width = float(np.median(np.ptp(table, axis=1)))
    return float(np.abs(quantiles - nearest).max() / width) if width else np.inf
