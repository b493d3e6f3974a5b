"""Features: what the model sees of each row, and which rows it may learn from.

Reads `data/clean.csv` and `data/schema.json`. Writes `data/features.csv`: the features, the target and `split`, in the
order of the clean rows; and `data/features.json`: how the features are made and the rows split. Nothing is fitted here:
a row's features depend on that row alone.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from stages.core import params, run
from stages.core.files import json_text, write_together
from stages.features.make import make_features
from stages.features.params import Features
from stages.table import csv_io, schema
from stages.transform.definition import DEFINITION
from stages.transform.split import PARTS

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")


def work() -> None:
    """Build the features of all clean rows and split them."""
    section = params.load("features", Features)
    columns = schema.read()
    made, definition = make_features(csv_io.read(CLEAN, columns.types, list(columns.types)), columns, section)
    write_together({FEATURES: csv_io.encode_csv(made), DEFINITION: json_text(msgspec.to_builtins(definition)).encode()})
    part = made[definition.split]
    counts = ", ".join(f"{(part == name).sum():,} {name}" for name in PARTS)
    logging.info("features: %d features, %s rows", len(definition.columns), counts)


def main() -> None:
    """`python -m stages.features`."""
    run.stage("features", work)


if __name__ == "__main__":
    main()
