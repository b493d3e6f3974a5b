"""What adopt writes is read alike by clean and of rows that are scored: one format for each column, in both."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from proposals import write

from serve.predict import column_match
from stages.adopt import __main__ as adopt
from stages.adopt.params_yaml import ReadAs
from stages.adopt.proposal import Options, find_goal, propose
from stages.clean import rows
from stages.contracts.manifest import Input
from stages.table import csv_io, schema
from stages.table.csv_io import FILE, LINE

DRAW = random.Random(11)
ROWS = 120
COLUMNS = {
    "town": [DRAW.choice(["Berlin", "Berlin", "BERLIN ", "berlin.", "Bonn"]) for _ in range(ROWS)],
    "country": [DRAW.choice(["NA", "ZA", "BW"]) for _ in range(ROWS)],
    "weight": [DRAW.choice([f"{n / 7:.2f} kg", f"{n * 131} g", f"{n * 97} g"]) for n in range(ROWS)],
    "price": [DRAW.choice(["NA", f"{n * 1.7:.2f}"]) for n in range(ROWS)],
    "order_date": [str(45_000 + DRAW.randrange(700)) for _ in range(ROWS)],
    "seen_at": [f"2023{DRAW.randrange(1, 13):02d}05T{DRAW.randrange(24):02d}4500" for _ in range(ROWS)],
    "week": [f"2023-W{DRAW.randrange(1, 53):02d}" for _ in range(ROWS)],
    "ts": [str(1_672_925_100_123 + n * 86_400_321) for n in range(ROWS)],
    "answer": [DRAW.choice(["Yes", "YES", "No", "No", " no"]) for _ in range(ROWS)],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the table was adopted and the first stages ran."""
    made: Path = tmp_path_factory.mktemp("read")
    (made / "data/source").mkdir(parents=True)
    path = write(made / "data/source/t.csv", COLUMNS)
    profile, _ = adopt.profile_files([path], [], "", made)
    options = Options("answer")
    reading = ReadAs(["t.csv"], [])
    adopt.try_split(made, propose("t", profile, options), reading, lambda fewest: find_goal(profile, options, fewest))
    return made


def test_every_form_of_a_cell_becomes_its_value(folder: Path) -> None:
    with contextlib.chdir(folder):
        found = schema.read()
        table = csv_io.read(Path("data/clean.csv"), found.types)

    assert (found.task, found.target.classes) == ("binary", ["No", "Yes"])
    assert table["town"].tolist() == [text.strip(" .").title() for text in COLUMNS["town"]]
    assert table["country"].tolist() == COLUMNS["country"]
    assert table["price"].isna().tolist() == [text == "NA" for text in COLUMNS["price"]]
    grams = [float(text.split()[0]) * (1000 if text.endswith("kg") else 1) for text in COLUMNS["weight"]]
    np.testing.assert_allclose(table["weight"], grams)
    assert {column.name: column.format for column in found.columns}["weight"] == "1234.5 g, kg"
    assert {name: found.types[name] for name in ("order_date", "seen_at", "week", "ts")} == {
        "order_date": "date", "seen_at": "time", "week": "date", "ts": "time",
    }  # fmt: skip
    assert (table["week"].dt.day_of_week == 0).all()


@pytest.mark.parametrize("source", ["data/raw/t.csv", "data/clean.csv"])
def test_rows_that_are_scored_are_read_as_clean_read_them(folder: Path, source: str) -> None:
    # Given the sources, or the clean table itself, as texts
    with contextlib.chdir(folder):
        found = schema.read()
        clean = schema.to_arrays(csv_io.read(Path("data/clean.csv"), found.types), found.types)
        block = csv_io.read_text(Path(source))[0].to_pandas().assign(**{FILE: source})
    inputs = [Input(column.name, column.type, column.nullable, levels=column.levels) for column in found.inputs]  # type: ignore[arg-type]
    reading = column_match.match_columns(found.reading, inputs, block.columns, {}).reading
    texts = {name: csv_io.pa.array(block[name], csv_io.pa.string()) for name in reading.columns}
    assert column_match.is_clean(reading, texts) == (source == "data/clean.csv")
    if source == "data/clean.csv":
        reading = column_match.respell_as_clean(reading)
    # When they are read as rows to be scored are
    read, broken = rows.type_inputs(block, rows.plan_reading(reading))
    # Then each cell is the clean one
    assert broken["reason"].isna().all()
    for column in found.inputs:
        pd.testing.assert_series_equal(pd.Series(read[column.name]), pd.Series(clean[column.name]), check_names=False)


def test_a_label_in_a_spelling_that_was_never_seen_is_that_label(folder: Path) -> None:
    with contextlib.chdir(folder):
        found = schema.read()
    row = {name: texts[0] for name, texts in COLUMNS.items()} | {"town": " bERLIN", FILE: "x", LINE: 2}

    read, _ = rows.type_inputs(pd.DataFrame([row]), rows.plan_reading(found.reading))

    assert read["town"].tolist() == ["Berlin"]
