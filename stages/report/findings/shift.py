"""Which inputs are missing, and which are other in the hold-out than they were in training."""

from __future__ import annotations

from typing import Literal

import msgspec

from stages.model.psi import MODERATE, STRONG
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ShiftedColumn
from stages.wording.numbers import listed, plural
from stages.wording.vocabulary import inside, sentence, shorten

ROWS = 12
NAMED = 3
Reading = Literal["chance", "small", "moderate", "strong"]


class ShiftedInput(msgspec.Struct, frozen=True):
    """An input's shift with its reading, and the share missing in train and in the hold-out."""

    label: str
    missing: float
    missing_test: float
    psi: float
    reading: Reading


class ReadingBounds(msgspec.Struct, frozen=True):
    """From which shift on it is moderate, and strong."""

    moderate: float = MODERATE
    strong: float = STRONG


class Shift(msgspec.Struct, frozen=True):
    """The inputs with the largest shift or most missing values, of so many that are `notable`: missing somewhere, or
    shifted by more than little.
    """

    title: str
    rows: list[ShiftedInput]
    notable: int
    inputs: int
    strong: int
    bounds: ReadingBounds
    note: str


def shift(inputs: Inputs) -> Shift:
    """Return what is missing and what has shifted."""
    rows = [
        ShiftedInput(inputs.words.label(row.column), row.missing, row.missing_test, row.psi, reading(row))
        for row in inputs.plots.shift
    ]
    strong = [row for row in rows if row.reading == "strong"]
    notable = [row for row in rows if row.reading in ("moderate", "strong") or max(row.missing, row.missing_test)]
    return Shift(
        title=_title(rows, strong),
        rows=sorted(notable, key=lambda row: (-max(row.psi / STRONG, row.missing), row.label))[:ROWS],
        notable=len(notable),
        inputs=len(rows),
        strong=len(strong),
        bounds=ReadingBounds(),
        note=(
            "Shift (PSI): how far the hold-out's values lie from training's; from 0.1 on moderate, from 0.25 on "
            "strong; “chance” where two draws of the same rows would differ as much. A missing value is kept as "
            "missing; the model learns from it."
        ),
    )


def reading(row: ShiftedColumn) -> Reading:
    """chance, small, moderate or strong; chance is what two draws of one population differ by."""
    if row.psi <= row.chance:
        return "chance"
    return "strong" if row.psi >= STRONG else "moderate" if row.psi >= MODERATE else "small"


def _title(rows: list[ShiftedInput], strong: list[ShiftedInput]) -> str:
    names = [shorten(inside(row.label), 24) for row in strong]
    if strong and len(strong) <= NAMED and len(set(names)) == len(names):
        return f"{sentence(listed(names))} shifted strongly before the hold-out"
    if strong:
        return f"{sentence(plural(len(strong), 'input', 'inputs'))} of {len(rows)} shifted strongly before the hold-out"
    if any(max(row.missing, row.missing_test) for row in rows):
        return "No input shifted strongly"
    return "No input is missing, none shifted strongly"
