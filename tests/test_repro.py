"""make repro: what a person holds after a run that failed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import small

from stages import repro

THREE = ("model/model.pkl", "model/model.onnx", "model/manifest.json")
FLOOR = "ranking_floor: {level: must, metric: auc, low_above: 0.5}"


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
    assert (repo / "reports/rejected_report.pdf").read_bytes().startswith(b"%PDF")
    for path in (*THREE, "reports/final_report.pdf", "reports/report.json", "reports/predictions.json"):
        assert (repo / path).read_bytes() == (ran / path).read_bytes(), path
    assert repro.missing_outputs() == {"dvc": [], "git": []}
    assert "reports/rejected_report.pdf" not in small.run(repo, "git", "status", "--porcelain").stdout

    # When training then fails for another reason
    small.edit(repo / "params.yaml", "learning_rate: 0.1", "learning_rate: -0.1")
    crashed = small.run(repo, sys.executable, "-m", "stages.repro")

    # Then nobody is told that the candidate was refused, and what DVC had deleted is back
    assert crashed.returncode != 0
    assert "train failed: params.yaml: train.learning_rate" in crashed.stderr
    assert "refused" not in crashed.stderr
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


@pytest.mark.usefixtures("repo")
def test_missing_outputs_are_told_by_who_keeps_them() -> None:
    # Given outputs deleted: one of DVC's, one of git's, and a plain file that is neither
    for path in ("data/features.csv", "metrics/train.json", "README"):
        Path(path).unlink(missing_ok=True)

    # Then each is looked for where it is kept
    assert repro.missing_outputs() == {"dvc": ["data/features.csv"], "git": ["metrics/train.json"]}
