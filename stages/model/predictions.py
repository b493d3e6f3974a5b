"""The names of the columns of data/predictions.csv and data/out_of_fold.csv."""

from __future__ import annotations

OURS = frozenset({"row", "key", "repeat", "fold", "probability", "prediction", "low", "high", "baseline", "champion"})
CHANCE = "probability_"
"""What the columns of the classes' probabilities begin with."""


def name_actual(target: str) -> str:
    """The column of what came: named as the target, or after it where another column of the file has that name."""
    return f"actual_{target}" if target in OURS or target.startswith(CHANCE) else target
