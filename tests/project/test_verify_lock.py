"""`python -m stages.verify --lock-only`: what a committed lock does not match is found by hashes, without data."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import small

from stages.verify.hashes import check_lock
from stages.verify.lock import VerifyError

PIPELINE = """\
stages:
  first:
    cmd: python code/first.py
    deps: [code, data/source]
    params: [first, packages.json: [numpy]]
    outs: [data/first.txt]
    metrics:
      - metrics/first.json: {cache: false}
  second:
    cmd: python second.py
    deps: [data/first.txt, metrics/first.json, second.py]
    outs:
      - data/second.txt
"""
FILES = {
    "dvc.yaml": PIPELINE,
    ".dvcignore": "__pycache__/\n/data/source/README.md\n",
    ".gitignore": "/data/first.txt\n/data/second.txt\n",
    "code/first.py": "import numbers_\nnumbers_.write('data/first.txt')\nnumbers_.write('metrics/first.json')\n",
    "code/numbers_.py": "def write(path):\n    open(path, 'w').write('1\\n')\n",
    "data/source/a.csv": "a\n1\n",
    "data/source/README.md": "What it is.\n",
    "metrics/.gitkeep": "",
    "packages.json": '{"numpy": "2.4.6", "pytest": "9.2.0"}\n',
    "params.yaml": "first:\n  names: {}\n  positive: yes\n  rate: 0.1\n  seed:\nsecond: {}\n",
    "second.py": "open('data/second.txt', 'w').write('2\\n')\n",
}


@pytest.fixture(scope="session")
def made(shared: Callable[[str, Callable[[Path], None]], Path]) -> Path:
    """Two stages, reproduced and committed. Clone it, but leave it as it is."""

    def make(folder: Path) -> None:
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for command in (["git", "init", "--quiet"], ["dvc", "init", "--quiet"]):
            assert small.run(folder, *command).returncode == 0
        assert small.repro(folder) == ["first", "second"]
        small.commit(folder, "made")

    return shared("two_stages", make)


@pytest.fixture
def clone(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone, which is also the current folder: nothing is in it that DVC's cache alone has."""
    folder = clone_of(made, tmp_path / "clone")
    monkeypatch.chdir(folder)
    return folder


