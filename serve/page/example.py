"""A file to begin with: a few made-up rows of typical values, spelled as data/clean.csv is."""

from __future__ import annotations

import csv
import io
from typing import Any

from serve.page.fields import as_text
from stages.contracts.manifest import InputProfile, Manifest, TrainingProfile

PLACES = (5, 2, 8, 4, 6)
"""Which quantiles make a row, the median first; of categories the commonest first."""


def text(manifest: Manifest, facts: TrainingProfile) -> str:
    """The file: the inputs in the model's order, five rows."""
    seen = {one.name: one for one in facts.inputs}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in manifest.inputs)
    for row in range(len(PLACES)):
        writer.writerow(_cell(seen[column.name], column.type, row) for column in manifest.inputs)
    return out.getvalue()


def _cell(seen: InputProfile, kind: str, row: int) -> str:
    value: Any = seen.typical
    if value is not None:
        value = seen.quantiles[PLACES[row]] if seen.quantiles else seen.shares[row % min(3, len(seen.shares))][0]
    if value is None:
        return ""
    return str(int(value)) if kind == "integer" else as_text(value)
