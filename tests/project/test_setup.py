"""The Makefile and the dot files, used for real in small repositories of their own."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
APPROVE = """\
import json, os, sys
variables = {"typed": os.environ.get("ADOPT_TYPED"), "state": os.environ["DVC_SITE_CACHE_DIR"]}
said = {"arguments": sys.argv[1:], "path": os.environ["PATH"].split(":")[0], **variables}
json.dump(said, open("said.json", "w"))
"""
NASTY = """O'Brien "Pat" $HOME `touch owned` $(touch owned) ; touch owned # \\ %s $(shell touch owned) é"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This Makefile over no packages and commands that write down how they were called."""
    return fill(tmp_path_factory.mktemp("project with space, größer"))


def fill(folder: Path) -> Path:
    shutil.copy(ROOT / "Makefile", folder)
    lock(folder)
    (folder / "stages").mkdir()
    for command in ("stages/approve", "stages/adopt", "pytest"):
        (folder / f"{command}.py").write_text(APPROVE)
    return folder


def pack(wheel: Path, code: str) -> str:
    """Write a wheel of one module; its SHA-256."""
    name, version, *_ = wheel.name.split("-")
    files = {
        f"{name}.py": code,
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{name}-{version}.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as packed:
        for file, text in files.items():
            packed.writestr(zipfile.ZipInfo(file), text)  # at a fixed time
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def lock(folder: Path, **texts: str) -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        (folder / name).write_text(texts.get(name, ""))


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
    fill(tmp_path)
    # when
    done = make(tmp_path)
    # then
    assert done.returncode == 0
    targets = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"repro", "test", "serve", "adopt", "verify", "review", "approve", "bench", "lint", "lock"} <= targets
    assert {"publish", "report-diff", "licences"} <= targets
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


def test_a_file_that_is_not_the_one_that_was_locked_is_not_installed(tmp_path: Path) -> None:
    # given a package that was locked, and another file of the same name and version where it is had from
    folder = fill(tmp_path)
    wheel = folder / "parcel-1.0-py3-none-any.whl"
    locked = pack(wheel, "honest = True")
    pin = f"parcel==1.0 --hash=sha256:{locked}\n"
    pack(wheel, "honest = False")
    settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "."}
    for text, reason in ((pin, "DO NOT MATCH THE HASHES"), ("parcel==1.0\n", "Hashes are required")):
        for name in ("requirements.txt", "requirements-test.txt"):
            # when it stands in one of the locks, with its hash or without any
            lock(folder, **{name: text})
            done = make(folder, "test", **settings)
            # then nothing goes on
            assert done.returncode != 0
            assert reason in done.stderr
            assert not (folder / "said.json").exists()
    # when the file is the one that was locked
    pack(wheel, "honest = True")
    lock(folder, **{"requirements.txt": pin})
    # then all is well
    assert make(folder, "test", **settings).returncode == 0


def test_only_tests_and_checks_install_what_is_for_them_alone(project: Path) -> None:
    # given
    make(project, "approve", "BY=me")
    mark = project / ".venv" / "mark"
    mark.touch()
    # when
    other, first, again = make(project, "approve", "BY=me"), make(project, "test"), make(project, "test")
    (project / "requirements-test.txt").write_text("# other\n")
    changed = make(project, "test")
    # then
    assert [done.stdout.count("Adding requirements-test.txt") for done in (other, first, again, changed)] == [
        0,
        1,
        0,
        1,
    ]
    assert changed.returncode == 0, changed.stderr
    assert len(list((project / ".venv").glob("tests-of-*"))) == 1
    assert mark.exists()


@pytest.mark.parametrize("layout", ["alone", "part of another", "worktree", "größer"])
def test_dvc_keeps_its_state_in_the_environment_where_nobody_else_may_write(tmp_path: Path, layout: str) -> None:
    # given this Makefile in a repository of its own, in a folder of a larger one, in a second work tree, at any path
    settings = {"PYTHONPATH": sysconfig.get_path("purelib")}  # with DVC
    clean = {name: value for name, value in os.environ.items() if name != "DVC_SITE_CACHE_DIR"}

    def call(folder: Path, *command: str) -> str:
        return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, check=True).stdout

    top = tmp_path / f"{layout}, with space"
    folder = top / "part" if layout == "part of another" else top
    folder.mkdir(parents=True)
    call(top, "git", "init", "--quiet")
    init = [sys.executable, "-m", "dvc", "init", "--quiet", *(["--subdir"] if folder != top else [])]
    subprocess.run(init, cwd=folder, check=True)  # with the tests' own place for the state
    fill(folder)
    (folder / ".gitignore").write_text(".venv\n")
    if layout == "worktree":
        call(top, "git", "add", "--all")
        call(top, "git", "-c", "user.name=T", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "all")
        folder = tmp_path / "second tree"
        call(top, "git", "worktree", "add", "--quiet", "-b", "second", str(folder))
    # when it is set up
    done = make(folder, "approve", "BY=me", **settings)
    assert done.returncode == 0, done.stderr
    # then DVC writes there when make calls it
    place = folder / ".venv" / "dvc"
    assert place.stat().st_mode & 0o777 == 0o700
    assert said(folder)["state"] == str(place)
    if layout == "größer":  # which DVC cannot write into its settings
        return
    # and when a person does, in every folder, and nothing where every user may
    for inside in (folder, folder / "stages"):
        call(inside, sys.executable, "-m", "dvc", "status")
        where = re.search("Repo.site_cache_dir: (.*)", call(inside, sys.executable, "-m", "dvc", "version"))
        assert where
        assert Path(where[1]).parent == place / "repo"
        assert Path(where[1]).is_dir()
        assert not (Path("/var/tmp/dvc/repo") / Path(where[1]).name).exists()
        assert not (folder / "stages" / ".venv").exists()
    assert "config.local" not in call(folder, "git", "status", "--porcelain", "--untracked-files=all")


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
