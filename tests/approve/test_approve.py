"""A person's decision: what it changes, what it records, and that a failed one changes nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import small
import yaml
from examples import shortly

from serve.scoring import loader
from stages.approve.__main__ import choose_version, list_versions
from stages.core.errors import ModelError
from stages.core.files import sha256, write_json
from stages.transaction import aside

KILLING = """#!/bin/sh
[ "$1" = committed ] && grep -q refs/tags/model@ && case "$(git rev-parse --absolute-git-dir)" in
*/aside/.git) ;;
*) kill -KILL "$(cat {approver})" ;;
esac
exit 0
"""
"""A hook of git's: kills the approver when tags, and the branch with them, have come to the repository itself."""


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


@pytest.mark.slow
def test_approving_makes_the_candidate_the_champion_and_the_next_run_compares_with_it(repo: Path) -> None:
    # given a candidate and no champion yet
    candidate = json.loads((repo / "model/manifest.json").read_text())["version"]
    assert evaluation(repo)["champion_state"] == {}
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
    assert evaluation(repo)["champion_state"] == {"same": True, "version": candidate}
    # and when another candidate is trained, it is compared with the champion on the same rows
    params = repo / "params.yaml"
    params.write_text(params.read_text().replace("max_leaf_nodes: 31", "max_leaf_nodes: 7"))
    small.repro(repo)
    compared = evaluation(repo)
    assert compared["champion_state"] == {"version": candidate}
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


@pytest.mark.slow
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


def begin(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "stages.approve", "--by", "Ada"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env=small.ENVIRONMENT,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # which whoever runs the tests may ignore
    )


def at_work_in(folder: Path) -> list[str]:
    """The processes whose current folder lies there."""
    found = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and (process / "cwd").readlink().is_relative_to(folder):
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def until(holds: Callable[[], bool], seconds: float = 120) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize(
    "stop", shortly([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], signal.SIGKILL)
)
def test_an_approval_that_is_stopped_half_way_changes_nothing(repo: Path, stop: signal.Signals) -> None:
    # given an approval that is running what depends on the champion, which nobody else sees
    head = small.run(repo, "git", "rev-parse", "HEAD").stdout
    process = begin(repo)
    assert until(lambda: (repo / aside.CLONE / "model/champion/manifest.json").exists())
    assert until(lambda: any("stages.evaluate" in command for command in at_work_in(repo / aside.CLONE)))
    assert not loader.load(repo).approved
    # when it is stopped
    os.killpg(process.pid, stop) if stop == signal.SIGINT else process.send_signal(stop)
    # then it fails, what it started ends, and there is no champion, no record, no tag, and nothing to commit
    assert process.wait(timeout=60) != 0
    assert until(lambda: not at_work_in(repo / aside.CLONE)), at_work_in(repo / aside.CLONE)
    assert champion(repo) is None
    assert not (repo / "reports/approval.yaml").exists()
    assert small.run(repo, "git", "rev-parse", "HEAD").stdout == head
    assert small.run(repo, "git", "tag").stdout == ""
    assert tracked_state(repo) == ""
    assert "up to date" in small.run(repo, "dvc", "status").stdout
    # and the next decision is recorded as if nothing had been
    code, said = approve(repo, "--by", "Bo", "--decision", "reject")
    assert code == 0, said
    assert ("killed before it was made" in said) == (stop == signal.SIGKILL)
    assert not (repo / aside.CLONE).exists()
    assert tracked_state(repo) == ""


@pytest.mark.slow
def test_an_approval_that_is_killed_when_it_is_made_is_ended_by_the_next_command(repo: Path) -> None:
    # given an approval that is killed at the moment in which the branch has moved to its commit
    hook = repo / ".git/hooks/reference-transaction"
    hook.write_text(KILLING.format(approver=repo / "logs/pid"))
    hook.chmod(0o755)
    candidate = json.loads((repo / "model/manifest.json").read_text())["version"]
    process = begin(repo)
    (repo / "logs/pid").write_text(str(process.pid))
    assert process.wait(timeout=120) == -signal.SIGKILL
    hook.unlink()
    tags = ["model#production#1", "model@v1.0.0"]
    assert small.run(repo, "git", "tag").stdout.split() == tags
    assert champion(repo) is None
    assert not loader.load(repo).approved
    # and an output that was changed since, one copy where DVC's cache is gone, and one where work was committed
    with (repo / "data/predictions.csv").open("a") as file:
        file.write("a note\n")
    bare, later = (Path(shutil.copytree(repo, repo.parent / name, symlinks=True)) for name in ("bare", "later"))
    shutil.rmtree(bare / ".dvc/cache/files")
    small.run(later, "git", "commit", "--quiet", "--all", "--message", "work")
    for folder in (repo, bare, later):
        # when the same is typed again
        code, said = approve(folder, "--by", "Ada")
        # then it says what was recorded, and records nothing more
        assert code == 1
        assert f"it was recorded: Approve model {candidate} as v1.0.0" in said, said
        assert small.run(folder, "git", "tag").stdout.split() == tags
        assert not (folder / aside.CLONE).exists()
        assert ("make repro makes what is missing" in said) == (folder == bare), said
        assert ("the checkout is now at its commit" in said) == (folder != later), said
        assert ("commits have followed it" in said) == (folder == later), said
    # and the checkout is what was committed, and nothing has to run
    done = small.run(repo, sys.executable, "-m", "stages.repro")
    assert "Running stage" not in done.stdout
    assert champion(repo) == candidate
    assert loader.load(repo).approved
    assert tracked_state(repo) == ""


