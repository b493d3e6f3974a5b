"""What a column is, judged by its distinct texts: type and format, with the reason a careful analyst would give."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd

from stages.spellings import inferred


@dataclass(frozen=True)
class Finding:
    """What was found of a column.

    `missing` and `stray` count texts: those proposed as spellings of a missing value, and the few that are no value
    of the type. `doubt` is one sentence, empty where nothing is doubtful.
    """

    kind: str
    format: str = ""
    levels: list[str] = field(default_factory=list)
    missing: dict[str, int] = field(default_factory=dict)
    stray: dict[str, int] = field(default_factory=dict)
    reason: str = ""
    doubt: str = ""

    @property
    def spec(self) -> str:
        """Type and format as `clean.types` of params.yaml takes them."""
        return f"{self.kind} {self.format}".strip()


def found(name: str, counts: pd.Series[int], missing: Collection[str]) -> Finding:
    """What the column is: `counts` gives each distinct stripped text's number of rows.

    `missing` are the spellings of a missing value that are known already.
    """
    texts = pd.Series(counts.index.repeat(counts.to_numpy()), dtype="str")
    kind, reason = inferred(texts, {"", *missing})
    return Finding(kind, reason=reason)
