"""`make repro`: `dvc repro`, and when a stage fails, the last good outputs back in place.

DVC deletes a stage's outputs before it runs the stage. What a failed stage left missing is restored: from DVC's cache,
and from git what is kept there. When a gate refused the candidate, its report is written first.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

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


def missing_outputs(pipeline: Path = Path("dvc.yaml")) -> dict[str, list[str]]:
    """The outputs that are not there: `dvc` those in DVC's cache, `git` those kept in git."""
    found: dict[str, list[str]] = {"dvc": [], "git": []}
    for stage in yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"].values():
        for out in [*stage.get("outs", []), *stage.get("metrics", [])]:
            path, options = (out, {}) if isinstance(out, str) else next(iter(out.items()))
            if not Path(path).exists():
                found["dvc" if options.get("cache", True) else "git"].append(path)
    return found


def restore() -> None:
    """Put back what is missing, from the last good run, and say what."""
    missing = missing_outputs()
    for path in missing["dvc"]:
        run("dvc", "checkout", "--quiet", path)
    for path in missing["git"]:
        subprocess.run(["git", "restore", "--", path], check=False, stderr=subprocess.DEVNULL)  # maybe never made yet
    back = [path for paths in missing.values() for path in paths if Path(path).exists()]
    if back:
        print(f"Restored from the last good run: {', '.join(back)}.", file=sys.stderr)


def main() -> None:
    """Run the pipeline; exit as DVC does."""
    REJECTED.unlink(missing_ok=True)  # of an earlier run
    code = run("dvc", "repro", *sys.argv[1:])
    if code:
        if refused():
            run(sys.executable, "-m", "stages.report", "--rejected")
            print("The candidate was refused; reports/rejected_report.pdf says why.", file=sys.stderr)
        restore()
        print("`make repro` failed: the message above says at which stage; its log is in logs/.", file=sys.stderr)
    raise SystemExit(code)


if __name__ == "__main__":
    main()
