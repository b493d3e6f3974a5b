"""The way back: a former champion is in use again, recorded and tagged, and who took it back, and why, is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import remotes
import small
import yaml

from stages.core.files import sha256
from stages.serve.server_process import free_port

WHY = "wrong at night"


def run(folder: Path, command: str, *arguments: str) -> CompletedProcess[str]:
    return small.run(folder, sys.executable, "-m", f"stages.{command}", *arguments)


def in_use(folder: Path) -> str:
    return str(json.loads((folder / "model/champion.json").read_text())["version"])


@pytest.fixture(scope="module")
def twice(ran: Path, shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """A repository in which two models were approved, one after the other. Copy it."""

    def make(folder: Path) -> None:
        small.shutil.copytree(ran, folder, symlinks=True, dirs_exist_ok=True)
        done = run(folder, "approve", "--by", "Ada")
        assert done.returncode == 0, done.stderr
        small.edit(folder / "params.yaml", "learning_rate: 0.1", "learning_rate: 0.11")
        assert small.repro(folder)
        small.commit(folder, "another rate")
        done = run(folder, "approve", "--by", "Bo", "--decision", "conditions", "--note", "look again in May")
        assert done.returncode == 0, done.stderr

    return shared("twice", make)


@pytest.fixture
def repo(twice: Path, tmp_path: Path) -> Path:
    return Path(small.shutil.copytree(twice, tmp_path / "repo", symlinks=True))


def test_the_former_champion_is_in_use_again(repo: Path) -> None:
    # given two approved models
    first = json.loads(small.run(repo, "git", "show", "model@v1.0.0:model/champion.json").stdout)["version"]
    second = in_use(repo)
    assert first != second

    # when the second one is taken back
    done = run(repo, "rollback", "--by", "Cy", "--note", WHY)
    assert done.returncode == 0, done.stderr

    # then the champion, its files, the record, the registry and git all say so
    assert in_use(repo) == first
    assert json.loads((repo / "model/champion/manifest.json").read_text())["version"] == first
    record = yaml.safe_load((repo / "reports/approval.yaml").read_text())
    assert (record["decision"], record["version"], record["model"], record["by"], record["note"]) == (
        "rollback", "v1.0.0", first, "Cy", WHY)  # fmt: skip
    assert small.run(repo, "git", "status", "--porcelain").stdout == ""
    assert small.run(repo, "git", "tag", "--points-at", "model@v1.0.0^{commit}").stdout.split() == [
        "model#production#1", "model#production#3", "model@v1.0.0"]  # fmt: skip
    assert run(repo, "history").stderr == ""

    # and the history tells it all, the latest first
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in run(repo, "history").stdout.splitlines()]
    assert [(line[0], line[2], line[3], line[7]) for line in lines[2:]] == [
        ("v1.0.0", "Cy", f"rollback: {WHY}", "in use"),
        ("v1.1.0", "Bo", "conditions: look again in May", "taken back"),
        ("v1.0.0", "Ada", "approve", ""),
    ]
    assert lines[3][6].startswith("Ranking quality, AUC 0.")

    # and the same again finds no former one, nor is a report of it published
    again = run(repo, "rollback", "--by", "Cy", "--note", WHY)
    assert "there is no former model that was not taken back" in again.stderr
    assert "is in use again by a rollback" in run(repo, "publish").stderr

    # when the pipeline is run and its candidate is to be approved again, then it is told who took it back, and why
    assert small.repro(repo)
    small.commit(repo, "compared")
    refused = run(repo, "approve", "--by", "Bo")
    assert refused.returncode == 1
    assert f"model {second} was in use, and Cy took it back on" in refused.stderr
    assert WHY in refused.stderr
    done = run(repo, "approve", "--by", "Bo", "--note", "the night was the sensor's fault")
    assert done.returncode == 0, done.stderr
    assert in_use(repo) == second


def test_what_a_person_did_to_a_file_that_dvc_keeps_stays(repo: Path) -> None:
    # given a table of DVC's that somebody edits
    table = repo / "data/features.csv"
    table.write_text("being looked at")
    # then a rollback, which changes nothing of DVC's, leaves it so
    assert rolled(repo, "v1.0.0").returncode == 0
    assert table.read_text() == "being looked at"


def test_a_record_of_old_that_cannot_be_read_stops_nothing(repo: Path) -> None:
    record = repo / "reports/approval.yaml"
    good = record.read_text()
    for text in (f"{good}more: 1\n", good):
        record.write_text(text)
        small.commit(repo, "a record by hand")
    found = run(repo, "history")
    assert found.returncode == 0
    assert "A record of an earlier commit is left out" in found.stderr
    assert found.stdout.count("| v1.") == 2


def test_a_version_is_chosen_by_its_name(repo: Path) -> None:
    assert "there is no version v9.0.0; there are v1.0.0, v1.1.0" in rolled(repo, "v9.0.0").stderr
    assert "v1.1.0 is the model in use already" in rolled(repo, "v1.1.0").stderr
    assert "must look like v1.2.3" in rolled(repo, "latest").stderr
    assert rolled(repo, "1.0.0").returncode == 0


def test_whoever_does_not_say_why_is_refused(repo: Path) -> None:
    found = run(repo, "rollback", "--by", "Cy")
    assert found.returncode == 2
    assert "say who decides, and why" in found.stderr


def test_a_registry_that_says_otherwise_is_told(repo: Path) -> None:
    # given somebody who assigned the first version by hand
    stage = ["--stage", "production", "--simple", "false", "--force"]
    assert small.run(repo, "gto", "assign", "model", "--version", "v1.0.0", *stage).returncode == 0
    then = json.loads(small.run(repo, "git", "show", "model@v1.0.0:model/champion.json").stdout)["version"]
    told = f"has v1.0.0 (model {then}) in production, but model/champion.json names model {in_use(repo)}"
    # then history, the service and approve say so
    assert told in run(repo, "history").stderr
    with remotes.running([sys.executable, "-m", "http.server", str(port := free_port())], port, repo / "log"):
        served = small.run(repo, sys.executable, "-m", "serve", "--port", str(port))
    assert told in served.stderr
    # or took the one in use out
    assert small.run(repo, "gto", "deprecate", "model", "v1.0.0", "production", "--force").returncode == 0
    assert small.run(repo, "gto", "deprecate", "model", "v1.1.0", "production", "--force").returncode == 0
    gone = f"has none in production, but model/champion.json names model {in_use(repo)}"
    assert gone in run(repo, "history").stderr
    assert gone in run(repo, "approve", "--by", "Ada").stderr


@pytest.mark.slow
def test_where_the_cache_is_lost_the_signed_report_is_made_again(repo: Path) -> None:
    # given the record of a decision, and nothing left of what DVC kept
    record = yaml.safe_load(small.run(repo, "git", "show", "model@v1.1.0:reports/approval.yaml").stdout)
    assert small.run(repo, "git", "checkout", "--quiet", record["commit"]).returncode == 0
    for path in (".dvc/cache", ".checkpoints", "data/raw", "model/trained.pkl", "reports/final_report.pdf"):
        gone = repo / path
        small.shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    # when the commit that was looked at is made again
    made = run(repo, "repro")
    assert made.returncode == 0, made.stderr
    # then the report has the hash that was signed, and git sees no difference
    assert sha256(repo / "reports/final_report.pdf") == record["report_sha256"]
    assert small.run(repo, "git", "status", "--porcelain").stdout == ""


def rolled(repo: Path, to: str) -> CompletedProcess[str]:
    return run(repo, "rollback", "--by", "Cy", "--note", WHY, "--to", to)
