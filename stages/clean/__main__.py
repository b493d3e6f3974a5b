"""Clean: typed rows, one for each unit, and every row that was set aside with its reason.

Reads `data/raw/`. Writes `data/clean.csv`, `data/rejected.csv`, `data/schema.json` and `metrics/clean.json`.
Rows in = rows out + rows set aside, always.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from stages.clean.params import Clean
from stages.clean.raw_tables import read_manifest, read_table
from stages.clean.table import clean_table
from stages.contracts import clean_metrics
from stages.core import params, run
from stages.core.files import json_text, write_together
from stages.table import csv_io, schema
from stages.table.schema import SCHEMA

CLEAN = Path("data/clean.csv")
REJECTED_ROWS = Path("data/rejected.csv")


def work() -> None:
    """Clean the main table, with what is joined to it."""
    section = params.load("clean", Clean)
    manifest = read_manifest()
    made = clean_table(section, {name: read_table(name, manifest) for name in (section.table, *section.joins)})
    write_together(
        {
            CLEAN: csv_io.encode_csv(made.rows),
            REJECTED_ROWS: csv_io.encode_csv(made.rejected),
            clean_metrics.PATH: json_text(msgspec.to_builtins(made.metrics)).encode(),
            SCHEMA: schema.encode_schema(made.columns),
        }
    )
    counts = (made.metrics.rows_in, len(made.rows), len(made.rejected))
    logging.info("clean: %s rows in, %s out, %s set aside", *(f"{count:,}" for count in counts))


def main() -> None:
    """`python -m stages.clean`."""
    run.stage("clean", work)


if __name__ == "__main__":
    main()
