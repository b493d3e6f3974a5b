"""`metrics/clean.json`: what became of the rows that came in."""

from __future__ import annotations

from pathlib import Path

import msgspec

PATH = Path("metrics/clean.json")


class Joined(msgspec.Struct, frozen=True):
    """Rows that found their row in a joined table, and those that found none."""

    matched: int
    unmatched: int


class CleanMetrics(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows in are rows out and rows set aside, by reason. `missing` is the share of each input that has some missing,
    `drift` how files differ from the others.
    """

    rows_in: int
    rows_out: int
    set_aside: dict[str, int]
    joins: dict[str, Joined]
    missing: dict[str, float]
    drift: list[str] = []
