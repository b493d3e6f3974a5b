"""Small repositories beside this one: its code with a table of the tests adopted and a model made, or with no model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FILES = ("dvc.yaml", "packages.json", "requirements.txt", "pyproject.toml", "params.yaml", ".dvcignore", ".gitignore")
STAGES = ("ingest", "clean", "features", "train", "evaluate", "save")
IDENTITY = ("-c", "user.name=Bench", "-c", "user.email=bench@example.org")
TARGETS = {"penguins.csv": "Species", "cars.tsv": "Miles per gallon"}
"""The tables of tests/tables and what is predicted of each: one of several classes, a number."""


def empty(folder: Path) -> Path:
    """The code alone, as a fresh clone has it but for the data."""
    for name in ("serve", "stages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    (folder / "data" / "source").mkdir(parents=True)
    (folder / "model" / "champion").mkdir(parents=True)
    (folder / "model" / "champion.json").write_text('{"version": null}\n', encoding="utf-8")
    return folder


def adopted(folder: Path, table: str) -> Path:
    """The table adopted, and every stage up to the saved model run."""
    adopt(empty(folder), ROOT / "tests" / "tables" / table, TARGETS[table])
    for stage in STAGES:
        run(folder, sys.executable, "-m", f"stages.{stage}")
    return folder


def adopt(folder: Path, table: Path, target: str) -> None:
    """Make a git and DVC repository of the folder and adopt the table."""
    run(folder, "git", "init", "--quiet")
    run(folder, "dvc", "init", "--quiet")
    commit(folder)
    run(folder, sys.executable, "-m", "stages.adopt", str(table), f"--target={target}")


def commit(folder: Path) -> None:
    """Commit all that git does not ignore."""
    run(folder, "git", "add", "--all")
    run(folder, "git", *IDENTITY, "commit", "--quiet", "--message", "state")


def run(folder: Path, *command: str) -> None:
    """Run the command there to its end. Raises CalledProcessError when it fails."""
    subprocess.run(command, cwd=folder, env=environment(folder), check=True, stdout=subprocess.DEVNULL)


def environment(folder: Path) -> dict[str, str]:
    """The variables that let this environment's commands be found, and DVC's state go with the folder."""
    state = str(folder / ".dvc" / "tmp" / "site")
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": state, "PATH": paths}
