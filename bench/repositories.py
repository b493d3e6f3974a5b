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
    empty(folder)
    paths = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    state = str(folder / ".dvc" / "tmp" / "site")  # goes with the folder
    environment = os.environ | {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": state, "PATH": paths}
    git = ["git", "-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    adopt = [sys.executable, "-m", "stages.adopt", str(ROOT / "tests" / "tables" / table), f"--target={TARGETS[table]}"]
    commands = [
        [*git, "init", "--quiet"],
        ["dvc", "init", "--quiet"],
        [*git, "add", "--all"],
        [*git, "commit", "--quiet", "--message", "start"],
        adopt,
        *([sys.executable, "-m", f"stages.{stage}"] for stage in STAGES),
    ]
    for command in commands:
        subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return folder
