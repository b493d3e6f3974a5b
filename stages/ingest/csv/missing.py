"""How people and programs spell a missing value, wherever it stands."""

from __future__ import annotations

WORDS = {
    "na", "n/a", "#n/a", "n.a.", "#na", "null", "(null)", "<null>", "<na>", "nil", "nan", "-nan", "nat", "?", "??",
    "-", "--", "---", "–", "—", ".", "..", "\\n", "blank", "(blank)", "missing", "(missing)", "not available",
    "not applicable", "no data", "nd", "k.a.", "keine angabe", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000",
    "00.00.0000", "#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!",
}  # fmt: skip
"""In lower case."""
