"""Any table at all: adopted, it runs through the stages, or ends with an error of ours; never with someone else's."""

from __future__ import annotations

import contextlib
import csv
import importlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import small
from examples import examples, shortly
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from stages.adopt import __main__ as adopt
from stages.adopt import params_yaml
from stages.adopt.proposal import Options, find_goal, propose
from stages.adopt.summary import summarize
from stages.core import params
from stages.core.errors import PipelineError

Table = tuple[list[str], list[list[str]], dict[str, Any]]
LETTERS = st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\0")
WORDS = st.sampled_from(["red", "blue", "green", "Zürich", "a b", "x,y", 'say "hi"', "two\nlines", "<b>&$_", "東京"])
MISSING = st.sampled_from(["", "NA", "?", "-", "NULL", "n/a", "unknown", "-999"])
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: f"{value:.3f}")
KINDS = {
    "integer": st.integers(-1000, 1000).map(str),
    "number": NUMBERS,
    "comma": NUMBERS.map(lambda text: text.replace(".", ",")),
    "huge": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "money": st.integers(0, 10**7).map(lambda value: f"${value:,}"),
    "category": WORDS,
    "flag": st.sampled_from(["yes", "no"]),
    "binary": st.sampled_from(["0", "1"]),
    "level": st.sampled_from(["low", "medium", "high"]),
    "date": st.dates().map(str),
    "day": st.dates().map(lambda day: f"{day:%d/%m/%Y}"),
    "time": st.datetimes().map(lambda moment: moment.isoformat(" ", "seconds")),
    "text": st.text(LETTERS, max_size=12),
    "constant": st.just("same"),
    "code": st.integers(0, 10**9).map(lambda value: f"{'ABX'[value % 3]}{value}"),
    "mail": st.integers(0, 10**9).map(lambda value: f"p{value}@example.org"),
    "weight": st.tuples(st.integers(1, 999), st.sampled_from(["kg", "g", "box"])).map(
        lambda pair: f"{pair[0]} {pair[1]}"
    ),
    "spelled": st.sampled_from(["Yes", "YES", "no ", "No.", "NA"]),
    "day number": st.integers(45_000, 46_000).map(str),
    "epoch": st.integers(1_600_000_000, 1_600_003_000).map(str),
    "week": st.integers(1, 52).map(lambda week: f"2023-W{week:02d}"),
    "empty": st.just(""),
}

OURS = ["split", "row", "low", "prediction", "probability_yes", "target", "reason", "fold"]
"""Names that the stages' own columns have."""


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Names, rows, and how the file is written. The last column is the target; some rows stand there twice."""
    kinds = draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=5))
    kinds.append(
        draw(st.sampled_from(["flag", "binary", "category", "integer", "number", "comma", "level", "spelled"]))
    )
    cells = [draw(st.sampled_from([KINDS[kind], KINDS[kind] | MISSING])) for kind in kinds]
    size = draw(st.sampled_from([1, 3, 30, 80]))
    rows = [[draw(cell) for cell in cells] for _ in range(min(size, 12))]
    while len(rows) < size:
        rows.append([draw(st.sampled_from(rows))[place] for place in range(len(cells))])
    names = [f"{kind} {place}" for place, kind in enumerate(kinds)]
    for place in draw(st.lists(st.integers(0, len(names) - 1), max_size=2)):
        names[place] = draw(st.sampled_from([name for name in OURS if name not in names]))
    written = {
        "delimiter": draw(st.sampled_from([",", ";", "\t", "|"])),
        "encoding": draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
    }
    return names, rows, written


def write(path: Path, names: list[str], rows: list[list[str]], written: dict[str, Any]) -> None:
    text = io.StringIO()
    form = {key: value for key, value in written.items() if key != "encoding"}
    csv.writer(text, **form).writerows([names, *rows])
    path.write_bytes(text.getvalue().encode(written["encoding"]))


@contextlib.contextmanager
def adopted(source: Path, target: str) -> Iterator[Path]:
    """A folder in which the table was adopted and the first stages ran. Raises what adopt raises."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data/source").mkdir(parents=True)
        shutil.copy(source, folder / "data/source" / source.name)
        profile, found = adopt.profile_files([folder / "data/source" / source.name], [], "", folder)
        first = next(iter(found.values()))
        options = Options(target)
        reading = params_yaml.ReadAs([source.name], [] if first.dialect.header else first.columns)
        proposal = propose("anything", profile, options)
        adopt.try_split(folder, proposal, reading, lambda fewest: find_goal(profile, options, fewest))
        yield folder


def learn(folder: Path, stages: tuple[str, ...] = ("train", "evaluate", "save"), quickly: bool = True) -> None:
    """The stages that learn, in the folder."""
    if quickly:
        text = (folder / "params.yaml").read_text(encoding="utf-8")
        text = re.sub(r"estimator: \w+", "estimator: boosting", re.sub(r"max_rounds: \d+", "max_rounds: 20", text))
        text = re.sub(r"repeats: 5", "repeats: 1", re.sub(r"draws: 500", "draws: 100", text))
        (folder / "params.yaml").write_text(text, encoding="utf-8")
    shutil.copy(small.ROOT / "packages.json", folder)
    (folder / "model").mkdir()
    (folder / "model/champion.json").write_text('{"version": null}', encoding="utf-8")
    with contextlib.chdir(folder):
        for stage in stages:
            importlib.import_module(f"stages.{stage}.__main__").work()


