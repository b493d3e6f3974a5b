"""make repro: what a person holds after a run that failed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
import small

from stages.transaction import replacement

README = (small.ROOT / "README.md").read_text(encoding="utf-8")
THREE = ("model/model.pkl", "model/model.onnx", "model/manifest.json")
FLOOR = "ranking_floor: {level: must, metric: auc, low_above: 0.5}"


def readme_ends(repo: Path) -> list[str]:
    """The last lines that the README shows of `make repro`, with this repository's model and verdict."""
    model = json.loads((repo / "model/manifest.json").read_text())["version"]
    title = json.loads((repo / "reports/report.json").read_text())["decision"]["title"]
    lines = README.partition("\nMade: ")[2].partition("\n```")[0]
    return (
        f"Made: {lines}".replace("model …", f"model {model}").replace("Approve as the first model", title).splitlines()
    )


@pytest.mark.slow
def test_after_a_failure_the_last_good_outputs_are_back(ran: Path, repo: Path) -> None:
    # Given a gate that the candidate cannot meet
    small.edit(repo / "params.yaml", FLOOR, FLOOR.replace("0.5", "0.99"))

    # When the pipeline runs
    refused = small.run(repo, sys.executable, "-m", "stages.repro")

    # Then it fails at save, the report of the refused candidate is there, and the last good model and report stay
    assert refused.returncode != 0
    assert "save failed: the candidate is not saved: ranking_floor" in refused.stderr
    assert "reports/rejected_report.pdf says why" in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("Next: improve the model")
    assert (repo / "reports/rejected_report.pdf").read_bytes().startswith(b"%PDF")
    for path in (*THREE, "reports/final_report.pdf", "reports/report.json", "reports/predictions.json"):
        assert (repo / path).read_bytes() == (ran / path).read_bytes(), path
    assert all((repo / path).exists() for path in replacement.list_outputs())
    assert "reports/rejected_report.pdf" not in small.run(repo, "git", "status", "--porcelain").stdout

    # When training then fails for another reason
    small.edit(repo / "params.yaml", "learning_rate: 0.1", "learning_rate: -0.1")
    crashed = small.run(repo, sys.executable, "-m", "stages.repro")

    # Then nobody is told that the candidate was refused, and what DVC had deleted is back
    assert crashed.returncode != 0
    assert "train failed: params.yaml: train.learning_rate" in crashed.stderr
    assert "refused" not in crashed.stderr
    assert crashed.stderr.splitlines()[-1].startswith("Next: put that right")
    assert not (repo / "reports/rejected_report.pdf").exists()
    assert "Restored from the last good run: " in crashed.stderr
    for path in ("model/trained.pkl", "metrics/train.json", "metrics/learning_curve.csv", *THREE):
        assert (repo / path).read_bytes() == (ran / path).read_bytes(), path

    # When both are put right
    small.edit(repo / "params.yaml", "learning_rate: -0.1", "learning_rate: 0.1")
    small.edit(repo / "params.yaml", FLOOR.replace("0.5", "0.99"), FLOOR)
    good = small.run(repo, sys.executable, "-m", "stages.repro")

    # Then all is as it was
    assert good.returncode == 0, good.stderr
    assert (repo / "dvc.lock").read_bytes() == (ran / "dvc.lock").read_bytes()

    # And it ends as the README says
    assert good.stdout.splitlines()[-3:] == readme_ends(repo)


@pytest.mark.slow
def test_a_good_run_that_nobody_committed_is_what_comes_back(repo: Path) -> None:
    # Given a good run with another learning rate, not committed
    small.edit(repo / "params.yaml", "learning_rate: 0.1", "learning_rate: 0.2")
    assert small.run(repo, sys.executable, "-m", "stages.repro").returncode == 0
    outputs = ("model/trained.pkl", "metrics/train.json", "metrics/learning_curve.csv")
    good = {path: (repo / path).read_bytes() for path in outputs}
    # When the next one fails by a typo
    small.edit(repo / "params.yaml", "max_rounds:", "max_round:")
    assert small.run(repo, sys.executable, "-m", "stages.repro").returncode != 0
    # Then the outputs of the good run are back, and with the typo mended nothing has to run
    assert {path: (repo / path).read_bytes() for path in outputs} == good
    small.edit(repo / "params.yaml", "max_round:", "max_rounds:")
    assert small.repro(repo) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("evaluate:\n", "evalute:\n", "unknown section 'evalute'. Did you mean 'evaluate'?"),
        ("save:\n", "extra: {}\nsave:\n", "unknown section 'extra'."),
        ("ingest:\n", "ingest: [\n", "is not valid YAML"),
    ],
)
def test_params_that_cannot_be_meant_stop_it_before_anything_runs(repo: Path, old: str, new: str, message: str) -> None:
    small.edit(repo / "params.yaml", old, new)
    done = small.run(repo, sys.executable, "-m", "stages.repro")
    assert done.returncode == 1
    assert message in done.stderr
    assert "Running stage" not in done.stdout
    assert all(Path(path).exists() for path in replacement.list_outputs())


@pytest.mark.parametrize(
    "command",
    [
        "repro",
        "verify",
        "leftovers",
        "report_diff main",
        "approve --by Ada",
        "adopt a.csv --target b",
        "tune --trials 1",
    ],
)
def test_a_downloaded_zip_is_told_what_to_type(tmp_path: Path, command: str) -> None:
    # given the files without a git repository
    shutil.copy(small.DATA / "params.yaml", tmp_path)
    # then each command that needs one says so
    name, *arguments = command.split()
    program = [sys.executable, "-m", f"stages.{name}", *arguments]
    speaks = {"LANGUAGE": "de", "LC_ALL": "C.UTF-8"}
    places = {"PYTHONPATH": str(small.ROOT), "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)}
    done = small.run(tmp_path, *program, **places, **speaks)
    assert done.returncode == 1
    assert "git init && git add --all && git commit" in done.stderr
    assert "Traceback" not in done.stderr
