"""What tells a row from others, and is the same in every version of the table that holds it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Texts = npt.NDArray[np.object_]
Codes = npt.NDArray[np.int64]
DIGITS = 16
"""Hexadecimal digits of a key: two of a million rows are alike once in some ten million tables."""


def name_rows(rows: pd.DataFrame, key: list[str], inputs: list[str]) -> Texts:
    """Return a hash for each row of the values of its key; without one, of its inputs and how many such were before."""
    codes, texts = spell_rows(rows[key or inputs])
    if not key:
        codes, texts = tell_apart(codes, texts)
    hashed = [hashlib.blake2b(text.encode(), digest_size=DIGITS // 2).hexdigest() for text in texts]
    return np.array(hashed, dtype=object)[codes]


def spell_rows(columns: pd.DataFrame) -> tuple[Codes, Texts]:
    """Return for each row (rows,) the place of its text among those that differ, and these."""
    import pandas as pd

    codes, distinct = pd.factorize(pd.MultiIndex.from_frame(columns.apply(_spell)))
    return codes, np.array(["\x1f".join(values) for values in distinct], dtype=object)


def tell_apart(codes: Codes, texts: Texts) -> tuple[Codes, Texts]:
    """Return the same with a text of its own for the second of rows that are alike, and so on."""
    import pandas as pd

    again = pd.Series(codes).groupby(codes).cumcount().to_numpy()
    codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([codes, again]))
    return codes, np.array([f"{texts[code]}\x1e{nth}" if nth else texts[code] for code, nth in pairs], dtype=object)


def _spell(column: pd.Series[Any]) -> pd.Series[str]:
    """Each value as text. (pandas spells a date with or without its time depending on the others in the column.)"""
    if hasattr(column, "dt"):
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return column.astype("str").fillna("")
