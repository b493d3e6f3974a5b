"""An adopted table takes the old problem's place: refused while work is uncommitted, so that git has what goes."""

from __future__ import annotations

import filecmp
import hashlib
import re
import shutil
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import yaml

from stages.core.errors import PipelineError
from stages.core.files import PART, write_bytes, write_json
from stages.transaction import signals
from stages.transaction.aside import call, discard, share_cache
from stages.transaction.repository import find_changes, git

SOURCE = Path("data/source")
LARGEST_IN_GIT = 20_000_000
"""Bytes of a file beyond which DVC keeps it, and git only its pointer."""
PARAMS = Path("params.yaml")
PREFIX = ".adopt-"
"""How the name of the folder begins in which an adoption works."""
DECIDED = Path(".dvc/tmp/adopted")
"""Where a table lies while it is put in the old problem's place."""
BASE = Path("BASE")
"""What names, in that folder, the commit whose problem it replaces."""
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


def name_source(path: Path) -> str:
    """The file's name below data/source/: only letters that are no pattern."""
    return re.sub(r"[^\w.-]+", "-", path.name, flags=re.ASCII).strip("-.") or "table.csv"


def name_table(path: Path) -> str:
    """The name of the table that the file begins."""
    stem = path.name.split(".", 1)[0].lower()
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_")
    return name if name and not name[0].isdigit() else f"table_{name}".rstrip("_")


def replace(folder: Path, params: str, readme: str) -> None:
    """Put the table that lies in the folder, with its params.yaml and README, in the old problem's place.

    From the rename on it is decided: what a kill leaves undone, the next command does. Whoever calls this holds
    aside's lock.
    """
    (folder / SOURCE / "README.md").write_text(readme, encoding="utf-8")
    write_bytes(folder / PARAMS, params.encode())
    write_json(folder / CHAMPION, {"version": None})
    write_bytes(folder / BASE, git("rev-parse", "HEAD"))
    keep_with_dvc(folder, [path.name for path in find_large(folder)])
    DECIDED.parent.mkdir(parents=True, exist_ok=True)
    signals.block()
    folder.rename(DECIDED)
    finish()


def recover() -> None:
    """End an adoption that was killed after it was decided, and remove what one left that was killed before.

    Raises PipelineError where ending it would replace what was done since. Whoever calls this holds aside's lock.
    """
    for folder in Path().glob(f"{PREFIX}*{PART}"):
        shutil.rmtree(folder)
        print(f"{folder}, which an adoption that was killed had left, was removed.", file=sys.stderr)
    if not DECIDED.exists():
        return
    since = "there are other commits" if git("rev-parse", "HEAD") != (DECIDED / BASE).read_bytes() else ""
    if since := since or ", ".join(find_work()):
        raise PipelineError(
            f"an adoption was killed while it put its table in place, and since then there is work that it would "
            f"replace: {since}. Nothing was touched. Discard the adoption: rm -r {DECIDED}. Then see git status: what "
            f"it had removed comes back with git restore."
        )
    finish()
    print("An adoption was killed: its table is in its place now.", file=sys.stderr)


def finish() -> None:
    """Clear what the old problem left and move what was decided into place; twice is the same as once.

    The sources come last: once they are in place, so is all else.
    """
    if (DECIDED / SOURCE).exists():
        for old in find_old():
            remove(old)
        for path in find_new():
            write_bytes(path, (DECIDED / path).read_bytes())
        remove(SOURCE)
        SOURCE.parent.mkdir(exist_ok=True)
        (DECIDED / SOURCE).rename(SOURCE)
    untracked = [str(path) for path in find_large(Path())]
    if untracked:
        git("rm", "--cached", "--quiet", "--ignore-unmatch", "--", *untracked)
    discard(DECIDED)


def find_large(folder: Path) -> list[Path]:
    """Return the sources there that DVC keeps."""
    return [path for path in sorted((folder / SOURCE).glob("*")) if path.stat().st_size > LARGEST_IN_GIT]


def find_old() -> list[Path]:
    """Return the old problem's outputs and champion, and the pointers to its sources."""
    approved = [path for path in CHAMPION.with_suffix("").glob("*") if path.name != "README.md"]
    return [*POINTERS.glob("*.dvc"), *approved, *map(Path, OLD), *map(Path, list_outputs())]


def list_outputs(pipeline: Path = Path("dvc.yaml")) -> dict[str, bool]:
    """Each output of the pipeline, and whether it is kept in DVC's cache (else in git)."""
    found = {}
    for stage in yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"].values():
        for out in [*stage.get("outs", []), *stage.get("metrics", [])]:
            path, options = (out, {}) if isinstance(out, str) else next(iter(out.items()))
            found[path] = options.get("cache", True)
    return found


def find_new() -> list[Path]:
    """Return the files that are written beside the sources."""
    return [*(POINTERS / path.name for path in (DECIDED / POINTERS).glob("*.dvc")), CHAMPION, PARAMS]


def find_work() -> list[str]:
    """Return what git does not have, and `finish` would replace by something else."""
    if not (DECIDED / SOURCE).exists():
        return []
    replaced = {SOURCE, *find_old(), *find_new()}
    changed = [Path(path) for path in find_changes()]
    there = [path for path in changed if path.exists() and not replaced.isdisjoint([path, *path.parents])]
    return [str(path) for path in there if not is_same(path, DECIDED / path)]


def is_same(path: Path, other: Path) -> bool:
    """Return whether both files are there, with the same bytes."""
    return other.exists() and filecmp.cmp(path, other, shallow=False)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def keep_with_dvc(folder: Path, names: Sequence[str]) -> None:
    """Put sources that lie in the folder into DVC's cache, with their pointers in its data/. Raises AsideError.

    The folder is a DVC project of its own for it: here, git may have a file of that name, which DVC refuses.
    """
    if not names:
        return
    call("dvc", "init", "--no-scm", "--quiet", cwd=folder)
    share_cache(folder)
    for name in names:
        path = SOURCE / name
        call("dvc", "add", str(path), cwd=folder)
        beside = folder / f"{path}.dvc"
        pointer = yaml.safe_load(beside.read_text(encoding="utf-8"))
        for out in pointer["outs"]:
            out["path"] = f"{SOURCE.name}/{out['path']}"
        beside.unlink()
        (folder / POINTERS / f"{name}.dvc").write_text(yaml.safe_dump(pointer, sort_keys=False), encoding="utf-8")
    ignored = "".join(f"/{name}\n" for name in names)
    (folder / SOURCE / ".gitignore").write_text(ignored, encoding="utf-8")


def write_readme(files: Sequence[Path], said: str) -> str:
    """What stands beside the sources: where they came from and what they hash to."""
    lines = ["# Sources", "", f"Placed here by `make adopt` from {said}.", "", "| file | sha256 |", "|---|---|"]
    for path in files:
        with path.open("rb") as file:
            lines.append(f"| {path.name} | {hashlib.file_digest(file, 'sha256').hexdigest()} |")
    return "\n".join(
        [*lines, "", "Say here who made the data, under which licence, and whether persons are in it.", ""]
    )
