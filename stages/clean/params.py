"""The section `clean` of params.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from stages.clean.columns.parsing import list_named
from stages.core.params import Params

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Names = list[str] | dict[str, str]


class Join(Params, frozen=True):
    """Columns taken from another table: `on` its key, `columns` its name for each → ours."""

    on: Annotated[list[str], msgspec.Meta(min_length=1)]
    columns: dict[str, str]


class Clean(Params, frozen=True):
    """The section `clean` of params.yaml."""

    table: str
    target: str
    task: Literal["binary", "multiclass", "regression"] | None = None
    positive: str | None = None
    missing: list[str] = []
    missing_in: dict[str, list[str]] = {}
    drop_leaks: Names = []
    drop: Names = []
    ids: Names = []
    key: list[str] = []
    types: dict[str, str] = {}
    dates: dict[str, tuple[str, str, str]] = {}
    define: dict[str, str] = {}
    set_aside: dict[str, str] = {}
    rules: list[str] = []
    max_invalid: Share = 0.001
    rarest_class: Annotated[int, msgspec.Meta(ge=0)] = 0
    drift: Literal["warn", "error"] = "warn"
    joins: dict[str, Join] = {}

    @property
    def spellings(self) -> frozenset[str]:
        """How a missing value is spelled; an empty cell always is one."""
        return frozenset(["", *self.missing])

    def missing_of(self, name: str) -> frozenset[str]:
        """How a missing value is spelled in this column: never as its format spells a value."""
        return self.spellings.union(self.missing_in.get(name, [])) - list_named(self.types.get(name, ""))

    @property
    def gone(self) -> set[str]:
        """The columns that do not reach data/clean.csv."""
        return {*self.drop, *self.drop_leaks} - {self.target}

    def role(self, name: str) -> str:
        """What a column of data/clean.csv is for: the target, an id, or an input."""
        return "target" if name == self.target else "id" if name in self.ids else "input"

    def reason_gone(self, name: str) -> str:
        """Why a column does not reach data/clean.csv."""
        if name in self.drop_leaks:
            return find_reason(self.drop_leaks, name) or "known only afterwards (clean.drop_leaks)"
        return find_reason(self.drop, name) or "not needed (clean.drop)"


def find_reason(names: Names, name: str) -> str:
    """The reason given beside a name, if one is."""
    return names.get(name, "") if isinstance(names, dict) else ""
