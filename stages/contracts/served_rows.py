"""`reports/predictions.json`: hold-out rows as the real service answered them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from stages.contracts.explanation import Explanation

PATH = Path("reports/predictions.json")


class ServedModel(msgspec.Struct, frozen=True):
    """The model that answered."""

    version: str


class ServedRow(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One row: its number in data/clean.csv, what came, what was asked and answered.

    `kind` is what the prediction turned out to be; `error` is predicted less actual, of a number only.
    """

    row: int
    kind: str
    actual: str | float
    inputs: dict[str, Any]
    prediction: str | float
    warnings: list[str]
    probabilities: dict[str, float] | None = None
    interval: tuple[float, float] | None = None
    error: float | None = None
    explanation: Explanation | None = None


class ServedRows(msgspec.Struct, frozen=True):
    """All of the file."""

    model: ServedModel
    rows: list[ServedRow]
