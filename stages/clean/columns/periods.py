"""Dates and times that no strptime format reads: weeks, quarters and halves of a year, spreadsheet days, epochs.

Each has a word that stands for its format: `date week`, `date quarter`, `date serial`, `time epoch_ms`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Moments = npt.NDArray[np.datetime64]

PERIODS = {"week": (r"(?:W|KW|CW|wk)", r"[0-5]?\d"), "quarter": ("Q", "[1-4]"), "half": ("H", "[12]")}
"""The sign and the number of each part of a year: 2023-W05, 2023Q1, Q1 2023, H2/2023."""
YEAR = r"(?:19|20)\d\d|2100"
"""Any other is rather a size or a number of a model, as in 1080H1 or 1500W20."""
SHAPES = {
    name: re.compile(
        rf"(?P<year>{YEAR})[-/. ]?{sign} ?(?P<part>{part})|{sign}[- ]?(?P<first>{part})[-/. ]+(?P<last>{YEAR})",
        re.IGNORECASE | re.ASCII,
    )
    for name, (sign, part) in PERIODS.items()
}
MONTHS = {"quarter": 3, "half": 6}
EPOCHS = {"epoch": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
"""What a second has of each."""
SAID = {
    "week": "weeks of a year, each by its Monday",
    "quarter": "quarters of a year, each by its first day",
    "half": "halves of a year, each by its first day",
    "serial": "days as spreadsheets count them",
    "epoch": "seconds since 1970",
    "epoch_ms": "milliseconds since 1970",
    "epoch_us": "microseconds since 1970",
    "epoch_ns": "nanoseconds since 1970",
}
"""Each word, and what it stands for."""
OF_TIME = ("serial", *EPOCHS)
"""The words that may stand for times, not only for dates."""
DAY_NOUGHT = np.datetime64("1899-12-30", "s")
"""Day 0 of spreadsheets, whose day 1 is the first of 1900, from March 1900 on."""
DAY = 86_400
LAST_SECOND, LAST_SERIAL = 253_402_300_799, 2_958_466.0
NOTHING = np.datetime64("NaT", "s")


def read_periods(cells: pa.Array, word: str) -> Moments:
    """The texts as moments in seconds, NaT where one is none of what the word stands for."""
    if word in EPOCHS:
        return _since_1970(cells, EPOCHS[word])
    if word == "serial":
        return _serials(cells)
    return np.array([_first_day(text, word) for text in cells.to_pylist()], dtype="datetime64[s]")


def find_period_words(text: str) -> Iterator[str]:
    """The words for parts of a year that the text may be one of."""
    return (word for word, shape in SHAPES.items() if shape.fullmatch(text))


def _first_day(text: str | None, word: str) -> np.datetime64:
    found = SHAPES[word].fullmatch(text or "")
    if found is None:
        return NOTHING
    year, part = int(found["year"] or found["last"]), int(found["part"] or found["first"])
    if word != "week":
        return np.datetime64(f"{year:04d}-{(part - 1) * MONTHS[word] + 1:02d}-01", "s")
    monday = _first_monday(year) + 7 * (part - 1)
    return np.datetime64(monday * DAY, "s") if part >= 1 and monday < _first_monday(year + 1) else NOTHING


def _first_monday(year: int) -> int:
    """The Monday of the first week of a year, which is that of 4 January (ISO 8601), in days since 1970."""
    fourth = int(np.datetime64(f"{year:04d}-01-04", "D").astype(np.int64))
    return fourth - (fourth + 3) % 7  # the first of 1970 was a Thursday


def _since_1970(cells: pa.Array, of_a_second: int) -> Moments:
    fits = pc.match_substring_regex(cells, r"^-?([0-9]{1,18}|[1-8][0-9]{18})(\.[0-9]*)?$")
    whole = pc.replace_substring_regex(cells, r"\..*$", "")
    counts = pc.if_else(fits, whole, pa.scalar(None, cells.type)).cast(pa.int64())
    seconds = pc.fill_null(counts, -1).to_numpy(zero_copy_only=False) // of_a_second
    known = fits.to_numpy(zero_copy_only=False) & (np.abs(seconds) <= LAST_SECOND)
    return np.where(known, np.where(known, seconds, 0).astype("datetime64[s]"), NOTHING)


def _serials(cells: pa.Array) -> Moments:
    fits = pc.match_substring_regex(cells, r"^[0-9]{1,7}(\.[0-9]*)?$")
    days = pc.if_else(fits, cells, pa.scalar(None, cells.type)).cast(pa.float64()).to_numpy(zero_copy_only=False)
    known = days < LAST_SERIAL
    seconds = np.round(np.where(known, days, 0) * DAY).astype(np.int64).astype("timedelta64[s]")
    return np.where(known, DAY_NOUGHT + seconds, NOTHING)
