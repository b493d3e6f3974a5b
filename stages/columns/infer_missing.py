"""Texts and numbers that stand for a missing value: proposed, never assumed where they could be a category."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

WORDS = {
    "na", "n/a", "#n/a", "n.a.", "#na", "null", "(null)", "<null>", "<na>", "nil", "nan", "-nan", "nat", "?", "??",
    "-", "--", "---", "–", "—", ".", "..", "\\n", "blank", "(blank)", "missing", "(missing)", "not available",
    "not applicable", "no data", "nd", "k.a.", "keine angabe", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000",
    "00.00.0000", "#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!",
}  # fmt: skip
"""How people and programs spell a missing value, in lower case."""
PERHAPS = {
    "none", "unknown", "unk", "unspecified", "undefined", "other", "not known", "not specified", "not given",
    "unbekannt", "inconnu", "desconocido",
}  # fmt: skip
"""What means a missing value in a column of numbers or dates, and may well be a category elsewhere."""
NUMBERS = {99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0, -9.0, -99.0, -999.0, -9999.0, -99999.0, -200.0}
FEW = 2
FEW_WORDS, MANY_NUMBERS = 3, 20
"""Distinct texts without and with digits: where there are so few and so many, the few stand for no value."""
STATES = 5
"""Two-letter codes from which a column is taken for one of states, or countries."""


def words(cells: pa.Array, known: set[str]) -> npt.NDArray[np.bool_]:
    """Where a text is one of the known words (in lower case)."""
    found: npt.NDArray[np.bool_] = pc.is_in(
        pc.utf8_lower(cells), value_set=pa.array(sorted(known), cells.type)
    ).to_numpy(zero_copy_only=False)
    return found


def codes(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """Where ND is North Dakota rather than no data: among texts most of which are codes of two letters."""
    pairs = pc.sum(pc.match_substring_regex(cells, "^[A-Z]{2}$")).as_py() or 0
    if pairs < max(STATES, 0.8 * len(cells)):
        return np.zeros(len(cells), dtype=np.bool_)
    found: npt.NDArray[np.bool_] = pc.equal(cells, "ND").to_numpy(zero_copy_only=False)
    return found


def stand_ins(cells: pa.Array) -> npt.NDArray[np.bool_]:
    """The one or few texts without a digit among many with one, such as PrivacySuppressed among amounts."""
    plain = ~pc.match_substring_regex(cells, "[0-9]").to_numpy(zero_copy_only=False)
    return np.asarray(plain & (plain.sum() <= FEW_WORDS) & ((~plain).sum() >= MANY_NUMBERS))


def number(values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> float | None:
    """The distinct value that looks like a code for a missing one: repeated, and far outside all the others."""
    for candidate in sorted(NUMBERS.intersection(values), key=lambda value: (-abs(value), value)):
        others = values[values != candidate]
        count = int(rows[values == candidate].sum())
        if len(others) < FEW or count < FEW:
            continue
        low, high = float(others.min()), float(others.max())
        reach = max(high - low, 1.0)
        if candidate > high + reach or candidate < low - reach or (candidate < -9 and low >= 0):
            return float(candidate)
    return None


def doubtful_number(values: npt.NDArray[np.float64], rows: npt.NDArray[np.int64]) -> str:
    """A sentence where -1 or 0 stands apart from all other values as a missing one would, else an empty one."""
    others = values[values > 0]
    if len(others) < 10:
        return ""
    for code in (-1.0, 0.0):
        below = values[values <= 0]
        count = int(rows[values == code].sum())
        if len(below) != 1 or below[0] != code or count < FEW:
            continue
        middle = float(np.median(np.repeat(others, np.minimum(rows[values > 0], 1000))))
        share = count / int(rows.sum())
        nearest, step = float(others.min()), float(np.median(np.diff(np.sort(others))))
        if code == -1 or (share < 0.5 and nearest > max(0.2 * middle, 3 * step)):  # a count's next is one step away
            return f"{code:g} ({count:,} rows) stands apart from the other values: does it mean missing?"
    return ""
