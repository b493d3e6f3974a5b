"""A file is scored row for row, however it is spelled, and what cannot be scored says why."""

from __future__ import annotations

import csv
import datetime
import fcntl
import gzip
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import snapshot
import tiny

from serve.predict import __main__ as command
from serve.predict.__main__ import predict
from serve.scoring import loader
from serve.scoring.decode import Decoder
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer
from stages.core.errors import DataError, PipelineError, SourceError

GOOD = ["UA", "2013-11-30", "1815", "39.5", "180", "false", "2013-11-30T17:00:00Z", "jet", "high"]
DIRTY: dict[str, Any] = tiny.READING | {
    "missing": ["", "NA"],
    "columns": tiny.READING["columns"]
    | {
        "day": {"type": "date", "format": "%d.%m.%Y", "levels": [], "missing": []},
        "temp": {"type": "number", "format": "1.234,5", "levels": [], "missing": ["-999"]},
        "holiday": {"type": "boolean", "format": "ja/nein", "levels": [], "missing": []},
        "seen": {"type": "time", "format": "%d.%m.%Y %H:%M", "levels": [], "missing": []},
    },
}
"""A source with decimal commas and other spellings."""
Loaded = Callable[..., Model]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Gives the tiny model of a task, with what its manifest says of its sources."""

    def load(task: str = "binary", **values: Any) -> Model:
        tiny.write(tmp_path / "repo" / "model", task=task, **values)
        (tmp_path / "repo" / "model" / "champion.json").write_text('{"version": null}')
        return loader.load(tmp_path / "repo")

    return load


@pytest.fixture
def served(loaded: Loaded) -> Model:
    return loaded()


def table(path: Path, *lines: list[str], **options: Any) -> Path:
    with path.open("w", newline="", encoding=options.pop("encoding", "utf-8")) as file:
        csv.writer(file, **options).writerows(lines)
    return path


def changed(**cells: str) -> list[str]:
    return [cells.get(name.replace(" ", "_"), cell) for name, cell in zip(tiny.ROW, GOOD, strict=True)]


def answers(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def dirty(row: dict[str, Any]) -> list[str]:
    """A row's cells as the dirty source spells them."""
    day = datetime.date.fromisoformat(row["day"])
    seen = row["seen"] and datetime.datetime.fromisoformat(row["seen"])
    return [
        f"  {row['carrier']} ",
        day.strftime("%d.%m.%Y"),
        str(row["sched"]),
        "-999" if row["temp"] is None else str(row["temp"]).replace(".", ","),
        str(row["seats"]),
        "Ja" if row["holiday"] else "nein",
        seen.strftime("%d.%m.%Y %H:%M") if seen else "NA",
        row["kind of plane"] or "",
        row["comfort"] or "NA",
    ]


@pytest.mark.parametrize("task", tiny.TASKS)
def test_a_clean_table_is_scored_as_the_service_scores_it(loaded: Loaded, tmp_path: Path, task: str) -> None:
    # given a clean table with columns that are no inputs, of a model whose sources are spelled otherwise
    served = loaded(task, reading=DIRTY)
    tiny.write_hold_out(tmp_path, count=2500, task=task)
    # when
    assert predict(served, tmp_path / "clean.csv", tmp_path / "out.csv") == (2500, 0)
    # then the table is there as it was, and the predictions beside it
    source, result = answers(tmp_path / "clean.csv"), answers(tmp_path / "out.csv")
    made = {
        "binary": ["prediction", "probability_no", "probability_yes", "warnings", "reason"],
        "multiclass": [
            "prediction",
            "probability_a little",
            "probability_no",
            "probability_very",
            "warnings",
            "reason",
        ],
        "regression": ["prediction", "low", "high", "warnings", "reason"],
    }
    assert list(result[0]) == [*source[0], *made[task]]
    for before, after, row in zip(source, result, tiny.rows(2500), strict=True):
        assert before.items() <= after.items()
        expected = tiny.answer(row, task)
        if task == "regression":
            said = [float(after[name]) for name in ("prediction", "low", "high")]
            assert said == pytest.approx([expected["prediction"], *expected["interval"]], abs=1e-9)
        else:
            assert after["prediction"] == expected["prediction"]
            for name, chance in expected["probabilities"].items():
                assert float(after[f"probability_{name}"]) == pytest.approx(chance, abs=1e-9)
        assert after["reason"] == ""


