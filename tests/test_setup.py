"""The Makefile and the dot files, used for real in small repositories of their own."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
APPROVE = """\
import json, os, sys
said = {"arguments": sys.argv[1:], "path": os.environ["PATH"].split(":")[0], "typed": os.environ.get("ADOPT_TYPED")}
json.dump(said, open("said.json", "w"))
"""
NASTY = """O'Brien "Pat" $HOME `touch owned` $(touch owned) ; touch owned # \\ %s $(shell touch owned) é"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This Makefile over no packages and commands that write down how they were called."""
    folder = tmp_path_factory.mktemp("project with space, größer")
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "requirements.txt").write_text("")
    (folder / "stages").mkdir()
    for command in ("approve", "adopt"):
        (folder / "stages" / f"{command}.py").write_text(APPROVE)
    return folder


def make(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("MAKE") and key != "MFLAGS"}
    command = ["make", f"PYTHON={sys.executable}", *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, check=False, timeout=120
    )


def said(folder: Path) -> dict[str, object]:
    text = (folder / "said.json").read_text()
    (folder / "said.json").unlink()
    answer: dict[str, object] = json.loads(text)
    return answer


def test_make_alone_lists_every_target_and_sets_nothing_up(tmp_path: Path) -> None:
    # given
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    # when
    done = make(tmp_path)
    # then
    assert done.returncode == 0
    targets = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"repro", "test", "serve", "adopt", "verify", "review", "approve", "bench", "lint", "lock"} <= targets
    assert {"publish", "report-diff"} <= targets
    assert not (tmp_path / ".venv").exists()


def test_what_a_person_types_arrives_letter_by_letter(project: Path) -> None:
    # when
    done = make(project, "approve", f"BY={NASTY}", f"NOTE={NASTY}\nsecond line")
    # then
    assert done.returncode == 0, done.stderr
    assert said(project)["arguments"] == [f"--by={NASTY}", f"--note={NASTY}\nsecond line"]
    assert not (project / "owned").exists()


def test_a_table_and_its_columns_arrive_letter_by_letter(project: Path) -> None:
    # when
    done = make(project, "adopt", f"CSV={NASTY}", f"TARGET={NASTY}", "NAMES=a b,c$d", "TASK=binary", "POSITIVE=>50K")
    # then
    assert done.returncode == 0, done.stderr
    asked = [NASTY, f"--target={NASTY}", "--task=binary", "--positive=>50K", "--names=a b,c$d"]
    assert said(project)["arguments"] == asked
    assert not (project / "owned").exists()


def test_what_some_shells_have_in_their_environment_is_not_taken_for_columns(project: Path) -> None:
    # when
    done = make(project, "adopt", "CSV=a.csv", "TARGET=b", TIME="%E", GROUP="users", NAMES="x")
    # then
    assert done.returncode == 0, done.stderr
    answer = said(project)
    assert answer["arguments"] == ["a.csv", "--target=b"]
    assert answer["typed"] == "make"


def test_what_stands_in_the_environment_arrives_too(project: Path) -> None:
    # when
    done = make(project, "approve", BY=NASTY, DECISION="reject", VERSION="v2.0.0")
    # then
    assert done.returncode == 0, done.stderr
    assert said(project)["arguments"] == [f"--by={NASTY}", "--decision=reject", "--version=v2.0.0"]
    assert not (project / "owned").exists()


def test_commands_find_the_environment_first(project: Path) -> None:
    # when
    make(project, "approve", "BY=me")
    # then
    assert said(project)["path"] == str(project / ".venv" / "bin")


def test_the_environment_is_made_once_and_again_when_the_pins_change(project: Path) -> None:
    # given
    make(project, "approve", "BY=me")
    mark = project / ".venv" / "mark"
    mark.touch()
    # when nothing changed but the file's date
    (project / "requirements.txt").touch()
    make(project, "approve", "BY=me")
    # then
    assert mark.exists()
    # when the pins changed
    (project / "requirements.txt").write_text("# other\n")
    done = make(project, "approve", "BY=me")
    # then
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_a_set_up_that_broke_off_is_not_taken_for_a_good_one(project: Path) -> None:
    # given
    (project / "said.json").unlink(missing_ok=True)
    good = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text("./no-such-package\n")
    # when
    broken, again = make(project, "approve", "BY=me"), make(project, "approve", "BY=me")
    # then
    assert broken.returncode != 0
    assert again.returncode != 0
    assert not (project / "said.json").exists()
    # when
    (project / "requirements.txt").write_text(good)
    done = make(project, "approve", "BY=me")
    # then
    assert done.returncode == 0, done.stderr


def test_two_targets_at_once_share_one_set_up(tmp_path: Path, project: Path) -> None:
    # given
    shutil.copytree(project, tmp_path / "new", ignore=shutil.ignore_patterns(".venv"))
    (tmp_path / "new" / "requirements.txt").write_text("")
    (tmp_path / "new" / "stages" / "repro.py").write_text("")
    # when
    done = make(tmp_path / "new", "-j4", "approve", "repro", "BY=me")
    # then
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Making .venv") == 1


def test_a_python_that_will_not_do_is_refused_before_anything_is_made(tmp_path: Path, project: Path) -> None:
    # given
    shutil.copytree(project, tmp_path / "new", ignore=shutil.ignore_patterns(".venv"))
    # when
    done = make(tmp_path / "new", "repro", "PYTHON=no-such-python")
    # then
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed, but no-such-python is not." in done.stderr
    assert not (tmp_path / "new" / ".venv").exists()


def test_the_pins_name_no_registry_and_no_local_path() -> None:
    text = (ROOT / "requirements.txt").read_text()

    assert "://" not in text
    assert "--" not in text
    assert " @ " not in text


def test_the_workflow_names_every_action_at_one_version() -> None:
    text = (ROOT / ".github" / "workflows" / "reproduce.yml").read_text()
    used = re.findall(r"uses: (\S+)", text)

    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@v\d+\.\d+\.\d+", action)] == []


def test_editing_the_readme_of_the_source_reruns_nothing(tmp_path: Path) -> None:
    # given
    def dvc(*arguments: str) -> str:
        command = [sys.executable, "-m", "dvc", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    dvc("init", "--quiet")
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    source = tmp_path / "data" / "source"
    source.mkdir(parents=True)
    (source / "a.csv").write_text("a\n1\n")
    stage = {"cmd": "touch out", "deps": ["data/source"], "outs": ["out"]}
    (tmp_path / "dvc.yaml").write_text(json.dumps({"stages": {"ingest": stage}}))
    dvc("repro", "--quiet")
    # when
    for name in ("README.md", ".gitignore", "big.csv.dvc"):
        (source / name).write_text("# words\n")
    # then
    assert json.loads(dvc("status", "--json")) == {}
    # when
    (source / "a.csv").write_text("a\n2\n")
    # then
    assert "ingest" in json.loads(dvc("status", "--json"))
