"""From the text of a cell to its value: one parser for each type, used wherever source spellings are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Values = npt.NDArray[Any]

INTEGER = re.compile(r"[+-]?\d{1,15}", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def _match(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(text)
    return text


def _finite(text: str) -> float:
    value = float(_match(NUMBER, text))
    if not np.isfinite(value):
        raise ValueError(text)
    return value


def _time(text: str) -> np.datetime64:
    stamp = pd.Timestamp(_match(TIME, text))
    return np.datetime64((stamp.tz_convert(None) if stamp.tz else stamp), "s")


NO_TIME = np.datetime64("NaT", "s")
PARSERS: dict[str, tuple[Callable[[str], Any], Any, str]] = {
    "integer": (lambda text: float(_match(INTEGER, text)), np.nan, "float64"),
    "number": (_finite, np.nan, "float64"),
    "date": (lambda text: np.datetime64(_match(DATE, text), "s"), NO_TIME, "datetime64[s]"),
    "time": (_time, NO_TIME, "datetime64[s]"),
    "category": (str, None, "object"),
    "text": (str, None, "object"),
}
"""For each type: how one text is read (ValueError when it is none), what a missing value is, and the dtype."""


def parsed(texts: pd.Series[str], kind: str, missing: Collection[str]) -> tuple[Values, npt.NDArray[np.bool_]]:
    """The cells as values of the type (missing where spelled so), and where a cell is not of the type at all.

    Each distinct text is read once, so that the time goes by distinct values, not by rows.
    """
    parse, absent, dtype = PARSERS[kind]
    codes, distinct = pd.factorize(texts)
    values = np.full(len(distinct), absent, dtype=dtype)
    bad = np.zeros(len(distinct), dtype=bool)
    for position, text in enumerate(distinct):
        stripped = text.strip()
        if stripped in missing:
            continue
        try:
            values[position] = parse(stripped)
        except ValueError:
            bad[position] = True
    return values[codes], bad[codes]


def inferred(texts: pd.Series[str], missing: Collection[str], tolerance: float = 0.05) -> tuple[str, str]:
    """The narrowest type that all cells but a share of `tolerance` have, and the reason in words."""
    counts = texts.str.strip().value_counts()
    counts = counts[~counts.index.isin(list(missing))]
    total = int(counts.sum())
    if not total:
        return "category", "no value in any row"
    texts = counts.index.to_series()
    for kind in ("number", "date", "time"):
        _, bad = parsed(texts, kind, ())
        wrong = int(counts[bad].sum())
        if wrong <= tolerance * total:
            if kind == "number" and not parsed(texts[~bad], "integer", ())[1].any():
                kind = "integer"
            said = f"all {total:,} values are" if not wrong else f"all but {wrong:,} of {total:,} values are"
            return kind, f"{said} of type {kind}"
    return "category", f"{len(counts):,} distinct texts in {total:,} values"
