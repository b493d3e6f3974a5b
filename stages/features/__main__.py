"""Features: what the model sees of each row, and which rows it may learn from.

Reads `data/clean.csv` and `data/schema.json`. Writes `data/features.csv`: the features, the target and `split`, in the
order of the clean rows; and `data/features.json`: how the features are made. Nothing is fitted here: a row's features
depend on that row alone.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pandas as pd

from stages.core import params, run
from stages.core.files import json_text, write_together
from stages.features.split import Split, check, parts
from stages.table import csv_io, schema
from stages.transform.definition import DEFINITION, Derivation, build, definition_of

CLEAN = Path("data/clean.csv")
FEATURES = Path("data/features.csv")


class Features(params.Params, frozen=True):
    """The section `features` of params.yaml."""

    split: Split
    derive: list[Derivation] = []
    drop: list[str] = []


def work() -> None:
    """Build the features of all clean rows and split them."""
    section = params.load("features", Features)
    columns = schema.read()
    definition = definition_of(columns.inputs, section.derive, section.drop, columns.target.name)
    rows = csv_io.read(CLEAN, columns.types, list(columns.types))
    part = parts(rows, section.split, columns.key or [column.name for column in columns.inputs])
    check(part, rows[columns.target.name], is_class=columns.task != "regression")
    built = build(rows[[column.name for column in columns.inputs]], columns.types, definition)
    added = pd.DataFrame({columns.target.name: rows[columns.target.name], definition.split: part})
    made = pd.concat([built, added], axis=1)
    write_together({FEATURES: csv_io.content(made), DEFINITION: json_text(msgspec.to_builtins(definition)).encode()})
    counts = ", ".join(f"{(part == name).sum():,} {name}" for name in ("train", "validation", "test"))
    logging.info("features: %d features, %s rows", len(definition.columns), counts)


def main() -> None:
    """`python -m stages.features`."""
    run.stage("features", work)


if __name__ == "__main__":
    main()
