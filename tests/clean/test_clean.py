"""The whole stage on small tables: rows in = rows out + rows set aside, each with its reason."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import small
import snapshot
import yaml
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from trips import SECTION

from stages.clean import __main__ as clean
from stages.clean.raw_tables import read_manifest, read_table
from stages.clean.rows import plan_reading, type_inputs
from stages.core.errors import DataError, ParamsError, PipelineError
from stages.core.files import read_json
from stages.ingest import __main__ as ingest
from stages.table import csv_io, schema

HEADER = "year,month,day,number,car,delay,distance\n"
CARS = "car,year,seats\nN1,1999,5\nN2,NA,7\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data/source").mkdir(parents=True)
    return tmp_path


def good(count: int, start: int = 0) -> str:
    """So many good rows, half of them late."""
    return "".join(f"2013,1,{n % 28 + 1},{n},N{n % 3 + 1},{n % 2 * 20},1.5\n" for n in range(start, start + count))


def run(*trips: str, cars: str = CARS, **changes: Any) -> dict[str, Any]:
    """Ingest and clean the trips (a text for each file) and the cars; metrics/clean.json."""
    source = Path("data/source")
    for number, text in enumerate(trips, 1):
        (source / f"trips-{number}.csv").write_text(text, encoding="utf-8")
    (source / "cars.csv").write_text(cars, encoding="utf-8")
    sections = {
        "ingest": {"tables": {"trips": ["trips-*.csv"], "cars": ["cars.csv"]}},
        "clean": {**SECTION, "max_invalid": 1.0, **changes},
    }
    Path("params.yaml").write_text(yaml.safe_dump(sections, sort_keys=False), encoding="utf-8")
    ingest.work()
    clean.work()
    found: dict[str, Any] = read_json(Path("metrics/clean.json"))
    assert found["rows_in"] == found["rows_out"] + sum(found["set_aside"].values())
    return found


def rejected() -> list[tuple[str, ...]]:
    """The rows of data/rejected.csv."""
    with Path("data/rejected.csv").open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def cleaned() -> pd.DataFrame:
    return csv_io.read(Path("data/clean.csv"), schema.read().types)


@pytest.mark.usefixtures("folder")
def test_a_table_is_typed_joined_and_counted() -> None:
    metrics = run(HEADER + good(6))

    assert metrics == {
        "rows_in": 6,
        "rows_out": 6,
        "set_aside": {},
        "joins": {"cars": {"matched": 4, "unmatched": 2}},
        "missing": {"built": 0.666667, "seats": 0.333333},
    }
    assert Path("data/clean.csv").read_text().splitlines()[:3] == [
        "date,number,car,distance,built,seats,late",
        "2013-01-01,0,N1,1.5,1999,5,no",
        "2013-01-02,1,N2,1.5,,7,yes",
    ]
    assert [
        (column.name, column.type, column.role, column.nullable, column.source) for column in schema.read().columns
    ] == [
        ("date", "date", "input", False, "trips"),
        ("number", "integer", "id", False, "trips"),
        ("car", "category", "input", False, "trips"),
        ("distance", "number", "input", False, "trips"),
        ("built", "integer", "input", True, "cars"),
        ("seats", "integer", "input", True, "cars"),
        ("late", "category", "target", False, "trips"),
    ]
    assert schema.read().target.negative == "no"


@pytest.mark.usefixtures("folder")
def test_every_row_set_aside_is_named_with_file_line_and_reason() -> None:
    first = HEADER + '2013,1,1,100,"N1\n\nx",20,1\n\n2013,1,1,101,N1,NA,1\n2013,1,1,102,N1\n2013,1,1,103,N1,NA,1\n'
    second = HEADER + "2013,2,30,104,N1,1,1\n" + good(4) + "2013,1,1,3,N2,1,1\n2013,1,1,105,N1,1,-1\n"

    metrics = run(first, second)

    assert metrics["rows_in"] == 11
    assert metrics["rows_out"] == 5
    assert rejected() == [
        ("trips-1.csv", "6", "delay", "", "cancelled"),
        ("trips-1.csv", "7", "", "2013,1,1,102,N1", "5 fields where the header has 7"),
        ("trips-1.csv", "8", "delay", "", "cancelled"),
        ("trips-2.csv", "2", "date", "2013-2-30", "no such date"),
        ("trips-2.csv", "7", "number", "3.0", "the key stands in an earlier row already"),
        ("trips-2.csv", "8", "distance", "-1", "rule not met: distance > 0"),
    ]


@pytest.mark.usefixtures("folder")
def test_text_in_a_number_column_is_an_error_above_the_limit_and_set_aside_below() -> None:
    table = HEADER + good(40) + "2013,1,1,99,N1,20,far\n"

    with pytest.raises(
        DataError,
        match=r"1 of 41 rows are invalid \(2.44%; clean.max_invalid allows 1.00%\). "
        r"distance is not of type number \(1\), first in trips-1.csv, line 42, column distance: 'far'",
    ):
        run(table, max_invalid=0.01)
    assert not Path("data/clean.csv").exists()

    run(table, max_invalid=0.03)
    assert rejected() == [("trips-1.csv", "42", "distance", "far", "distance is not of type number")]


@pytest.mark.usefixtures("folder")
def test_text_where_a_delay_should_be_is_no_cancelled_trip() -> None:
    run(HEADER + good(40) + "2013,1,1,99,N1,late,1\n")

    assert rejected() == [("trips-1.csv", "42", "delay", "late", "delay is not of type integer")]


@pytest.mark.usefixtures("folder")
def test_a_doubled_key_of_a_joined_table_names_both_lines() -> None:
    with pytest.raises(
        DataError, match=r"cars.csv, line 5: the key car = N1 stands there again, after line 2 of cars.csv"
    ):
        run(HEADER + good(4), cars=CARS + "N3,2000,4\nN1,2001,4\n")


@pytest.mark.parametrize(
    ("cars", "message"),
    [
        (CARS + "N3,2000\n", r"cars.csv, line 4: 'N3,2000' \(2 fields where the header has 3\)"),
        (
            CARS + "".join(f"X{n},2000,4\n" for n in range(30)) + "N3,2000,many\n",
            "cars.csv, line 34, column seats: 'many'",
        ),
        ("car,years,seats\nN1,1999,5\n", r"clean.joins.cars: no column 'year'. Did you mean 'years'\?"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_joined_table_must_be_whole(cars: str, message: str) -> None:
    with pytest.raises((DataError, ParamsError), match=message):
        run(HEADER + good(4), cars=cars)


@pytest.mark.parametrize("table", ["tripz", "trip"])
@pytest.mark.usefixtures("folder")
def test_a_table_that_ingest_does_not_know_is_named(table: str) -> None:
    with pytest.raises(ParamsError, match=f"ingest.tables has no table '{table}'. Did you mean 'trips'"):
        run(HEADER + good(4), table=table)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"define": {"late": "delay > 99"}}, "the target late has the classes no in 6 rows; two are needed"),
        ({"positive": "late"}, "has the classes no, yes in 6 rows; two are needed, one of them 'late'"),
        ({"target": "car", "positive": "N1", "define": {}}, "has the classes N1, N2, N3 in 6 rows"),
        ({"set_aside": {"all": "distance > 0"}}, "no row of 6 is left"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_target_without_two_classes_is_an_error(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        run(HEADER + good(6), **changes)


@pytest.mark.usefixtures("folder")
def test_a_target_of_0_and_1_keeps_its_names() -> None:
    table = "a,b,won\n" + "".join(f"{n},{n},{n % 2}\n" for n in range(6))
    minimal = {name: type(value)() for name, value in SECTION.items()}

    run(table, **{**minimal, "table": "trips", "target": "won", "positive": "1"})

    assert schema.read().target.classes == ["0", "1"]
    assert cleaned()["won"].tolist() == ["0", "1"] * 3


@pytest.mark.usefixtures("folder")
def test_a_table_may_have_columns_named_file_and_line() -> None:
    table = "file,line,won\n" + "".join(f"f{n},{n},{n % 2}\n" for n in range(4))
    minimal = {name: type(value)() for name, value in SECTION.items()}

    run(table, **{**minimal, "table": "trips", "target": "won", "positive": "1"})

    assert cleaned()["line"].tolist() == [0, 1, 2, 3]


@pytest.mark.usefixtures("folder")
def test_an_empty_cell_is_missing_even_where_params_do_not_say_so() -> None:
    run(HEADER + good(6) + "2013,1,1,99,,20,\n", missing=["NA"], rules=[])

    assert cleaned().iloc[-1][["car", "distance"]].isna().all()


@pytest.mark.usefixtures("folder")
def test_months_with_columns_in_another_order_are_one_table() -> None:
    names = HEADER.strip().split(",")
    other = ["distance", *names[:-1]]
    rows = [dict(zip(names, line.split(","), strict=True)) for line in good(3, start=3).splitlines()]

    run(HEADER + good(3), ",".join(other) + "\n" + "".join(",".join(row[n] for n in other) + "\n" for row in rows))
    mixed = Path("data/clean.csv").read_bytes()
    Path("data/source/trips-2.csv").unlink()
    run(HEADER + good(6))

    assert Path("data/clean.csv").read_bytes() == mixed


@pytest.mark.usefixtures("folder")
def test_the_blocks_size_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = HEADER + good(20) + "2013,1,1,99,N1,20,far\n" + good(3, 30) + "2013,1,1,30,N9,NA,1\n"
    run(table)
    whole = outputs()

    for size in (1, 2, 7, random.Random(7).randrange(3, 23)):
        monkeypatch.setattr("stages.clean.table.BLOCK_ROWS", size)
        clean.work()
        assert outputs() == whole


def outputs() -> list[bytes]:
    paths = ["data/clean.csv", "data/rejected.csv", "data/schema.json", "metrics/clean.json"]
    return [Path(path).read_bytes() for path in paths]


cells = st.sampled_from(["1", "2", "28", "NA", "", "x", "1.5", "-1", "2013", '"two\nlines"', "1,2"])


@examples(30)
@given(st.lists(st.lists(cells, min_size=7, max_size=7), max_size=8))
def test_no_row_is_lost_or_made_whatever_the_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("dirty")
    (folder / "data/source").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        metrics = run(HEADER + good(90) + "".join(",".join(row) + "\n" for row in rows))

        assert metrics["rows_in"] == 90 + len(rows)
        assert metrics["rows_out"] == len(cleaned())
        assert sum(metrics["set_aside"].values()) == len(rejected())


def test_what_is_known_only_afterwards_reaches_no_input_and_no_feature(ran: Path) -> None:
    leaks = {"dep_time", "dep_delay", "arr_time", "air_time", "arr_delay"}

    columns = schema.read(ran / "data/schema.json").columns
    header = (ran / "data/clean.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    features = (ran / "data/features.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")

    assert leaks.isdisjoint(column.name for column in columns)
    assert leaks.isdisjoint(header)
    assert leaks.isdisjoint(features)
    assert {column.name for column in columns if column.role == "id"} == {"hour", "time_hour", "flight", "tailnum"}


def test_the_real_flights_lose_no_row(ran: Path) -> None:
    metrics = read_json(ran / "metrics/clean.json")
    files = read_json(ran / "data/raw/manifest.json")["files"]

    assert metrics["rows_in"] == sum(entry["rows"] for entry in files if entry["table"] == "flights")
    assert metrics["rows_in"] == metrics["rows_out"] + sum(metrics["set_aside"].values())
    assert set(metrics["set_aside"]) == {"cancelled", "diverted, no arrival delay known"}


def test_a_failure_is_one_message_an_exit_code_and_the_old_outputs(copy: Any) -> None:
    folder = copy()
    before = [(folder / name).read_bytes() for name in ("data/clean.csv", "data/schema.json", "metrics/clean.json")]
    small.edit(folder / "params.yaml", "  max_invalid:", "  max_invalids:")

    done = small.stage(folder, "clean")

    assert done.returncode == 1
    assert "clean failed: params.yaml: clean: unknown key 'max_invalids'. Did you mean 'max_invalid'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert [
        (folder / name).read_bytes() for name in ("data/clean.csv", "data/schema.json", "metrics/clean.json")
    ] == before


PEOPLE = {
    "id": lambda n: str(n),
    "income (€)": lambda n: f"{n + 1}.500,50",
    "smoker": lambda n: "ja" if n % 3 else "Nein",
    "size": lambda n: ["S", "M", "L"][n % 3],
    "born": lambda n: f"{n % 28 + 1:02d}.{n % 12 + 1:02d}.1980",
    "zip": lambda n: f"0{n % 7}123",
    "copy": lambda n: f"{n}",
    "outcome": lambda n: ["2", "10", "1"][n % 3],
}
MINIMAL: dict[str, Any] = {"table": "people", "target": "outcome", "max_invalid": 1.0}


def people(count: int = 60, **changes: Any) -> list[dict[str, str]]:
    """Rows of people, some columns made in another way."""
    return [{name: make(n) for name, make in {**PEOPLE, **changes}.items()} for n in range(count)]


def clean_people(*files: list[dict[str, str]], **changes: Any) -> schema.Schema:
    """Ingest and clean the rows (a list for each file); the schema."""
    for number, rows in enumerate(files, 1):
        pd.DataFrame(rows).to_csv(Path(f"data/source/people-{number}.csv"), sep=";", index=False)
    sections = {"ingest": {"tables": {"people": ["people-*.csv"]}}, "clean": {**MINIMAL, **changes}}
    Path("params.yaml").write_text(yaml.safe_dump(sections, sort_keys=False), encoding="utf-8")
    ingest.work()
    clean.work()
    metrics = read_json(Path("metrics/clean.json"))
    assert metrics["rows_in"] == metrics["rows_out"] + sum(metrics["set_aside"].values()) == sum(map(len, files))
    return schema.read()


@pytest.mark.usefixtures("folder")
def test_a_table_with_only_a_target_named_is_typed_with_reasons() -> None:
    made = clean_people(people(), drop={"copy": "the same as id"}, ids={"id": "a number for each person"})

    assert {column.name: (column.type, column.format) for column in made.columns} == {
        "id": ("integer", ""),
        "income (€)": ("number", "1.234,5"),
        "smoker": ("boolean", "ja/nein"),
        "size": ("ordinal", "XXS < XS < S < M < L < XL < XXL < XXXL"),
        "born": ("date", "%d.%m.%Y"),
        "zip": ("category", ""),
        "outcome": ("category", ""),
    }
    assert all(column.reason for column in made.columns)
    assert made.columns[0].reason == "a number for each person; all 60 values are whole numbers, 0 to 59"
    assert [(one.name, one.reason) for one in made.left_out] == [("copy", "the same as id")]
    assert (made.task, made.target.classes, made.target.positive) == ("multiclass", ["1", "2", "10"], None)
    assert Path("data/clean.csv").read_text().splitlines()[:3] == [
        "id,income (€),smoker,size,born,zip,outcome",
        "0,1500.5,false,S,1980-01-01,00123,2",
        "1,2500.5,true,M,1980-02-02,01123,10",
    ]
    assert str(cleaned()["smoker"].dtype) == "boolean"


@pytest.mark.usefixtures("folder")
def test_the_schema_tells_how_the_inputs_sources_are_read() -> None:
    made = clean_people(
        people(smoker=lambda n: "?" if n == 5 else PEOPLE["smoker"](n)),
        ids=["id"],
        drop_leaks=["copy"],
        missing=["NA"],
        missing_in={"smoker": ["?"]},
    )

    assert set(made.reading.columns) == {"income (€)", "smoker", "size", "born", "zip"}
    assert made.reading.columns["smoker"] == schema.SourceColumn("boolean", "ja/nein", [], ["?"])
    assert made.reading.missing == ["NA"]
    # And rows read so are the clean ones
    main = read_table("people", read_manifest()).rows
    columns, broken = type_inputs(main, plan_reading(made.reading))
    assert broken["reason"].isna().all()
    expected = schema.to_arrays(cleaned(), made.types)
    for name in made.reading.columns:
        np.testing.assert_array_equal(columns[name], expected[name])


@pytest.mark.usefixtures("folder")
def test_what_dates_joins_and_definitions_are_made_of_is_among_what_is_read() -> None:
    run(HEADER + good(6))

    reading = schema.read().reading

    assert set(reading.columns) == {"year", "month", "day", "car", "distance"}
    assert (reading.dates, reading.define) == ({"date": ["year", "month", "day"]}, {})
    assert reading.joins == {"cars": schema.SourceJoin(["car"], {"year": "built", "seats": "seats"})}
    assert [one.name for one in schema.read().left_out] == ["year", "month", "day", "delay"]


@pytest.mark.usefixtures("folder")
def test_a_number_is_predicted_as_one_and_rows_without_it_are_set_aside() -> None:
    made = clean_people(
        people(**{"income (€)": lambda n: "" if n == 3 else "much" if n == 4 else f"{n},5"}), target="income (€)"
    )

    assert (made.task, made.target.classes, made.target.positive, made.target.type) == (
        "regression",
        [],
        None,
        "number",
    )
    assert made.target.reason.startswith("regression: 58 different numbers: a quantity")
    assert rejected() == [
        ("people-1.csv", "5", "income (€)", "", "the target is missing"),
        ("people-1.csv", "6", "income (€)", "much", "income (€) is not of type number (1234,5)"),
    ]


@pytest.mark.parametrize(
    ("target", "changes", "positive"),
    [("smoker", {}, "ja"), ("smoker", {"positive": "Nein"}, "Nein"), ("smoker", {"task": "binary"}, "ja")],
)
@pytest.mark.usefixtures("folder")
def test_two_classes_are_binary_and_keep_their_spelling(target: str, changes: dict[str, Any], positive: str) -> None:
    made = clean_people(people(), target=target, **changes)

    assert (made.task, made.target.classes, made.target.positive) == ("binary", ["Nein", "ja"], positive)
    assert f"'{positive}' is the positive class" in made.target.reason


@pytest.mark.usefixtures("folder")
def test_rows_of_a_rare_class_are_set_aside() -> None:
    made = clean_people(people(outcome=lambda n: "odd" if n < 2 else "lone" if n == 2 else str(n % 2)), rarest_class=3)

    assert made.target.classes == ["0", "1"]
    assert rejected() == [
        ("people-1.csv", "2", "outcome", "odd", "class odd has only 2 rows"),
        ("people-1.csv", "3", "outcome", "odd", "class odd has only 2 rows"),
        ("people-1.csv", "4", "outcome", "lone", "class lone has only 1 row"),
    ]


@pytest.mark.usefixtures("folder")
def test_a_type_that_disagrees_with_the_values_is_told_in_the_reason() -> None:
    made = clean_people(people(), types={"zip": "integer"})

    (column,) = [column for column in made.columns if column.name == "zip"]
    assert column.type == "integer"
    assert column.reason.startswith("set in params.yaml, but looks like category: 7 distinct codes of digits")


@pytest.mark.usefixtures("folder")
def test_a_file_that_differs_is_warned_of_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    other = people(size=lambda n: ["s", "M", "L"][n % 3])

    clean_people(people(), other)

    sentence = "people-2.csv: column 'size' has categories that no other file has: 's' (20 rows; did you mean 'S'?)"
    assert read_json(Path("metrics/clean.json"))["drift"] == [sentence]
    assert f"clean: {sentence}" in caplog.messages
    with pytest.raises(DataError, match=r"files of people differ from the others: people-2.csv: column 'size'"):
        clean_people(people(), other, drift="error")


@pytest.mark.usefixtures("folder")
def test_rules_may_name_any_column() -> None:
    clean_people(people(), rules=["`income (€)` < 60000", "smoker == true or `size` in ['S']"])

    assert [(line, column) for _, line, column, _, _ in rejected()] == [("61", "income (€)")]


VOCABULARIES = [
    ["1", "2", "30", "-4"], ["1,5", "2,25", "1.000,5"], ["$1,234.50", "12"], ["?", "NA", "", "-999", "3"],
    ["yes", "no", "Y"], ["low", "high", "medium"], ["18-24", "25-34", "65+"], ["2013-01-01", "2013-02-30", "x"],
    ["01/02/2013", "31/12/2013"], ["2013-01-01T10:00:00Z", "2013-01-01 11:00"], ["20130115", "20140116"],
    ["a", "b", "c,d", 'q"q', "two\nlines"], ["007", "010"], ["12 kg", "3 lb"], ["1e999", "inf", "nan"], ["", " "],
    ["−5", "٣", "ß", "\u00a07"], ["a lot of words " + str(n) for n in range(30)], ["10:30", "23:59"],
]  # fmt: skip


@examples(60)
@given(st.data())
def test_whatever_the_table_it_is_cleaned_or_refused_in_our_words(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    # Given a table of columns of all kinds, some cells of which are of another kind, in one file or two
    count = data.draw(st.integers(1, 40))
    columns = data.draw(st.lists(st.sampled_from(VOCABULARIES), min_size=1, max_size=5))
    cells = st.lists(st.integers(0, 1000), min_size=count, max_size=count)
    drawn = [[words[n % len(words)] if n > 5 else "odd" for n in data.draw(cells)] for words in columns]
    frame = pd.DataFrame({f"column {n}": texts for n, texts in enumerate(drawn)}, dtype="str")
    cut = data.draw(st.integers(0, count))
    folder = tmp_path_factory.mktemp("any")
    (folder / "data/raw").mkdir(parents=True)
    files = []
    for number, part in enumerate(part for part in (frame[:cut], frame[cut:]) if len(part)):
        part.to_csv(folder / f"data/raw/{number}.csv", index=False)
        files.append(snapshot.entry(f"{number}.csv", "t", [*frame]))
    snapshot.write(folder, files)
    section = {"table": "t", "target": "column 0", "max_invalid": data.draw(st.sampled_from([0.0, 1.0]))}
    section["task"] = data.draw(st.sampled_from([None, "binary", "multiclass", "regression"]))
    (folder / "params.yaml").write_text(json.dumps({"clean": section}), encoding="utf-8")

    # When it is cleaned
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        try:
            clean.work()
        except PipelineError:
            return

        # Then every row is somewhere, and what was written is read again as its schema says
        metrics, made = read_json(Path("metrics/clean.json")), schema.read()
        assert metrics["rows_in"] == count == metrics["rows_out"] + len(rejected())
        assert len(cleaned()) == metrics["rows_out"]
        columns_read, broken = type_inputs(read_table("t", read_manifest()).rows, plan_reading(made.reading))
        assert len(broken) == metrics["rows_in"]
        assert set(columns_read) == {column.name for column in made.inputs}


@pytest.mark.usefixtures("folder")
def test_large_integers_are_written_with_all_their_digits() -> None:
    clean_people(people(copy=lambda n: "" if n == 1 else str(10**10 * (n + 1))))

    assert [line.split(",")[-2] for line in Path("data/clean.csv").read_text().splitlines()[:4]] == [
        "copy",
        "10000000000",
        "",
        "30000000000",
    ]
