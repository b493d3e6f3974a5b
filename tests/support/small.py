"""A whole repository in a temporary folder: this checkout's code, small real tables, a git and a DVC of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
CODE = ["stages", "serve", ".dvc/config", ".dvc/plots", ".dvc/.gitignore", ".dvcignore", ".gitignore"]
FILES = ["dvc.yaml", "packages.json", "requirements.txt", "pyproject.toml", "Makefile"]
STAGES = ["ingest", "clean", "features", "train", "evaluate", "save", "serve", "report"]
STATE = tempfile.mkdtemp(prefix="dvc-")  # DVC's own: not where every user of the machine may write
atexit.register(shutil.rmtree, STATE, ignore_errors=True)
os.environ["DVC_SITE_CACHE_DIR"] = STATE
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "BENTOML_DO_NOT_TRACK": "True",
    "DVC_NO_ANALYTICS": "1",
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
}


def build(folder: Path) -> Path:
    """The repository, nothing run yet, its first commit made."""
    for name in CODE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(DATA / "params.yaml", folder / "params.yaml")
    (folder / "data/source").mkdir(parents=True)
    for table in DATA.glob("*.csv.gz"):
        shutil.copy(table, folder / "data/source")
    (folder / "model/champion").mkdir(parents=True)
    (folder / "model/champion.json").write_text('{\n  "version": null\n}\n', encoding="utf-8")
    subprocess.run(["git", "init", "--quiet", "--initial-branch", "main"], cwd=folder, env=ENVIRONMENT, check=True)
    commit(folder, "start")
    return folder


def commit(folder: Path, message: str) -> None:
    """All that git does not ignore, committed."""
    for command in (["add", "--all"], ["commit", "--quiet", "--message", message]):
        subprocess.run(["git", *command], cwd=folder, env=ENVIRONMENT, check=True)


def edit(path: Path, old: str, new: str) -> None:
    """Replace the text that stands exactly once in the file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{path}: {text.count(old)} times {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The finished command, run in the repository, with its output as text."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def stage(folder: Path, name: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m stages.<name>`, finished."""
    return run(folder, sys.executable, "-m", f"stages.{name}", **environment)


def repro(folder: Path, *arguments: str) -> list[str]:
    """The stages that `dvc repro` ran. Fails the test with DVC's output when a stage failed."""
    done = run(folder, "dvc", "repro", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split("'")[1] for line in done.stdout.splitlines() if line.startswith("Running stage")]
