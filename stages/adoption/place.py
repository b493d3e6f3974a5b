"""Puts an adopted table in the old problem's place: refuses while work is uncommitted, so that git has what goes."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import yaml

from stages.aside import discard
from stages.errors import PipelineError, SourceError
from stages.files import write_bytes, write_json
from stages.repository import find_changes
from stages.repro import outputs

SOURCE = Path("data/source")
LARGEST_IN_GIT = 20_000_000
"""Bytes of a file beyond which DVC keeps it, and git only its pointer."""
PARAMS = Path("params.yaml")
DECIDED = Path(".dvc/tmp/adopted")
"""Where a table lies while it is put in the old problem's place."""
POINTERS = Path("data")
"""Pointers lie beside data/source/, not in it: what lies in it is read by ingest."""
CHAMPION = Path("model/champion.json")
OLD = ["dvc.lock", ".checkpoints", "reports/published", "reports/approval.yaml", "reports/rejected_report.pdf"]
"""What belongs to the old problem besides its sources, its champion and the pipeline's outputs."""


def check_committed(files: Collection[Path]) -> None:
    """Raise PipelineError when git would lose something but the given files: params.yaml and the data are replaced."""
    here = Path.cwd()
    given = {path.resolve().relative_to(here).as_posix() for path in files if path.resolve().is_relative_to(here)}
    changed = [path for path in find_changes() if path not in given]
    if changed:
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        raise PipelineError(
            f"there is work git does not have: {', '.join(changed[:5])}{more}. Commit it (git add --all && git commit) "
            "or throw it away, then adopt again: what is replaced must be able to come back."
        )


def name_for(path: Path) -> str:
    """The file's name below data/source/: only letters that are no pattern."""
    return re.sub(r"[^\w.-]+", "-", path.name, flags=re.ASCII).strip("-.") or "table.csv"


def table_name(path: Path) -> str:
    """The name of the table that the file begins."""
    stem = path.name.split(".", 1)[0].lower()
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_")
    return name if name and not name[0].isdigit() else f"table_{name}".rstrip("_")


def replace(folder: Path, params: str, readme: str) -> None:
    """Put the table that lies in the folder, with its params.yaml and README, in the old problem's place.

    From the rename on it is decided: what a kill leaves undone, the next command does.
    """
    (folder / SOURCE / "README.md").write_text(readme, encoding="utf-8")
    write_bytes(folder / PARAMS, params.encode())
    DECIDED.parent.mkdir(parents=True, exist_ok=True)
    folder.rename(DECIDED)
    finish()


def recover() -> None:
    """End an adoption that was killed after it was decided."""
    if DECIDED.exists():
        finish()
        print("An adoption was killed: its table is in its place now.", file=sys.stderr)


def finish() -> None:
    """Clear what the old problem left and move what was decided into place; twice is the same as once."""
    clear()
    if (DECIDED / SOURCE).exists():
        shutil.rmtree(SOURCE, ignore_errors=True)
        SOURCE.parent.mkdir(exist_ok=True)
        (DECIDED / SOURCE).rename(SOURCE)
    for path in sorted(SOURCE.glob("*")):
        if path.stat().st_size > LARGEST_IN_GIT:
            keep_with_dvc(path.name)
    write_json(CHAMPION, {"version": None})
    write_bytes(PARAMS, (DECIDED / PARAMS).read_bytes())
    discard(DECIDED)


def clear() -> None:
    """Remove the old problem's outputs and champion, and the pointers to its sources."""
    approved = [path for path in CHAMPION.with_suffix("").glob("*") if path.name != "README.md"]
    for path in [*POINTERS.glob("*.dvc"), *approved, *map(Path, OLD), *map(Path, outputs())]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def keep_with_dvc(name: str) -> None:
    """Put the file into DVC's cache, with its pointer in data/. Raises SourceError when DVC cannot."""
    path = SOURCE / name
    done = subprocess.run(["dvc", "add", "--quiet", str(path)], capture_output=True, text=True, check=False)
    beside = path.with_name(f"{name}.dvc")
    if done.returncode or not beside.exists():
        raise SourceError(f"`dvc add {path}` failed: {done.stderr.strip()}")
    pointer = yaml.safe_load(beside.read_text(encoding="utf-8"))
    for out in pointer["outs"]:
        out["path"] = f"{SOURCE.name}/{out['path']}"
    beside.unlink()
    (POINTERS / f"{name}.dvc").write_text(yaml.safe_dump(pointer, sort_keys=False), encoding="utf-8")


def readme(files: Sequence[Path], said: str) -> str:
    """What stands beside the sources: where they came from and what they hash to."""
    lines = ["# Sources", "", f"Placed here by `make adopt` from {said}.", "", "| file | sha256 |", "|---|---|"]
    for path in files:
        with path.open("rb") as file:
            lines.append(f"| {path.name} | {hashlib.file_digest(file, 'sha256').hexdigest()} |")
    return "\n".join(
        [*lines, "", "Say here who made the data, under which licence, and whether persons are in it.", ""]
    )
