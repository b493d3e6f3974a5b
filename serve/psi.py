"""The population stability index: how far what is served has moved from what was trained on, as one number.

PSI = Σ (a − e) · ln(a / e) over the bins, with a the share served and e the share of training rows: Kullback and
Leibler's divergence (1951) both ways. The usual reading is below 0.1 stable, below 0.25 moderate, else shifted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

LEAST = 1e-4
"""The share an empty bin is given: with none the index would be infinite."""


def psi(expected: Sequence[float], counted: Sequence[int]) -> float:
    """The index of counts (one row at least) against the shares expected, bin by bin."""
    rows = sum(counted)
    found = 0.0
    for share, count in zip(expected, counted, strict=True):
        had, has = max(share, LEAST), max(count / rows, LEAST)
        found += (has - had) * math.log(has / had)
    return found


def judged(value: float) -> str:
    """The index in a word."""
    if value < 0.1:
        return "stable"
    return "moderate" if value < 0.25 else "shifted"