def test_a_number_without_an_interval_has_no_ends(loaded: Loaded, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", list(tiny.ROW), GOOD)
    assert predict(loaded("regression", interval=None), source, tmp_path / "out.csv") == (1, 0)
    assert list(answers(tmp_path / "out.csv")[0])[-3:] == ["prediction", "warnings", "reason"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_dirty_source_is_scored_in_its_own_spellings(
    loaded: Loaded, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    # given a file as no standard has it, with the target and a note beside the inputs
    rows = tiny.rows(300)
    header = [*tiny.ROW, "late", "Größe"]
    lines = [[*dirty(row), "yes", f"naïve; {place}"] for place, row in enumerate(rows)]
    source = table(tmp_path / "in.csv", header, *lines, encoding=encoding, delimiter=delimiter)
    # when
    assert predict(loaded(reading=DIRTY), source, tmp_path / "out.csv") == (300, 0)
    # then each row has the answer of the plain row, and its cells as they were
    result = answers(tmp_path / "out.csv")
    assert list(result[0])[: len(header)] == header
    for line, after, row in zip(lines, result, rows, strict=True):
        assert list(after.values())[: len(header)] == line
        assert float(after["probability_yes"]) == pytest.approx(tiny.chance(row), abs=1e-9), row


def test_packed_files_are_read_by_their_content(served: Model, tmp_path: Path) -> None:
    plain = table(tmp_path / "plain.csv", list(tiny.ROW), GOOD)
    (tmp_path / "in.csv").write_bytes(gzip.compress(plain.read_bytes()))
    assert predict(served, tmp_path / "in.csv", tmp_path / "out.csv") == (1, 0)


def test_rows_that_cannot_be_scored_stand_in_their_place_and_say_why(served: Model, tmp_path: Path) -> None:
    # given good rows and one of each kind of bad row
    bad = [
        (changed(day="30.11.2013"), "day"),
        (changed(sched="true"), "sched"),
        (changed(temp="warm"), "'warm'"),
        (changed(temp="inf"), "temp"),
        (changed(temp="1e999"), "temp"),
        (changed(temp="1_0"), "temp"),
        (changed(temp="٣"), "temp"),
        (changed(holiday="maybe"), "holiday"),
        (changed(seen="noon"), "seen"),
        (GOOD[:-1], "has 8 cells, but there are 9 columns"),
        ([*GOOD, "more"], "has 10 cells, but there are 9 columns"),
    ]
    lines = [line for row, _ in bad for line in (GOOD, row)]
    source = table(tmp_path / "in.csv", list(tiny.ROW), *lines)
    # when
    assert predict(served, source, tmp_path / "out.csv") == (len(bad), len(bad))
    # then
    result = answers(tmp_path / "out.csv")
    assert len(result) == 2 * len(bad)
    assert all(row["prediction"] and not row["reason"] for row in result[::2])
    for row, (_, reason) in zip(result[1::2], bad, strict=True):
        assert (row["prediction"], row["probability_yes"]) == ("", "")
        assert reason in row["reason"]


def test_a_row_of_a_file_has_the_warnings_that_the_service_answers_with(served: Model, tmp_path: Path) -> None:
    # given rows with all that a model may not have seen, and one with nothing of it
    strange: list[dict[str, Any]] = [
        {"carrier": "ZZ", "temp": 101.5},
        {"comfort": "huge", "seats": 9},
        {"sched": 2400, "seats": 451, "day": "2012-12-31"},
        {"seen": "2012-12-31T23:59:59Z", "kind of plane": "balloon"},
        {},
        {"temp": None, "seen": None, "comfort": None},
    ]
    rows = [tiny.ROW | values for values in strange]
    lines = [
        changed(**{name.replace(" ", "_"): "" if value is None else str(value) for name, value in one.items()})
        for one in strange
    ]
    source = table(tmp_path / "in.csv", list(tiny.ROW), *lines)
    # when they are scored in a file, then each has the texts that the service has for it
    predict(served, source, tmp_path / "out.csv")
    scorer, decoder = Scorer(served), Decoder(served.manifest.inputs, len(rows))
    asked = scorer.predict(decoder.decode_rows(json.dumps({"rows": rows}).encode()))
    found = [row["warnings"] for row in answers(tmp_path / "out.csv")]
    assert found == ["; ".join(answer["warnings"]) for answer in asked]
    assert [bool(text) for text in found] == [True] * 4 + [False] * 2
    assert found[1].startswith("comfort: 'huge' is none of the levels low < medium < high")


def test_unknown_categories_and_blank_cells_are_scored(
    served: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a category never seen, an empty cell in a column that never is empty in training, and the like of a level
    lines = [changed(carrier="ZZ"), changed(carrier=""), GOOD, changed(comfort="huge"), changed(comfort="HIGH")]
    source = table(tmp_path / "in.csv", list(tiny.ROW), *lines)
    # when, then all are as missing to the model, and what clean would not take is told
    assert predict(served, source, tmp_path / "out.csv") == (5, 0)
    chances = [row["probability_yes"] for row in answers(tmp_path / "out.csv")]
    assert chances[0] == chances[1] != chances[2] == chances[4]
    assert float(chances[3]) == pytest.approx(tiny.chance(tiny.ROW | {"comfort": None}), abs=1e-9)
    assert capsys.readouterr().err.splitlines() == [
        "predict: note: 2 rows hold what the model has not seen in training (see the column warnings)",
        "predict: note: comfort is none of its levels in 1 rows, which are scored without it",
        "predict: note: carrier is missing in 1 rows, but never in the training rows; they are scored without it",
    ]


def test_a_column_of_whole_numbers_takes_any_number(served: Model, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", list(tiny.ROW), changed(seats="180.5"), changed(seats="1.8e2"))
    assert predict(served, source, tmp_path / "out.csv") == (2, 0)


def test_blank_lines_are_no_rows_and_line_breaks_in_cells_stay(served: Model, tmp_path: Path) -> None:
    # given blank lines, a line of delimiters, and a note over two lines with quotes
    head, line = ",".join([*tiny.ROW, "note"]), ",".join(GOOD)
    note = '"a ""b"",\nc"'
    (tmp_path / "in.csv").write_text(f"{head}\n\n{line},{note}\n{',' * 9}\n{line},x\n\n")
    # when, then
    assert predict(served, tmp_path / "in.csv", tmp_path / "out.csv") == (2, 0)
    assert [row["note"] for row in answers(tmp_path / "out.csv")] == ['a "b",\nc', "x"]


def test_nullable_columns_may_be_absent(served: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # given a file with a byte order mark, in another order, with only what must be there
    source = tmp_path / "in.csv"
    source.write_text("\ufeffsched,carrier,day\r\n515,UA,2013-11-30\r\n", encoding="utf-8")
    # when, then
    assert predict(served, source, tmp_path / "out.csv") == (1, 0)
    [row] = answers(tmp_path / "out.csv")
    expected = tiny.chance({"carrier": "UA", "day": "2013-11-30", "sched": 515})
    assert float(row["probability_yes"]) == pytest.approx(expected, abs=1e-9)
    # and it is said once which are not there
    [said] = capsys.readouterr().err.splitlines()
    assert "no column for temp, seats, holiday, seen, kind of plane, comfort" in said


@pytest.mark.parametrize("with_target", [True, False])
def test_a_file_without_header_is_read_by_the_sources_order(loaded: Loaded, tmp_path: Path, with_target: bool) -> None:
    # given sources that have no header, the target in their midst, and a file without it or with it
    names = [*list(tiny.ROW)[:4], "late", *list(tiny.ROW)[4:]]
    served = loaded(reading=tiny.READING | {"names": names})
    rows = [[*GOOD[:4], *["yes"] * with_target, *GOOD[4:]], [*changed(temp="60")[:4], *["no"] * with_target, *GOOD[4:]]]
    source = table(tmp_path / "in.csv", *rows)
    # when, then
    assert predict(served, source, tmp_path / "out.csv") == (2, 0)
    result = answers(tmp_path / "out.csv")
    assert list(result[0])[: len(rows[0])] == [name for name in names if with_target or name != "late"]
    for row, temp in zip(result, (39.5, 60), strict=True):
        assert float(row["probability_yes"]) == pytest.approx(tiny.chance(tiny.ROW | {"temp": temp}), abs=1e-9)
    # and one that names its columns is read by these
    named = table(tmp_path / "named.csv", list(tiny.ROW), GOOD)
    assert predict(served, named, tmp_path / "out.csv") == (1, 0)
    # and one of another width is refused
    short = table(tmp_path / "short.csv", *[GOOD[:3]] * 3)
    with pytest.raises(DataError, match="3 columns and no line that names them; the model knows 10 or 9"):
        predict(served, short, tmp_path / "out.csv")


def test_a_date_of_parts_and_a_defined_column_are_made_or_taken(loaded: Loaded, tmp_path: Path) -> None:
    # given a model whose day is made of parts and whose kind of plane is defined
    kind = {"type": "integer", "format": "", "levels": [], "missing": []}
    plain = {name: kinds for name, kinds in tiny.READING["columns"].items() if name not in ("day", "kind of plane")}
    reading = tiny.READING | {
        "columns": plain | dict.fromkeys(["y", "m", "d", "engines"], kind),
        "dates": {"day": ["y", "m", "d"]},
        "define": {"kind of plane": "engines > 1"},
    }
    served = loaded(reading=reading)
    head, cells = [*plain, "y", "m", "d", "engines"], dict(zip(tiny.ROW, GOOD, strict=True))
    lines = [[*[cells[name] for name in plain], *end] for end in (["2013", "11", "30", "2"], ["2013", "2", "30", "2"])]
    # when the file has the parts
    assert predict(served, table(tmp_path / "in.csv", head, *lines), tmp_path / "out.csv") == (1, 1)
    # then the date is theirs, and one that is none is told
    good, impossible = answers(tmp_path / "out.csv")
    assert float(good["probability_yes"]) == pytest.approx(tiny.chance(tiny.ROW), abs=1e-9)
    assert "no such date" in impossible["reason"]
    # and a file with the made columns instead is as good
    assert predict(served, table(tmp_path / "in.csv", list(tiny.ROW), GOOD), tmp_path / "out.csv") == (1, 0)
    # and one with neither is refused
    with pytest.raises(DataError, match="no column 'm', which is needed to make day"):
        predict(served, table(tmp_path / "in.csv", [*plain, "y", "d"], lines[0][:-2]), tmp_path / "out.csv")


@pytest.fixture
def joining(loaded: Loaded) -> Model:
    """A model whose seats and kind of plane come from the table planes."""
    kind = {"type": "category", "format": "", "levels": [], "missing": []}
    columns = {name: kinds for name, kinds in tiny.READING["columns"].items() if name not in ("seats", "kind of plane")}
    join = {"on": ["tail"], "columns": {"places": "seats", "kind": "kind of plane"}}
    return loaded(reading=DIRTY | {"columns": columns | {"tail": kind}, "joins": {"planes": join}})


def test_joined_columns_come_from_the_file_or_from_another_table_or_are_missing(
    joining: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given the same rows with a key, and a table
    cells = dict(zip(tiny.ROW, GOOD, strict=True))
    names = [name for name in tiny.ROW if name not in ("seats", "kind of plane")]
    source = table(
        tmp_path / "in.csv", [*names, "tail"], *[[*[cells[name] for name in names], tail] for tail in ("N1", "N2", "")]
    )
    planes = table(
        tmp_path / "planes.csv", ["tail", "kind", "places"], ["N1", "jet", "180"], ["N3", "", "NA"], delimiter=";"
    )
    # when it is looked up in
    assert predict(joining, source, tmp_path / "out.csv", {"planes": [planes]}) == (3, 0)
    assert not capsys.readouterr().err
    # when nothing is, then the columns are missing, said once
    assert predict(joining, source, tmp_path / "out.csv") == (3, 0)
    [said] = capsys.readouterr().err.splitlines()
    assert "seats, kind of plane come from other tables and are taken as missing" in said
    # and what the file has under our names is taken from there
    both = table(tmp_path / "both.csv", list(tiny.ROW), GOOD)
    assert predict(joining, both, tmp_path / "out.csv", {"planes": [planes]}) == (1, 0)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([["tail", "kind"]], "has no column 'places'"),
        ([["tail", "kind", "places"], ["N1", "jet", "many"]], "line 2: 'many'"),
        (
            [["tail", "kind", "places"], ["N1", "jet", "1"], ["N1", "jet", "2"]],
            "line 3: the key tail = N1 stands",
        ),
    ],
)
def test_a_table_to_look_up_in_must_be_whole(joining: Model, tmp_path: Path, lines: list[list[str]], said: str) -> None:
    source = table(tmp_path / "in.csv", ["carrier", "day", "sched", "tail"], [*GOOD[:3], "N1"])
    with pytest.raises(PipelineError, match=said):
        predict(joining, source, tmp_path / "out.csv", {"planes": [table(tmp_path / "planes.csv", *lines)]})


def test_a_source_column_called_as_ours_gives_way(
    loaded: Loaded, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # given a file that was scored already, scored again
    source = table(tmp_path / "in.csv", [*tiny.ROW, "high", "low_in_source"], [*GOOD, "h", "l"])
    served = loaded("regression")
    assert predict(served, source, tmp_path / "once.csv") == (1, 0)
    assert predict(served, tmp_path / "once.csv", tmp_path / "twice.csv") == (1, 0)
    # then ours keep their names, and nothing is lost
    [row] = answers(tmp_path / "twice.csv")
    assert list(row)[len(GOOD) :] == [
        "high_in_source", "low_in_source", "prediction_in_source", "low_in_source_in_source",
        "high_in_source_in_source", "warnings_in_source", "reason_in_source",
        "prediction", "low", "high", "warnings", "reason",
    ]  # fmt: skip
    assert (row["high_in_source"], row["low_in_source"]) == ("h", "l")
    assert row["prediction_in_source"] == row["prediction"]
    assert "'high' is 'high_in_source' in" in capsys.readouterr().err


def test_a_file_may_be_written_over_itself(served: Model, tmp_path: Path) -> None:
    source = table(tmp_path / "in.csv", list(tiny.ROW), GOOD)
    assert predict(served, source, source) == (1, 0)
    assert answers(source)[0]["prediction"] == "no"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "in.csv"),
        (b"", "is empty"),
        (b"carier,day,sched\nUA,2013-11-30,515\n", "no column 'carrier'. Did you mean 'carier'?"),
        (b"a,b\n1,2\n3,4\n", "no column 'carrier'"),
        (b"1,2\n3,4\n", "no line with the names of its columns"),
        (b"PK\x03\x04", "in.csv"),
        (b"<html><body>no</body></html>", "a web page"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_nothing_is_written(
    served: Model, tmp_path: Path, content: bytes | None, said: str
) -> None:
    # given a bad file and the last good answer
    source, result = tmp_path / "in.csv", tmp_path / "out.csv"
    if content is not None:
        source.write_bytes(content)
    result.write_text("the last good one")
    # when, then
    with pytest.raises((DataError, SourceError), match=said.replace("?", r"\?")):
        predict(served, source, result)
    assert result.read_text() == "the last good one"
    assert {path.name for path in tmp_path.iterdir()} <= {"in.csv", "out.csv", "repo"}


def test_a_table_without_rows_is_answered_with_a_header(served: Model, tmp_path: Path) -> None:
    assert predict(served, table(tmp_path / "in.csv", list(tiny.ROW)), tmp_path / "out.csv") == (0, 0)
    assert (tmp_path / "out.csv").read_text().startswith("carrier,day,")
    assert answers(tmp_path / "out.csv") == []


def test_rows_are_the_same_wherever_a_block_ends(
    served: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given rows, one of each kind bad
    tiny.write_hold_out(tmp_path, count=50)
    with (tmp_path / "clean.csv").open("a") as file:
        file.write("too,short\n")
    results = []
    # when they are read in blocks of several sizes
    for size in (1, 7, 10_000):
        monkeypatch.setattr("serve.predict.input_file.BLOCK_ROWS", size)
        assert predict(served, tmp_path / "clean.csv", tmp_path / "out.csv") == (50, 1)
        results.append((tmp_path / "out.csv").read_bytes())
    # then the result is one
    assert len(set(results)) == 1


def test_a_row_without_a_finite_answer_says_so(served: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served, "answers", lambda x: np.full((len(x), 1), np.inf))
    source = table(tmp_path / "in.csv", list(tiny.ROW), GOOD)
    assert predict(served, source, tmp_path / "out.csv") == (0, 1)
    assert "no finite answer" in answers(tmp_path / "out.csv")[0]["reason"]


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["in", "out", "--lookup"], ["in", "out", "--lookup="]),
        (["--lookup", "in", "out"], ["--lookup=", "in", "out"]),
        (["--lookup", "a=b", "c=d", "in", "out"], ["--lookup=", "--lookup=a=b", "--lookup=c=d", "in", "out"]),
        (["in", "--lookup", "--candidate", "out"], ["in", "--lookup=", "--candidate", "out"]),
        (["--lookup=a=b", "in"], ["--lookup=a=b", "in"]),
    ],
)
def test_tables_to_look_up_in_are_told_from_the_two_files(words: list[str], made: list[str]) -> None:
    assert command._join_lookup_options(words) == made


def run(repo: Path, *words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "serve.predict", *words],
        cwd=repo,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


def test_the_command_looks_up_in_the_snapshot_or_in_files(repo: Path, tmp_path: Path) -> None:
    # given a repository with a snapshot, and a model that joins
    join = {"on": ["carrier"], "columns": {"places": "seats"}}
    columns = {name: kinds for name, kinds in tiny.READING["columns"].items() if name != "seats"}
    tiny.write(repo / "model", reading=tiny.READING | {"columns": columns, "joins": {"planes": join}})
    raw = repo / "data" / "raw"
    raw.mkdir(parents=True)
    table(raw / "planes.csv", ["carrier", "places"], ["UA", "180"])
    snapshot.write(repo, [snapshot.entry(f"{name}.csv", name, []) for name in ("planes", "flights")])
    source = table(tmp_path / "in.csv", ["carrier", "day", "sched"], GOOD[:3])
    # when, then
    for words, noted in (
        (["--lookup"], False),
        (["--lookup", f"planes={raw / 'planes.csv'}"], False),
        ([], True),
    ):
        ended = run(repo, source, tmp_path / "out.csv", *words)
        assert ended.returncode == 0, ended.stderr
        assert ("seats come from other tables" in ended.stderr) is noted
    ended = run(repo, source, tmp_path / "out.csv", "--lookup", "plains=x.csv")
    assert (ended.returncode, ended.stderr.count("Did you mean 'planes'?")) == (1, 1)
    (raw / "manifest.json").unlink()
    ended = run(repo, source, tmp_path / "out.csv", "--lookup")
    assert (ended.returncode, "manifest.json is missing or damaged" in ended.stderr) == (1, True)


def test_the_command_scores_a_large_file_in_little_memory(repo: Path, tmp_path: Path) -> None:
    # given 60,000 rows with a long note each, 60 MB, and a process that may hold 700 MB
    source = table(tmp_path / "in.csv", [*tiny.ROW, "note"], *[[*GOOD, "n" * 1000]] * 60_000)
    code = (
        "import resource, runpy; resource.setrlimit(resource.RLIMIT_DATA, (700 * 2**20,) * 2)\n"
        "runpy.run_module('serve.predict', run_name='__main__')"
    )
    # when
    ended = subprocess.run(
        [sys.executable, "-c", code, source, tmp_path / "out.csv"],
        cwd=repo,
        capture_output=True,
        text=True,
        timeout=120,
    )
    # then
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("60000 rows scored, 0 could not be")
    assert ended.stderr == ""


def test_the_commands_exit_code_is_honest(repo: Path, tmp_path: Path) -> None:
    # given no file, a file of which one row cannot be scored, and one of which none can
    ended = run(repo, "none.csv", "out.csv")
    assert ended.returncode == 1
    assert ended.stderr.startswith("predict: none.csv")
    some = table(tmp_path / "some.csv", list(tiny.ROW), GOOD, changed(temp="warm"))
    ended = run(repo, some, tmp_path / "out.csv")
    assert (ended.returncode, ended.stdout[:30]) == (0, "1 rows scored, 1 could not be ")
    none = table(tmp_path / "none.csv", list(tiny.ROW), changed(temp="warm"))
    assert run(repo, none, tmp_path / "out.csv").returncode == 1
    assert "'warm'" in answers(tmp_path / "out.csv")[0]["reason"]
    # and one that asks wrongly is told how
    assert run(repo, "in.csv").returncode == 2
    assert "--lookup [TABLE=FILE …]" in run(repo, "--help").stdout


def test_a_terminal_gets_a_bar(repo: Path, tmp_path: Path) -> None:
    # given a terminal
    source = table(tmp_path / "in.csv", list(tiny.ROW), *[GOOD] * 20_001)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    os.set_blocking(ours, False)
    # when
    ended = subprocess.run(
        [sys.executable, "-m", "serve.predict", source, tmp_path / "out.csv"],
        cwd=repo, stdout=subprocess.PIPE, stderr=theirs, timeout=120,
    )  # fmt: skip
    # then
    assert ended.returncode == 0
    assert b"rows/s" in os.read(ours, 65536)
    os.close(theirs)
    os.close(ours)