@pytest.mark.slow
def test_hooks_that_want_dvcs_cache_find_it(repo: Path) -> None:
    # given the hooks of DVC, of which one wants the outputs of what is checked out
    assert small.run(repo, "dvc", "install").returncode == 0
    # when a decision is recorded, then it is
    code, said = approve(repo, "--by", "Ada", "--decision", "reject")
    assert code == 0, said
    assert tracked_state(repo) == ""


def test_without_a_branch_or_a_name_for_the_commit_that_is_said_first(repo: Path) -> None:
    command = [sys.executable, "-m", "stages.approve", "--by", "Ada", "--decision", "reject"]
    done = small.run(repo, *command, GIT_COMMITTER_NAME="")
    assert done.returncode == 1
    assert "git does not know who commits. Tell it: git config user.name" in done.stderr
    small.run(repo, "git", "checkout", "--quiet", "--detach")
    done = small.run(repo, *command)
    assert done.returncode == 1
    assert "no branch is checked out, so the record would be lost: git switch <branch> first" in done.stderr


def test_a_champion_that_git_does_not_have_is_refused_by_name(repo: Path) -> None:
    # given a pointer to the candidate that no approval wrote
    candidate = json.loads((repo / "model/manifest.json").read_text())
    for name in ("manifest.json", "model.onnx"):
        shutil.copy(repo / "model" / name, repo / "model/champion")
    files = {name: sha256(repo / "model/champion" / name) for name in ("manifest.json", "model.onnx")}
    write_json(repo / "model/champion.json", {"version": candidate["version"], "files": files})
    # then it is neither served nor approved nor compared with, and each says how to undo it
    named = f"names version {candidate['version']}, which git does not have: no approval made it. Undo it: git restore"
    with pytest.raises(ModelError, match=named):
        loader.load(repo)
    code, said = approve(repo, "--by", "Ada")
    assert code == 1
    assert named in said
    assert "Commit" not in said
    done = small.run(repo, sys.executable, "-m", "stages.repro")
    assert done.returncode == 1
    assert named in done.stderr
    # nor in a repository of longer hashes, unless it is committed
    shutil.rmtree(repo / ".git")
    mine = (repo / "model/champion.json").read_bytes()
    write_json(repo / "model/champion.json", {"version": None})
    small.run(repo, "git", "init", "--quiet", "--object-format", "sha256")
    commit(repo)
    (repo / "model/champion.json").write_bytes(mine)
    with pytest.raises(ModelError, match=named):
        loader.load(repo)
    commit(repo)
    assert loader.load(repo).approved
    # and where git is not, it is served
    shutil.rmtree(repo / ".git")
    assert loader.load(repo).approved


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
        (["model@v1.0.0", "model@v1.0.0!"], "v1.1.0"),
        (["model@v1.0.0!#2"], "v1.1.0"),
        (["model@v1.0.0", "model@v1.1.0-rc.1"], "v1.1.0"),
        (["model@v2.0.0-rc.1", "model@v1.3.0+build.7"], "v1.4.0"),
        (["model@v1", "model@v1.2", "model@vfinal", "model@v01.2.3"], "v1.0.0"),
    ],
)
def test_the_next_version_is_the_next_minor(tags: list[str], version: str) -> None:
    assert choose_version(list_versions(tags)) == version


@pytest.mark.slow
def test_a_version_is_given_once_and_may_be_a_pre_release(repo: Path) -> None:
    # given a version that was registered and deprecated
    for command in (["register", "model", "--version", "v1.0.0"], ["deprecate", "model", "v1.0.0"]):
        assert small.run(repo, "gto", *command).returncode == 0
    small.run(repo, "git", "commit", "--quiet", "--allow-empty", "--message", "more")
    # then it is not given again, and a pre-release is recorded, tagged, and read by publish
    code, said = approve(repo, "--by", "Ada", "--version", "v1.0.0")
    assert (code, "v1.0.0 exists already" in said) == (1, True), said
    code, said = approve(repo, "--by", "Ada", "--version", "1.1.0-rc.1")
    assert code == 0, said
    assert "model@v1.1.0-rc.1" in small.run(repo, "git", "tag", "--points-at", "HEAD").stdout.split()
    assert small.stage(repo, "publish").returncode == 0
    assert (repo / "reports/published/v1.1.0-rc.1.pdf").exists()
