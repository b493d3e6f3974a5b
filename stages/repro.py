"""`make repro`: `dvc repro`, and when a stage fails, the last good outputs back in place.

DVC deletes a stage's outputs before it runs the stage. What a failed stage left missing is restored: from DVC's cache,
and from copies made before what is kept in git, committed or not. When a gate refused the candidate, its report is
written first.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from stages import aside, committed, params
from stages.errors import ParamsError, PipelineError, did_you_mean
from stages.files import read_json

EVALUATION = Path("metrics/evaluation.json")
REJECTED = Path("reports/rejected_report.pdf")


def run(*command: str) -> int:
    """The exit code of the command, run in the open."""
    return subprocess.run(command, check=False).returncode


def refused() -> bool:
    """Whether it was the gates that stopped the run: evaluated is the candidate of now, and it did not pass."""
    try:
        if read_json(EVALUATION)["passed"]:
            return False
    except (FileNotFoundError, ValueError, KeyError):
        return False
    return run("dvc", "status", "--quiet", "--with-deps", "evaluate") == 0


def outputs(pipeline: Path = Path("dvc.yaml")) -> dict[str, bool]:
    """Each output of the pipeline, and whether it is kept in DVC's cache (else in git)."""
    found = {}
    for stage in yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"].values():
        for out in [*stage.get("outs", []), *stage.get("metrics", [])]:
            path, options = (out, {}) if isinstance(out, str) else next(iter(out.items()))
            found[path] = options.get("cache", True)
    return found


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, if it is there and the target is not."""
    if source.is_dir() and not target.exists():
        shutil.copytree(source, target)
    elif source.is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def restore(kept: Path) -> None:
    """Put back what is missing, from the last good run, and say what."""
    missing = [path for path in outputs() if not Path(path).exists()]
    for path in missing:
        if outputs()[path]:
            run("dvc", "checkout", "--quiet", path)
        else:
            copy(kept / path, Path(path))
    back = [path for path in missing if Path(path).exists()]
    if back:
        print(f"Restored from the last good run: {', '.join(back)}.", file=sys.stderr)


def check_sections() -> None:
    """Raise ParamsError unless params.yaml has one section for each stage, and no other."""
    stages = list(yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"])
    for section in params.read():
        if section not in stages:
            raise ParamsError(f"params.yaml: unknown section '{section}'.{did_you_mean(str(section), stages)}")


def main() -> None:
    """Run the pipeline; exit as DVC does."""
    from stages.adoption import place  # which needs this module

    try:
        aside.recover()
        place.recover()
        committed.check_champion()
        check_sections()
    except PipelineError as error:
        sys.exit(str(error))
    REJECTED.unlink(missing_ok=True)  # of an earlier run
    with tempfile.TemporaryDirectory() as folder:
        for path, cached in outputs().items():
            if not cached:
                copy(Path(path), Path(folder) / path)
        code = run("dvc", "repro", *sys.argv[1:])
        if code:
            if refused():
                run(sys.executable, "-m", "stages.report", "--rejected")
                print("The candidate was refused; reports/rejected_report.pdf says why.", file=sys.stderr)
            restore(Path(folder))
            print("`make repro` failed: the message above says at which stage; its log is in logs/.", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