@pytest.mark.parametrize("seed", shortly(range(10), 0))
@pytest.mark.parametrize("task", shortly(["binary", "multiclass", "regression"], "binary"))
def test_a_random_target_is_no_evidence(tmp_path: Path, task: str, seed: int) -> None:
    # Given inputs of all kinds, and a target that has nothing to do with them
    draw, size = np.random.default_rng(seed), 1500
    inputs = [draw.integers(18, 80, size), draw.choice(list("ABCDE"), size), draw.normal(30_000, 9_000, size).round()]
    target = {
        "binary": draw.choice(["yes", "no"], size, p=[0.3, 0.7]),
        "multiclass": draw.choice(["a", "b", "c"], size, p=[0.5, 0.3, 0.2]),
        "regression": draw.normal(100, 20, size).round(2),
    }[task]
    rows = [list(map(str, row)) for row in zip(*inputs, target, strict=True)]
    write(tmp_path / "noise.csv", ["age", "city", "income", "goal"], rows, {"encoding": "utf-8"})

    # When a model is learnt with the params that adopt writes
    with adopted(tmp_path / "noise.csv", "goal") as folder:
        learn(folder, ("train", "evaluate"), quickly=False)
        evaluation = json.loads((folder / "metrics/evaluation.json").read_text(encoding="utf-8"))

    # Then it is refused: chance alone passes one in forty such tables, and not one of these
    assert not evaluation["passed"]
    assert {name for name, gate in evaluation["gates"].items() if gate["level"] == "must"} == {
        "beats_baseline", "beats_constant", "no_worse_than_champion"
    }  # fmt: skip


@examples(60, suppress_health_check=list(HealthCheck))
@given(tables())
def test_every_column_is_an_input_the_target_or_named_with_a_reason(table: Table) -> None:
    names, rows, written = table
    with tempfile.TemporaryDirectory() as name, contextlib.suppress(PipelineError):
        path = Path(name) / "anything.csv"
        write(path, names, rows, written)
        profile, _ = adopt.profile_files([path], [], "", Path(name))
        proposal = propose("anything", profile, Options(names[-1]))
        said = " ".join(summarize(proposal, {}, 0).partition("Not inputs, and why")[2].split())
        clean = params.parse(params_yaml.write_params(proposal, params_yaml.ReadAs([path.name], [])).encode())["clean"]
        for one in proposal.decisions:
            assert one.role in ("input", "target", "id", "drop", "leak")
            if one.role in ("id", "drop", "leak"):
                place = {"id": "ids", "drop": "drop", "leak": "drop_leaks"}[one.role]
                assert clean[place][one.name]
                assert " ".join(f"- {one.name}: {one.reason}".split()) in said
        # And what no estimator takes as it is has something made of it, or is said to be no input
        for name in proposal.derived_away:
            made = any(name in step["of"] for step in proposal.derive)
            assert made or any(doubt.about == name and "its values differ" in doubt.text for doubt in proposal.doubts)


@pytest.mark.slow
@examples(40, suppress_health_check=list(HealthCheck))
@given(tables())
def test_any_table_is_adopted_or_refused_with_a_reason(table: Table) -> None:
    names, rows, written = table
    with tempfile.TemporaryDirectory() as name, contextlib.suppress(PipelineError):
        path = Path(name) / "anything.csv"
        write(path, names, rows, written)
        with adopted(path, names[-1]) as folder:
            counts = json.loads((folder / "metrics/clean.json").read_text(encoding="utf-8"))
        assert counts["rows_in"] == counts["rows_out"] + sum(counts["set_aside"].values())


@pytest.mark.slow
@examples(10, suppress_health_check=list(HealthCheck))
@given(tables())
def test_any_table_is_learnt_from_or_refused_with_a_reason(table: Table) -> None:
    names, rows, written = table
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "anything.csv"
        write(path, names, rows, written)
        with contextlib.suppress(PipelineError), adopted(path, names[-1]) as folder:
            learn(folder)


@pytest.mark.slow
@pytest.mark.parametrize("target", OURS)
def test_a_column_may_have_a_name_of_ours(tmp_path: Path, target: str) -> None:
    names = [*(name for name in OURS if name != target), target]
    rows = [[str((number * (place + 3)) % 17) for place in range(len(names) - 1)] for number in range(120)]
    rows = [[*row, "yes" if int(row[0]) + number % 5 > 9 else "no"] for number, row in enumerate(rows)]
    write(tmp_path / "ours.csv", names, rows, {"encoding": "utf-8"})

    with adopted(tmp_path / "ours.csv", target) as folder:
        learn(folder)
        header = (folder / "data/predictions.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
        features = (folder / "data/features.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")

    assert len(set(header)) == len(header)
    assert len(set(features)) == len(features)
    assert any(target in name for name in header)
