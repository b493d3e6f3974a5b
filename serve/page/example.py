"""A file to begin with: a few made-up rows of typical values, spelled as data/clean.csv is."""

from __future__ import annotations

import csv
import io
from typing import Any

from serve.page.fields import as_text
from stages.contracts.manifest import InputProfile, Manifest, TrainingProfile

QUANTILES = (5, 2, 8, 4, 6)
"""Which quantiles make a row, the median first; of categories the commonest first."""


def make_example(manifest: Manifest, facts: TrainingProfile) -> str:
    """Return the file: the inputs in the model's order, five rows."""
    profiles = {profile.name: profile for profile in facts.inputs}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(column.name for column in manifest.inputs)
    for row in range(len(QUANTILES)):
        writer.writerow(_pick_cell(profiles[column.name], column.type, row) for column in manifest.inputs)
    return buffer.getvalue()


def _pick_cell(profile: InputProfile, value_type: str, row: int) -> str:
    value: Any = profile.typical
    if value is not None and profile.quantiles:
        value = profile.quantiles[QUANTILES[row]]
    elif value is not None:
        value = profile.shares[row % min(3, len(profile.shares))][0]
    if value is None:
        return ""
    return str(int(value)) if value_type == "integer" else as_text(value)
