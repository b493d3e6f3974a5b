"""A person's decision: what it changes, what it records, and that a failed one changes nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import small
import yaml

from stages.approve import next_version

pytestmark = pytest.mark.slow


def commit(folder: Path) -> None:
    small.run(folder, "git", "add", "--all")
    small.run(folder, "git", "commit", "--quiet", "--message", "run")


def approve(folder: Path, *arguments: str) -> tuple[int, str]:
    done = small.run(folder, sys.executable, "-m", "stages.approve", *arguments)
    return done.returncode, done.stdout + done.stderr


def champion(folder: Path) -> str | None:
    version: str | None = json.loads((folder / "model/champion.json").read_text())["version"]
    return version


def evaluation(folder: Path) -> dict:
    return json.loads((folder / "metrics/evaluation.json").read_text())


def tracked_state(folder: Path) -> str:
    return small.run(folder, "git", "status", "--porcelain").stdout


def test_approving_makes_the_candidate_the_champion_and_the_next_run_compares_with_it(repo: Path) -> None:
    # given a candidate and no champion yet
    candidate = json.loads((repo / "model/manifest.json").read_text())["version"]
    assert evaluation(repo)["champion"] == "none yet"
    # when a person approves it
    code, said = approve(repo, "--by", 'Ada "the first" $HOME', "--note", "as agreed")
    # then it is the champion, the record says who, the tree and the lock are clean, and the tags are on that commit
    assert code == 0, said
    assert champion(repo) == candidate
    record = yaml.safe_load((repo / "reports/approval.yaml").read_text())
    assert (record["by"], record["note"], record["model"]) == ('Ada "the first" $HOME', "as agreed", candidate)
    assert tracked_state(repo) == ""
    assert "up to date" in small.run(repo, "dvc", "status").stdout
    assert small.run(repo, "git", "tag", "--points-at", "HEAD").stdout.split() == ["model#production#1", "model@v1.0.0"]
    assert evaluation(repo)["champion"] == {"same": True, "version": candidate}
    # and when another candidate is trained, it is compared with the champion on the same rows
    params = repo / "params.yaml"
    params.write_text(params.read_text().replace("max_leaf_nodes: 31", "max_leaf_nodes: 7"))
    small.repro(repo)
    compared = evaluation(repo)
    assert compared["champion"]["version"] == candidate
    assert compared["gates"]["no_worse_than_champion"]["result"] in ("met", "not met", "undecided")
    assert compared["champion"]["auc"] != compared["candidate"]["auc"]


def test_rejecting_records_the_decision_and_keeps_the_champion(repo: Path) -> None:
    # given a candidate; when it is rejected
    code, said = approve(repo, "--by", "Ada", "--decision", "reject", "--note", "misses too many")
    # then the record is committed, there is no champion and no tag
    assert code == 0, said
    assert champion(repo) is None
    assert yaml.safe_load((repo / "reports/approval.yaml").read_text())["decision"] == "reject"
    assert tracked_state(repo) == ""
    assert small.run(repo, "git", "tag").stdout == ""


def test_what_is_not_committed_or_out_of_date_is_not_approved(repo: Path) -> None:
    # given a changed parameter that was not committed
    params = repo / "params.yaml"
    params.write_text(params.read_text().replace("patience: 3", "patience: 4"))
    # when it is approved, then it is refused with what to do
    code, said = approve(repo, "--by", "Ada")
    assert code == 1
    assert "uncommitted" in said
    # and given it is committed but not reproduced, it is refused too
    commit(repo)
    code, said = approve(repo, "--by", "Ada")
    assert code == 1
    assert "Run make repro" in said
    assert champion(repo) is None


def test_a_decision_that_cannot_be_carried_out_changes_nothing(repo: Path) -> None:
    # given a repository in which nobody can commit
    hook = repo / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    before = small.run(repo, "git", "rev-parse", "HEAD").stdout
    # when the candidate is approved
    code, said = approve(repo, "--by", "Ada")
    # then it fails, and champion, record, commit and tags are as they were
    assert code == 1
    assert "nothing is changed" in said
    assert champion(repo) is None
    assert not (repo / "reports/approval.yaml").exists()
    assert small.run(repo, "git", "rev-parse", "HEAD").stdout == before
    assert small.run(repo, "git", "tag").stdout == ""
    assert tracked_state(repo) == ""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_approval_that_is_stopped_half_way_changes_nothing(repo: Path, stop: signal.Signals) -> None:
    # given an approval that is running what depends on the champion
    process = subprocess.Popen(
        [sys.executable, "-m", "stages.approve", "--by", "Ada"], cwd=repo, env=small.ENVIRONMENT, start_new_session=True
    )
    deadline = time.monotonic() + 60
    while champion(repo) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(1)
    # when it is stopped
    os.killpg(process.pid, stop) if stop == signal.SIGINT else process.send_signal(stop)
    # then it fails, and there is no champion, no record, no tag, and nothing to commit
    assert process.wait(timeout=60) != 0
    assert champion(repo) is None
    assert not (repo / "reports/approval.yaml").exists()
    assert small.run(repo, "git", "tag").stdout == ""
    assert tracked_state(repo) == ""
    assert "up to date" in small.run(repo, "dvc", "status").stdout


@pytest.mark.parametrize("arguments", [["--by", " "], ["--by", "Ada", "--version", "1.2"], []])
def test_an_incomplete_decision_is_refused(repo: Path, arguments: list[str]) -> None:
    code, said = approve(repo, *arguments)
    assert code == 2
    assert "make approve" in said
    assert champion(repo) is None


@pytest.mark.parametrize(
    ("tags", "version"),
    [
        ([], "v1.0.0"),
        (["model@v1.0.0"], "v1.1.0"),
        (["model@v1.9.0", "model@v1.10.3"], "v1.11.0"),
        (["model@v2.0.0", "model@v1.7.0"], "v2.1.0"),
    ],
)
def test_the_next_version_is_the_next_minor(tags: list[str], version: str) -> None:
    assert next_version(tags) == version
