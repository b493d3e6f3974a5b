"""Files of one table that differ from each other: another type, another unit, other categories, more missing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pandas as pd


def differences(
    counts: Mapping[str, Mapping[str, pd.Series[int]]],
    kinds: Mapping[str, str],
    missing_of: Callable[[str], Collection[str]],
) -> list[str]:
    """A sentence for each file and column that differ."""
    return []
