"""A file that differs from the others of its table is told with column and examples; seasons and chance are not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from small import DATA

from stages.clean.columns import file_drift
from stages.clean.columns.inference import infer_column
from stages.clean.raw_tables import Texts
from stages.table.csv_io import FILE, LINE

MISSING = ["", "NA"]
Change = Callable[[pd.DataFrame], pd.DataFrame]


def people(seed: int, rows: int = 200) -> pd.DataFrame:
    """A file of people, as text."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": [str(seed * rows + row) for row in range(rows)],
            "weight": [f"{value:.1f}" for value in random.normal(70, 12, rows)],
            "fever": [f"{value:.1f}" for value in random.normal(37, 1, rows)],
            "sex": random.choice(["Female", "Male"], rows),
            "day": pd.date_range("2013-01-01", periods=rows).strftime("%Y-%m-%d"),
            "month": str(seed + 1),
        },
        dtype="str",
    )


def told(files: dict[str, pd.DataFrame]) -> list[str]:
    """What is said of files that are one table."""
    whole = pd.concat([frame.assign(**{FILE: file, LINE: 2}) for file, frame in files.items()], ignore_index=True)
    texts = Texts(whole)
    kinds = {name: infer_column(name, texts.counts(name), MISSING).spec for name in texts.columns}
    return file_drift.find_differences({name: texts.by_file(name) for name in texts.columns}, kinds, lambda _: MISSING)


def times(column: str, factor: float, plus: float = 0.0) -> Change:
    return lambda frame: frame.assign(**{column: (frame[column].astype(float) * factor + plus).round(5).astype("str")})


def renamed(old: str, new: str) -> Change:
    return lambda frame: frame.assign(sex=frame["sex"].replace(old, new))


CHANGES: list[tuple[Change, str]] = [
    (times("weight", 2.2046), "column 'weight' has a median of .* 2.20462 times as much, kilograms and pounds?"),
    (times("weight", 10), "column 'weight' has a median of .*: 10 times as much"),
    (times("weight", 0.001), "column 'weight' has a median of .*: 1/1000 of it"),
    (times("fever", 1.8, 32), "column 'fever' has a median of .*: degrees Fahrenheit and Celsius?"),
    (
        renamed("Female", "Femal"),
        r"column 'sex' has categories that no other file has: 'Femal' \(\d+ rows; did you mean",
    ),
    (renamed("Female", "female"), "did you mean 'Female'"),
    (
        lambda frame: frame.assign(sex=frame["sex"].str[:1]),
        "column 'sex' has categories that no other file has: '[FM]'",
    ),
    (
        lambda frame: frame.assign(weight=frame["weight"].str.replace(".", ",")),
        "column 'weight' holds numbers written like 1234,5 such as .* where the other files hold numbers",
    ),
    (lambda frame: frame.assign(weight="heavy"), "column 'weight' holds texts such as 'heavy' where .* hold numbers"),
    (
        lambda frame: frame.assign(day=frame["day"].str.replace(r"(....)-(..)-(..)", r"\3.\2.\1", regex=True)),
        r"column 'day' holds dates written like %d\.%m\.%Y such as .* where the other files hold dates",
    ),
    (lambda frame: frame.assign(sex=frame["sex"].where(frame.index % 2 == 0, "")), "column 'sex' is missing in 50%"),
    (lambda frame: frame.assign(fever=""), "column 'fever' is missing in 100% of the rows, in the other files in 0%"),
]


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
@pytest.mark.parametrize("files", [2, 4])
def test_a_file_that_differs_is_named_with_column_and_reason(change: Change, sentence: str, files: int) -> None:
    # Given some files alike and a last one that differs in one column
    table = {f"{seed}.csv": people(seed) for seed in range(files - 1)}
    table["new.csv"] = change(people(files))

    # Then it is told, and nothing else is
    (said,) = told(table)
    assert said.startswith("new.csv: ")
    pd.testing.assert_series_equal(pd.Series([said]).str.contains(sentence), pd.Series([True]))


def test_numbers_that_no_other_file_comes_near_are_asked_about() -> None:
    table = {f"{seed}.csv": people(seed) for seed in range(3)} | {"new.csv": times("weight", 1, 1000)(people(4))}

    (said,) = told(table)

    assert "new.csv: column 'weight' goes from 1,0" in said


@pytest.mark.parametrize("files", [1, 2, 5])
def test_files_alike_are_not_told_nor_growing_ids_and_one_month_each(files: int) -> None:
    assert told({f"{seed}.csv": people(seed) for seed in range(files)}) == []


def test_a_file_of_a_few_rows_says_nothing() -> None:
    assert told({"a.csv": people(0), "b.csv": people(1), "c.csv": people(2, rows=5).assign(weight="x")}) == []


@pytest.mark.parametrize("table", ["flights", "weather"])
def test_the_months_of_a_year_are_no_drift(table: str) -> None:
    # Given twelve months of flights, and of weather with its seasons
    rows = pd.concat([pd.read_csv(path, dtype="str", keep_default_na=False) for path in DATA.glob(f"{table}*.csv.gz")])

    # Then none of them is told of
    assert told({f"{month}.csv": rows[rows["month"] == str(month)] for month in range(1, 13)}) == []


def test_another_spelling_of_a_label_is_told_unless_the_type_names_it() -> None:
    files = {
        file: counted(*texts)
        for file, texts in {"a": ["Ulm", "Bonn"], "b": ["Ulm", "Bonn"], "c": ["ULM", "Bonn"]}.items()
    }

    for kind, said in (("category", 1), ("category Ulm = ULM", 0)):
        assert len(file_drift.find_differences({"town": files}, {"town": kind}, lambda _: MISSING)) == said


def counted(*texts: str) -> pd.Series[int]:
    """Twenty rows of each text."""
    return pd.Series(20, index=pd.Index(texts, dtype="str"))
