from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from imports import LOCAL, closure
from packaging.requirements import Requirement

from stages import packages
from stages.core import files
from stages.core.errors import DataError
from stages.storage.clients import CLIENTS as CLIENT_KINDS

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements-serve.txt", "requirements-test.txt", "requirements.txt"]
TUNE = "stages/tune/requirements-tune.txt"
EXTRAS = [*(f"stages/storage/requirements-{name}.txt" for name in CLIENT_KINDS), TUNE]
PINNED = re.compile(r"[a-z0-9._-]+==[^\s;]+( ; [^\\]+?)?( +--hash=sha256:[0-9a-f]{64})+")
HASHES = f" \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'b' * 64}"


def pins(lock: str) -> dict[str, str]:
    return packages.pins((ROOT / lock).read_text(encoding="utf-8"))


def entries(lock: str) -> list[str]:
    """Each pin with its marker and its hashes, as one line without comments."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "")
    return [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def imported(path: Path) -> Iterator[str]:
    """The top modules that the file imports, but those of Python and of this repository."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        yield from {name.split(".")[0] for name in names} - {*sys.stdlib_module_names, *LOCAL}


def test_packages_json_is_that_of_requirements_txt() -> None:
    found = files.read_json(ROOT / "packages.json")

    assert found == pins("requirements.txt"), "Run `python -m stages.packages` and commit packages.json."


@pytest.mark.parametrize("lock", [*LOCKS, *EXTRAS])
def test_every_package_asked_for_by_name_is_pinned(lock: str) -> None:
    lines = (ROOT / lock).with_suffix(".in").read_text(encoding="utf-8").splitlines()
    asked = [line.partition("#")[0].strip() for line in lines if not line.startswith("-r ")]
    names = {Requirement(line).name for line in asked if line}

    assert names
    assert names <= set(pins(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_the_hashes_of_its_files_and_no_lock_names_a_registry_or_a_path(lock: str) -> None:
    assert entries(lock)
    assert [entry for entry in entries(lock) if not PINNED.fullmatch(entry)] == []


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_a_package_has_one_version_and_the_same_files_in_all_locks(lock: str) -> None:
    core, more = ({entry.split()[0]: set(entry.split("--hash=")[1:]) for entry in entries(name)}
                  for name in ("requirements.txt", lock))  # fmt: skip
    names = {entry.split("==")[0] for entry in core}
    both = {entry: hashes for entry, hashes in more.items() if entry.split("==")[0] in names}

    assert both
    assert both.items() <= core.items()


@pytest.mark.parametrize("lock", EXTRAS)
def test_what_few_need_changes_no_package_that_is_there(lock: str) -> None:
    assert all(PINNED.fullmatch(entry) for entry in entries(lock))
    assert not pins(lock).keys() & pins("requirements.txt").keys()


def test_nothing_of_the_tests_is_imported_by_what_runs_without_them() -> None:
    # given the packages that hold each module, and the files of the stages and of the service
    held = importlib.metadata.packages_distributions()
    service = set().union(*(closure(f"serve.{name}", ROOT) for name in ("service", "__main__", "predict")))
    tune = {*(ROOT / "stages" / "tune").rglob("*.py")}
    rooms = {
        "requirements.txt": {*(ROOT / "stages").rglob("*.py"), *(ROOT / "serve").rglob("*.py")} - tune,
        TUNE: tune,
        "requirements-serve.txt": {ROOT / name for name in service},
    }
    for lock, paths in rooms.items():
        known = set(pins(lock)) | (set(pins("requirements.txt")) if lock == TUNE else set())
        for path in sorted(paths):
            # then each module it imports is in one that its lock names
            for module in imported(path):
                names = {re.sub(r"[-_.]+", "-", name).lower() for name in held[module]}
                assert names & known, f"{path.relative_to(ROOT)} imports {module}, which {lock} does not have"


def test_every_package_is_listed_with_its_licence() -> None:
    # given the tables, one for each lock
    tables = re.split(r"^## ", (ROOT / "docs" / "licences.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert [table.split()[0] for table in tables] == LOCKS
    for lock, table in zip(LOCKS, tables, strict=True):
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line[:1] == "|"][2:]
        # then each has the packages of its lock that are installed here, at their versions
        all_of_it = [Requirement(entry.split(" --hash")[0]) for entry in entries(lock)]
        here = [one for one in all_of_it if one.marker is None or one.marker.evaluate()]
        listed = {f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}" for name, version, _ in rows}
        assert {f"{one.name}{one.specifier}" for one in here} <= listed
        assert listed <= {f"{one.name}{one.specifier}" for one in all_of_it}
        # and what the licence of each is; one says it in its licence file alone (MIT)
        assert {name for name, _, licence in rows if licence == "UNKNOWN"} <= {"axe-playwright-python"}


def test_a_name_holds_no_dot_and_neither_a_marker_nor_a_hash_is_a_version() -> None:
    text = f"# made by a tool\nzc.lockfile==4.0{HASHES}\n    # via dvc\nPyYAML==6.0.3\n"
    text += f"librt==0.16.0 ; sys_platform != 'win32'{HASHES}"

    assert packages.pins(text) == {"zc-lockfile": "4.0", "pyyaml": "6.0.3", "librt": "0.16.0"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("numpy>=2", "'numpy>=2' is no exact pin"),
        ("-r other.txt", "'-r other.txt' is no exact pin"),
        ("--index-url https://example.org/simple", "'--index-url https://example.org/simple' is no exact pin"),
        ("numpy==2.4.6 ; python_version < '3.12'\nNumPy==2.5 ; python_version >= '3.12'", "numpy is pinned twice"),
    ],
)
def test_what_is_no_single_exact_pin_is_refused(line: str, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        packages.pins(line)