def clone_of(source: Path, target: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", f"file://{source}", target, "--depth", "1"], check=True)
    return target


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def find_complaints(clone: Path) -> list[str]:
    """The lines of the error, once what was changed is committed."""
    small.commit(clone, "changed")
    with pytest.raises(VerifyError) as caught:
        check_lock()
    first, *lines = str(caught.value).splitlines()
    assert first == "the committed dvc.lock does not match what is committed:"
    return lines


@pytest.mark.parametrize("whole", [False, True])
def test_a_lock_that_matches_is_told_in_one_line(
    whole: bool, made: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    source = request.getfixturevalue("ran") if whole else made
    clone = clone_of(source, tmp_path / "größer")

    done = small.run(clone, sys.executable, "-m", "stages.verify", "--lock-only", PYTHONPATH=str(small.ROOT))

    assert (done.returncode, done.stderr) == (0, "")
    stages = 8 if whole else 2
    assert done.stdout == f"verify: dvc.lock matches the committed code, params and inputs, in all {stages} stages\n"
    assert small.run(clone, "git", "status", "--porcelain", "--ignored").stdout == ""


REPRO = "Run `make repro` and commit dvc.lock with what it makes"


@pytest.mark.parametrize(
    ("file", "old", "new", "complaints"),
    [
        ("params.yaml", "0.1", "0.2", ["params.yaml:first.rate (params of stage first): 0.2, in dvc.lock 0.1"]),
        ("params.yaml", "yes", "true", ["params.yaml:first.positive (params of stage first): True, in dvc.lock 'yes'"]),
        ("params.yaml", "{}\n  pos", "{a: b}\n  pos", [
            "params.yaml:first.names (params of stage first): in dvc.lock only",
            "params.yaml:first.names.a (params of stage first): not in dvc.lock",
        ]),
        ("params.yaml", "  seed:\n", "", ["params.yaml:first.seed (params of stage first): in dvc.lock only"]),
        ("packages.json", "2.4.6", "2.5", ["packages.json:numpy (params of stage first): '2.5', in dvc.lock '2.4.6'"]),
        ("code/numbers_.py", "'w'", '"w"', ["code (deps of stage first): changed"]),
        ("second.py", "'w'", '"w"', ["second.py (deps of stage second): changed"]),
        ("data/source/a.csv", "1", "2", ["data/source (deps of stage first): changed"]),
        ("metrics/first.json", "1", "2", [
            "metrics/first.json (outs of stage first): changed", "metrics/first.json (deps of stage second): changed",
        ]),
        ("dvc.yaml", "python second.py", "python -u second.py", ["the command (cmd of stage second): changed"]),
        ("dvc.yaml", "second.py]", "second.py, params.yaml]", ["params.yaml (deps of stage second): not in dvc.lock"]),
        ("dvc.yaml", "second.txt\n", "second.txt\n      - more\n", ["more (outs of stage second): not in dvc.lock"]),
        ("dvc.yaml", "[first, ", "[first, second, ", [
            "params.yaml:second (params of stage first): not in dvc.lock"
        ]),
        ("dvc.yaml", "[numpy]", "[numpy, pytest]", ["packages.json:pytest (params of stage first): not in dvc.lock"]),
    ],
)  # fmt: skip
def test_what_was_changed_and_not_made_again_is_named(
    clone: Path, file: str, old: str, new: str, complaints: list[str]
) -> None:
    rewrite(clone / file, old, new)

    *told, advice = find_complaints(clone)

    assert [line.strip() for line in told if "stage" in line and line.startswith("  ")] == complaints
    assert advice.startswith(REPRO) or "--force first" in advice


def test_a_new_file_in_a_folder_of_code_is_a_change_of_the_folder(clone: Path) -> None:
    (clone / "code/more.py").write_text("")

    assert find_complaints(clone)[0] == "  code (deps of stage first): changed"


def test_what_dvc_ignores_and_params_that_no_stage_lists_change_nothing(clone: Path) -> None:
    rewrite(clone / "data/source/README.md", "What", "Where")
    rewrite(clone / "packages.json", "9.2.0", "9.3")
    rewrite(clone / "params.yaml", "second: {}", "second: {a: 1}")
    small.commit(clone, "changed")

    assert "matches" in check_lock()


def test_a_file_that_is_gone_from_git_is_named(clone: Path) -> None:
    (clone / "second.py").unlink()
    (clone / "metrics/first.json").unlink()

    assert find_complaints(clone) == [
        "  metrics/first.json (outs of stage first): not in git",
        "  metrics/first.json (deps of stage second): not in git",
        "  second.py (deps of stage second): not in git",
        "Commit metrics/first.json, or take it out of dvc.yaml.",
        "Commit second.py, or take it out of dvc.yaml.",
    ]


def test_the_lock_must_say_the_same_of_an_output_where_it_is_made_and_where_it_is_read(clone: Path) -> None:
    lock = clone / "dvc.lock"
    md5 = re.findall(r"path: data/first.txt\n +hash: md5\n +md5: (\w+)", lock.read_text())
    assert len(md5) == 2
    lock.write_text(lock.read_text().replace(md5[0], "f" * 32, 1))

    assert find_complaints(clone)[0] == "  data/first.txt (deps of stage second): not what stage first makes"


def test_a_stage_that_the_lock_does_not_have_is_named_once(clone: Path) -> None:
    rewrite(clone / "dvc.yaml", "  second:", "  third:")

    assert find_complaints(clone) == [
        "  stage third: not in dvc.lock",
        "  stage second: not in dvc.yaml",
        f"{REPRO}; where that changes nothing, git lacks a file: git status.",
        "DVC keeps in dvc.lock what dvc.yaml names no longer: delete the entry of stage second by hand.",
    ]


def test_what_the_lock_alone_has_of_a_stage_is_written_anew_by_force(clone: Path) -> None:
    rewrite(clone / "dvc.yaml", ", second.py]", "]")
    rewrite(clone / "dvc.yaml", "[first, packages.json: [numpy]]", "[first]")

    assert find_complaints(clone)[:2] == [
        "  packages.json:numpy (params of stage first): in dvc.lock only",
        "  second.py (deps of stage second): in dvc.lock only",
    ]
    # and the advice is good
    for stage in ("first", "second"):
        small.repro(clone, "--force", stage)
    small.commit(clone, "made")
    assert "matches" in check_lock()


def test_a_source_that_dvc_keeps_counts_by_its_pointer(clone: Path) -> None:
    # given a source of which git has the pointer alone, and everything made of it
    source, pointer = clone / "data/source/b.csv", clone / "data/b.csv.dvc"
    source.write_text("b\n1\n")
    md5 = hashlib.md5(source.read_bytes()).hexdigest()
    pointer.write_text(f"outs:\n- md5: {md5}\n  size: 4\n  hash: md5\n  path: source/b.csv\n")
    (clone / ".gitignore").write_text(FILES[".gitignore"] + "/data/source/b.csv\n")
    assert small.repro(clone) == ["first", "second"]
    small.commit(clone, "a large source")

    # then its hash counts, though no clone has its bytes
    assert "matches" in check_lock()
    rewrite(pointer, md5, "f" * 32)
    assert find_complaints(clone)[0] == "  data/source (deps of stage first): changed"


def test_only_what_is_committed_counts(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(clone / "params.yaml", "0.1", "0.2")

    assert "matches" in check_lock()
    assert "there are uncommitted changes; only what is committed is compared" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("dvc.lock", "<<<<<<< HEAD\n", "dvc.lock cannot be read. After a merge: make resolve"),
        ("dvc.lock", "schema: '2.0'\n", "dvc.lock cannot be read."),
        ("dvc.yaml", "stages: [", "DVC cannot read what is committed: "),
        ("params.yaml", "a: [", "DVC cannot read what is committed: "),
    ],
)
def test_what_cannot_be_read_is_named(clone: Path, file: str, text: str, reason: str) -> None:
    (clone / file).write_text(text)
    small.commit(clone, "broken")

    with pytest.raises(VerifyError, match=re.escape(reason)):
        check_lock()


def test_without_a_committed_lock_there_is_nothing_to_compare(clone: Path) -> None:
    (clone / "dvc.lock").unlink()
    small.commit(clone, "no lock")

    done = small.run(clone, sys.executable, "-m", "stages.verify", "--lock-only", PYTHONPATH=str(small.ROOT))

    assert done.returncode == 1
    assert done.stderr == "verify: dvc.lock is not committed. Run `make repro` and commit dvc.lock first.\n"
