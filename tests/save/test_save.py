"""Save: three files that vouch for each other, or the last good three untouched."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import small

from stages.contracts.manifest import Manifest
from stages.core.errors import GateError, ModelError
from stages.core.files import read_struct, sha256
from stages.model.onnx_predict import predict
from stages.save import __main__ as save
from stages.save import export
from stages.table import csv_io, schema

THREE = ("model.pkl", "model.onnx", "manifest.json")
KILLED = """
import os, pathlib, signal
from stages.save import __main__ as save
from stages.save import export
rename, left = pathlib.Path.replace, [{moved}]
def replace(path, target):
    if target.name in {three} and not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= target.name in {three}
    return rename(path, target)
pathlib.Path.replace = replace
save.work()
"""
"""A save that dies before it moves another of its three files into place."""


def manifest() -> Any:
    return json.loads(Path("model/manifest.json").read_text())


def vouched() -> bool:
    """Whether the files are those the manifest names."""
    return all(sha256(Path("model") / name) == file["sha256"] for name, file in manifest()["files"].items())


def untouched(before: Path) -> bool:
    """Whether the three files are those of before, and nothing else was left behind."""
    same = all((Path("model") / name).read_bytes() == (before / "model" / name).read_bytes() for name in THREE)
    return same and sorted(Path("model").iterdir()) == sorted(
        Path("model") / path.name for path in (before / "model").iterdir()
    )


def change_evaluation(change: dict[str, Any]) -> None:
    path = Path("metrics/evaluation.json")
    evaluation = json.loads(path.read_text())
    evaluation["gates"]["ranking_floor"] |= change
    path.write_text(json.dumps(evaluation))


def test_the_three_files_belong_together(ran: Path, repo: Path) -> None:
    assert vouched()
    assert manifest()["version"] == hashlib.sha256((repo / "model/model.pkl").read_bytes()).hexdigest()[:12]
    assert (repo / "model/model.pkl").read_bytes() == (ran / "model/trained.pkl").read_bytes()
    for name, file in manifest()["files"].items():
        assert (repo / "model" / name).stat().st_size == file["bytes"]


def test_it_makes_the_same_bytes_again(ran: Path, repo: Path) -> None:
    for name in THREE:
        (repo / "model" / name).unlink()
    save.work()
    assert untouched(ran)


@pytest.mark.usefixtures("repo")
def test_the_served_form_answers_clean_rows_as_the_pickle_answers_features() -> None:
    # Given all rows of the table, the hold-out's unseen categories among them
    columns = schema.read()
    clean = csv_io.read(save.CLEAN, columns.types)
    types = json.loads(Path("data/features.json").read_text())["columns"]
    features = csv_io.read(save.FEATURES, {column["name"]: column["type"] for column in types})

    # When both forms answer
    onnx = Path("model/model.onnx").read_bytes()
    served = predict(read_struct(Path("model/manifest.json"), Manifest), onnx, clean, columns.types)[:, 0]
    said = joblib.load("model/model.pkl").predict_proba(features[[column["name"] for column in types]])[:, 1]

    # Then they agree far better than the manifest promises, and it is the positive class they speak of
    assert np.abs(served - said).max() < 1e-12 < manifest()["parity"]["bound"]
    late = (clean["late"] == manifest()["target"]["positive"]).to_numpy()
    assert served[late].mean() > served[~late].mean() + 0.05


def test_the_pickle_answers_where_the_project_is_not(repo: Path) -> None:
    # Given an interpreter that has the packages and not the project, so that any later move of its files is no matter
    code = (
        "import importlib.util, json, sys, joblib, pandas as pd\n"
        "assert importlib.util.find_spec('stages') is None\n"
        "rows = pd.read_csv(sys.argv[2], nrows=20, dtype=json.loads(sys.argv[3]))\n"
        "print(joblib.load(sys.argv[1]).predict_proba(rows)[:, 1].tolist())"
    )
    types = {
        column["name"]: column["type"] for column in json.loads((repo / "data/features.json").read_text())["columns"]
    }
    dtypes = json.dumps({name: "float64" if kind == "number" else "str" for name, kind in types.items()})

    # When it loads the model and asks it
    command = [sys.executable, "-I", "-c", code, str(repo / "model/model.pkl"), str(repo / "data/features.csv"), dtypes]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    # Then it says what it says here
    assert done.returncode == 0, done.stderr
    rows = csv_io.read(save.FEATURES, types).head(20)
    assert json.loads(done.stdout) == joblib.load("model/model.pkl").predict_proba(rows)[:, 1].tolist()


@pytest.mark.usefixtures("repo")
def test_the_manifest_says_what_the_model_was_made_of() -> None:
    # Given the provenance
    made_of = manifest()["provenance"]

    # Then it holds each raw file's hash, the params that shape the model, and the packages
    raw = {entry["name"]: entry["sha256"] for entry in json.loads(Path("data/raw/manifest.json").read_text())["files"]}
    assert made_of["data"] == raw
    assert set(made_of["params"]) == {"clean", "features", "train"}
    assert made_of["params"]["train"]["learning_rate"] == 0.1
    assert made_of["packages"]["scikit-learn"] == json.loads(Path("packages.json").read_text())["scikit-learn"]
    assert manifest()["metrics"] == json.loads(Path("metrics/evaluation.json").read_text())["candidate"]


@pytest.mark.parametrize("result", ["not met", "undecided"])
def test_a_must_gate_that_is_not_met_keeps_the_last_good_model(ran: Path, repo: Path, other: Path, result: str) -> None:
    # Given another candidate, which fails a gate
    shutil.copy(other / "model/trained.pkl", repo / "model")
    shutil.copy(other / "metrics/evaluation.json", repo / "metrics")
    change_evaluation({"result": result, "value": 0.58, "low": 0.55, "high": 0.6})

    # When it is to be saved
    with pytest.raises(GateError) as error:
        save.work()

    # Then the message names the gate, the rule and what was measured, and who may do what
    assert f"ranking_floor is {result} (AUC, lower end of the interval above 0.5; measured 0.58" in str(error.value)
    assert "interval 0.55 to 0.6" in str(error.value)
    assert "The last good model stays" in str(error.value)
    shutil.copy(ran / "model/trained.pkl", repo / "model")
    assert untouched(ran)


@pytest.mark.usefixtures("repo")
def test_a_should_gate_stops_nothing() -> None:
    change_evaluation({"level": "should", "result": "not met", "value": 0.4, "low": 0.3, "high": 0.5})
    save.work()
    assert vouched()


def test_a_refusal_ends_the_command_with_a_message_and_exit_code_1(ran: Path, repo: Path) -> None:
    change_evaluation({"result": "not met", "value": 0.4, "low": 0.3, "high": 0.5})
    done = small.stage(repo, "save")
    assert done.returncode == 1
    assert "save failed: the candidate is not saved: ranking_floor is not met" in done.stderr
    assert "Traceback" not in done.stderr
    assert untouched(ran)


@pytest.mark.parametrize("damage", ["missing", "cut", "emptied", "one bit", "another thing"])
def test_a_candidate_that_cannot_be_read_is_named(ran: Path, repo: Path, damage: str) -> None:
    # Given a candidate whose file was damaged
    trained = repo / "model/trained.pkl"
    content = trained.read_bytes()
    trained.unlink()
    if damage != "missing":
        middle = len(content) // 3
        flipped = content[:3] + bytes([content[3] ^ 0x40]) + content[4:]
        damaged = {"cut": content[:middle], "emptied": b"", "one bit": flipped, "another thing": b"PK\x03\x04"}
        trained.write_bytes(damaged[damage])

    # When it is to be saved
    with pytest.raises(ModelError, match=r"model/trained.pkl is (missing|damaged).* Run `dvc repro"):
        save.work()

    # Then the last good model stays
    trained.write_bytes(content)
    assert untouched(ran)


@pytest.mark.parametrize("content", [None, "", "{"])
def test_an_evaluation_that_cannot_be_read_is_named(ran: Path, repo: Path, content: str | None) -> None:
    path = repo / "metrics/evaluation.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(ModelError, match=r"metrics/evaluation.json is missing or damaged"):
        save.work()
    assert untouched(ran)


def test_two_forms_that_differ_are_not_saved(ran: Path, repo: Path) -> None:
    # Given a definition that is not the one the features were made by: one is derived from another column
    definition = json.loads((repo / "data/features.json").read_text())
    for step in definition["derive"]:
        if step["name"] == "dep_minutes":
            step["of"] = ["sched_arr_time"]
    (repo / "data/features.json").write_text(json.dumps(definition))

    # When it is to be saved
    with pytest.raises(ModelError, match=r"model.onnx differs from model.pkl by .* than save.parity_bound"):
        save.work()

    # Then nothing was written
    assert untouched(ran)


@pytest.mark.slow
@pytest.mark.parametrize("moved", [0, 1, 2])
def test_killed_while_writing_no_manifest_vouches_for_other_files(
    ran: Path, repo: Path, other: Path, moved: int
) -> None:
    # Given another candidate
    for path in ("model/trained.pkl", "metrics/evaluation.json", "metrics/plots/importance.csv", "params.yaml"):
        shutil.copy(other / path, repo / path)

    # When its save is killed before the first, the second or the third file moves into place
    killed = subprocess.run([sys.executable, "-c", KILLED.format(moved=moved, three=THREE)], check=False)
    assert killed.returncode == -signal.SIGKILL

    # Then the old manifest still stands, true as long as nothing moved and visibly untrue from then on
    assert (repo / "model/manifest.json").read_bytes() == (ran / "model/manifest.json").read_bytes()
    assert vouched() == (moved == 0)

    # And the next save makes it whole
    save.work()
    assert vouched()
    for name in THREE:
        assert (repo / "model" / name).read_bytes() == (other / "model" / name).read_bytes()


@pytest.mark.parametrize(
    ("difference", "told"), [(0.0, 1e-12), (2.2e-16, 1e-12), (1e-12, 1e-12), (1.1e-12, 2e-12), (3e-10, 3e-10)]
)
def test_a_difference_is_told_in_steps_that_no_processor_changes(difference: float, told: float) -> None:
    assert export.round_up(difference) == told
