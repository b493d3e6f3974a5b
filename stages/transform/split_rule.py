"""How rows are split: what params.yaml asks for (`Split`), and what that came to on a table (`SplitRule`)."""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Literal

import msgspec

from stages.core.params import Params

Share = Annotated[float, msgspec.Meta(gt=0, lt=1)]
PERIODS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
"""What a window is counted in, and what pandas calls it."""
COUNTED = rf"([1-9]\d{{0,3}}) ({'|'.join(PERIODS)})s?"
WINDOWS = {"test": (f"last {COUNTED}", "last 2 months"), "validation": (f"{COUNTED} before", "2 months before")}
"""How each window is written, and an example."""


class Split(Params, frozen=True):
    """How rows are split: by `time`, or by the `hash` of the key or the `group`.

    By time, either at two fixed dates (`validation_from`, `test_from`), or by windows that move with the newest row:
    calendar periods (`test: last 2 months`, `validation: 2 months before`, the newest row's own the last of them) or
    shares of the rows, in whole days. By hash in shares: without a key the hash is that of a row's inputs, so that
    rows alike are on one side (`repeats: together`). Where the inputs have few values to combine, that leaves few
    hashes: with `apart` the second of two equal rows has its own. Another `salt` is another draw of the same kind.
    """

    by: Literal["time", "hash", "group"]
    column: str = ""
    validation_from: datetime.date | None = None
    test_from: datetime.date | None = None
    validation: Share | str = 0.15
    test: Share | str = 0.2
    salt: Annotated[int, msgspec.Meta(ge=0)] = 0
    repeats: Literal["together", "apart"] = "together"

    def __post_init__(self) -> None:
        if self.by != "time" and (self.validation_from or self.test_from):
            raise ValueError(f"dates say nothing where rows are split by {self.by}")
        if (self.validation_from is None) != (self.test_from is None):
            raise ValueError("give both validation_from and test_from, or neither and let the windows move")
        for name, (pattern, example) in WINDOWS.items():
            window = getattr(self, name)
            if not isinstance(window, str):
                continue
            if not re.fullmatch(pattern, window):
                raise ValueError(f"{name}: '{window}' is neither a share of the rows (0.2) nor written as '{example}'")
            if self.by != "time" or self.test_from:
                why = "the dates are fixed" if self.test_from else f"rows are split by {self.by}"
                raise ValueError(f"{name}: '{window}' says nothing where {why}")


class SplitRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """A split as a table got it: the dates that the windows came to, and the columns whose values are hashed.

    It gives each row the part it had, also in a table to which rows were added at the end. `types` are those of the
    columns that decide: of other types the same values are other texts.
    """

    split: Split
    key: list[str] = []
    types: dict[str, str] = {}
    validation_from: datetime.date | None = None
    test_from: datetime.date | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that decide on a row's part."""
        return self.key if self.split.by == "hash" else [self.split.column]
