"""Section 4: what is done with an answer: from which risk on to warn, when to abstain, how far off is near enough."""

from __future__ import annotations

from typing import Literal

import msgspec

from stages.report.findings.plots import ModelName


class Cell(msgspec.Struct, frozen=True):
    """Some of a thousand rows, that one thing became of."""

    cell: Literal["tp", "fn", "fp", "tn", "first", "second", "wrong"]
    name: str
    rows: float


class ModelRows(msgspec.Struct, frozen=True):
    """What becomes of a thousand rows by a model."""

    model: ModelName
    name: str
    parts: list[Cell]


class ClassRows(msgspec.Struct, frozen=True):
    """How many of them are of one of two classes."""

    rows: int
    name: str


class Thousand(msgspec.Struct, frozen=True, omit_defaults=True):
    """What becomes of a thousand rows by each model; of two classes, how many are of either."""

    title: str
    about: str
    models: list[ModelRows]
    positive: ClassRows | None = None
    negative: ClassRows | None = None


class DecisionRule(msgspec.Struct, frozen=True, kw_only=True):
    """What section 4 shows of every task; what it shows of one alone stands in its own kind."""

    title: str
    lead: str
    thousand: Thousand | None
    curve_title: str
    curve_about: str
