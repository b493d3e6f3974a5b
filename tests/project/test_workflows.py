"""What GitHub and GitLab run: files that they read, with nothing unsafe in them, and the same on both."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from small import ROOT

HOSTS = ROOT / ".github" / "workflows"
WORKFLOWS = sorted(HOSTS.iterdir())
GITLAB = ROOT / ".gitlab-ci.yml"
SCRIPTS = [ROOT / ".ci/run", ROOT / ".ci/tools", ROOT / ".ci/pages", ROOT / "serve/start"]


def read(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def lint(program: str, *arguments: str | Path, text: str | None = None) -> None:
    """Fail with what a program of requirements-test.txt has to say, if it has."""
    command = [Path(sys.executable).with_name(program), *arguments]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def list_scripts() -> list[str]:
    """Each script that stands in a file of either host."""
    jobs = [job for job in read(GITLAB).values() if isinstance(job, dict)]
    return [
        *(step["run"] for path in WORKFLOWS for step in steps(path) if "run" in step),
        *(line for job in jobs for part in ("script", "after_script") for line in job.get(part, [])),
    ]


def find_commands(job: dict[str, Any]) -> list[str]:
    """What a job of GitLab's runs of this repository's."""
    found = re.findall(r"^(?:\.ci/\w+|make [\w-]+(?: LOCK_ONLY=1)?)", "\n".join(job["script"]), flags=re.MULTILINE)
    assert found
    return found


def is_upload(step: dict[str, Any]) -> bool:
    return "upload-artifact" in step.get("uses", "")


def test_github_can_read_its_files() -> None:
    assert {path.name for path in WORKFLOWS} == {"reproduce.yml", "comment.yml"}
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    lint("check-jsonschema", "--builtin-schema", "custom.github-workflows-require-timeout", *WORKFLOWS)


def test_gitlab_can_read_its_file() -> None:
    lint("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", GITLAB)


def test_zizmor_finds_nothing_unsafe() -> None:
    lint("zizmor", "--offline", "--persona", "pedantic", "--strict-collection", *WORKFLOWS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_shellcheck_has_nothing_to_say_about_a_script(path: Path) -> None:
    lint("shellcheck", path)


def test_shellcheck_has_nothing_to_say_about_the_steps() -> None:
    scripts = list_scripts()

    assert len(scripts) > 10
    for script in scripts:
        lint("shellcheck", "--shell", "bash", "-", text=script)


def test_every_action_is_pinned_by_its_commit_at_one_version() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    used = re.findall(r"uses: (.+)", text)
    pinned = [re.fullmatch(r"([\w-]+/[\w-]+)@[0-9a-f]{40}  # v\d+\.\d+\.\d+", line) for line in used]

    assert all(pinned), used
    assert len({match[1] for match in pinned if match}) == len(set(used))


def test_what_may_write_runs_nothing_of_a_pull_request() -> None:
    path = HOSTS / "comment.yml"
    checkout, download, comment = steps(path)

    assert read(path)["permissions"] == {}
    assert checkout["with"]["ref"] == "${{ github.event.repository.default_branch }}"
    assert download["with"]["path"].startswith("${{ runner.temp }}")  # not among what is run
    assert comment["run"].startswith("python3 .ci/comment.py ")
    # and what runs it may write nothing
    other = read(HOSTS / "reproduce.yml")
    assert other["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in other["jobs"].values())


def test_both_hosts_run_the_same_and_the_lock_comes_first() -> None:
    github, gitlab = read(HOSTS / "reproduce.yml")["jobs"], read(GITLAB)

    assert list(github) == ["lock", "reproduce", "tests"]
    for name in github:
        runs = "\n".join(step.get("run", "") for step in github[name]["steps"])
        assert all(line in runs for line in find_commands(gitlab[name]))
        assert name == "lock" or (github[name]["needs"], gitlab[name]["needs"]) == ("lock", ["lock"])
    assert github["tests"]["strategy"]["matrix"]["python"] == gitlab["tests"]["parallel"]["matrix"][0]["PYTHON"]


def test_both_hosts_keep_the_same_files() -> None:
    uploads = {step["with"]["name"]: step["with"]["path"] for step in steps(HOSTS / "reproduce.yml") if is_upload(step)}

    assert set(uploads) == {"review", "report"}
    kept = read(GITLAB)["reproduce"]["artifacts"]["paths"]
    assert sorted(kept) == sorted([uploads["review"], *uploads["report"].split()])
