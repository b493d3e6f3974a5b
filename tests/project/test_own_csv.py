"""A table of one's own, end to end: adopted as it was found, run through every stage, served, reported, scored."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import same
import small
from examples import shortly

from stages.verify.clones import OLDER

TABLES = Path(__file__).parents[1] / "tables"
CASES = {
    "penguins.csv": ("Species", "multiclass", "utf-8", ","),
    "tumours.csv": ("diagnosis", "binary", "utf-8-sig", ";"),
    "cars.tsv": ("Miles per gallon", "regression", "latin-1", "\t"),
}
HELD_BACK = 5
"""Every so many rows one is not shown to adopt."""


@pytest.fixture(scope="module", params=shortly(CASES, "penguins.csv"))
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A repository in which a table was adopted, all but each fifth row of it, everything run and committed."""
    name = str(request.param)
    folder = small.build(tmp_path_factory.mktemp(name.partition(".")[0]) / "repo")
    target, _, encoding, _ = CASES[name]
    header, *rows = (TABLES / name).read_text(encoding=encoding).splitlines(keepends=True)
    shown = [row for number, row in enumerate(rows) if number % HELD_BACK]
    (folder / "mine").mkdir()
    (folder / "mine" / name).write_text("".join([header, *shown]), encoding=encoding, newline="")
    (folder / "rest.csv").write_text("".join([header, *rows[::HELD_BACK]]), encoding=encoding, newline="")
    small.commit(folder, "a table of mine")
    done = small.run(folder, sys.executable, "-m", "stages.adopt", f"mine/{name}", "--target", target)
    assert done.returncode == 0, done.stderr
    small.commit(folder, "adopted")
    assert small.repro(folder) == small.STAGES
    small.commit(folder, "everything run")
    return folder, name


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_stage_knows_the_task(own: tuple[Path, str]) -> None:
    folder, name = own
    target, task, _, _ = CASES[name]

    schema, evaluation = read(folder / "data/schema.json"), read(folder / "metrics/evaluation.json")

    assert (schema["task"], schema["target"]["name"]) == (task, target)
    assert evaluation["task"] == read(folder / "model/manifest.json")["task"] == task
    assert evaluation["estimate"]["by"] == "cross-validation"
    assert evaluation["gates"]["beats_baseline"]["result"] == "met"
    assert all(column["reason"] for column in schema["columns"] + schema["left_out"])
    assert (folder / "reports/final_report.pdf").read_bytes().startswith(b"%PDF")


def test_nothing_runs_again_and_nothing_is_left_over(own: tuple[Path, str]) -> None:
    folder, _ = own

    assert small.repro(folder) == []
    assert small.run(folder, "git", "status", "--porcelain").stdout == ""


@pytest.mark.slow
def test_an_older_processor_with_one_core_makes_the_same_lock(own: tuple[Path, str], tmp_path: Path) -> None:
    folder, _ = own
    clone = tmp_path / "clone"
    assert small.run(tmp_path, "git", "clone", "--quiet", str(folder), str(clone)).returncode == 0

    done = small.run(clone, "dvc", "repro", "--force", "save", OMP_NUM_THREADS="1", **OLDER)

    assert done.returncode == 0, done.stderr
    assert (clone / "dvc.lock").read_bytes() == (folder / "dvc.lock").read_bytes()


def test_rows_it_never_saw_are_scored_as_they_are_found(own: tuple[Path, str]) -> None:
    folder, name = own
    target, task, _, delimiter = CASES[name]

    done = small.run(folder, sys.executable, "-m", "serve.predict", "rest.csv", "out.csv")
    (folder / "out.csv").rename(out := folder.parent / "out.csv")

    assert done.returncode == 0, done.stderr
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    given = (folder / "rest.csv").read_text(encoding=CASES[name][2]).splitlines()
    assert len(rows) == len(given) - 1
    assert not [row["reason"] for row in rows if row["reason"]]
    known = [row for row in rows if row[target] != "?"]
    if task == "regression":
        errors = [abs(float(row["prediction"]) - float(row[target])) for row in known]
        assert sum(errors) / len(errors) < 3.0  # miles; the median's own is above 6
        inside = [float(row["low"]) <= float(row[target]) <= float(row["high"]) for row in known]
        assert sum(inside) / len(inside) > 0.6
    else:
        right = [row["prediction"] == row[target] for row in known]
        assert sum(right) / len(right) > 0.9
        assert {f"probability_{label}" for label in {row[target] for row in known}} <= set(rows[0])
    assert delimiter in given[0]


def test_the_service_answers_as_the_pickled_pipeline_does(own: tuple[Path, str]) -> None:
    same.check(own[0])


@pytest.mark.slow
def test_a_model_of_ones_own_is_approved_and_compared_with(own: tuple[Path, str]) -> None:
    folder, _ = own

    done = small.run(folder, sys.executable, "-m", "stages.approve", "--by", "Ada")

    assert done.returncode == 0, done.stderr
    assert read(folder / "metrics/evaluation.json")["champion_state"]["same"]
    # and DVC itself hands out the approved model by its version
    done = small.run(folder, "dvc", "artifacts", "get", ".", "model", "--rev", "v1.0.0", "-o", "../approved.onnx")
    assert done.returncode == 0, done.stderr
    assert (folder.parent / "approved.onnx").read_bytes() == (folder / "model/model.onnx").read_bytes()
    assert small.repro(folder) == []
