"""`make repro`: `dvc repro`, and when a stage fails, the last good outputs back in place.

DVC deletes a stage's outputs before it runs the stage. What a failed stage left missing is restored: from DVC's cache,
and from copies made before what is kept in git, committed or not. When a gate refused the candidate, its report is
written first. What a run that was killed left half-written is put right before anything runs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from stages.contracts.evaluation import read_evaluation
from stages.contracts.manifest import PATH as MANIFEST
from stages.contracts.manifest import Champion, Manifest
from stages.core import params
from stages.core.errors import ParamsError, PipelineError, did_you_mean
from stages.core.files import read_json, read_struct
from stages.leftovers import KEPT, LOCK, keep_lock, recover
from stages.storage import sources
from stages.storage.address import find_url
from stages.transaction import repository
from stages.transaction.replacement import list_outputs

REPORT = Path("reports/report.json")
PDF = Path("reports/final_report.pdf")
CHAMPION = Path("model/champion.json")
REJECTED = Path("reports/rejected_report.pdf")
NO_STAGES = ["tune"]
"""Sections of params.yaml that no stage reads, but a command for people."""
POLL_S = 0.25
"""Far less than any stage takes."""


def run(*command: str) -> int:
    """The exit code of the command, run in the open."""
    return subprocess.run(command, check=False).returncode


def reproduce(*arguments: str) -> int:
    """Return the exit code of `dvc repro`, run in the open, while each whole `dvc.lock` is kept as it comes."""
    process = subprocess.Popen(["dvc", "repro", *arguments])
    kept = None
    while True:
        try:
            return process.wait(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            if kept != (kept := find_write_time()):
                keep_lock()
        except KeyboardInterrupt:
            continue  # the keyboard stops DVC, too, which ends in order


def find_write_time() -> int:
    """When DVC last wrote `dvc.lock`, which it does for each stage that ran; 0 while there is none."""
    return LOCK.stat().st_mtime_ns if LOCK.exists() else 0


def was_refused() -> bool:
    """Whether it was the gates that stopped the run: evaluated is the candidate of now, and it did not pass."""
    try:
        if read_evaluation().passed:
            return False
    except (FileNotFoundError, ValueError):
        return False
    return run("dvc", "status", "--quiet", "--with-deps", "evaluate") == 0


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, if it is there and the target is not."""
    if source.is_dir() and not target.exists():
        shutil.copytree(source, target)
    elif source.is_file() and not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def restore(kept: Path) -> None:
    """Put back what is missing, from the last good run, and say what."""
    missing = [path for path in list_outputs() if not Path(path).exists()]
    for path in missing:
        if list_outputs()[path]:
            run("dvc", "checkout", "--quiet", path)
        else:
            copy(kept / path, Path(path))
    back = [path for path in missing if Path(path).exists()]
    if back:
        print(f"Restored from the last good run: {', '.join(back)}.", file=sys.stderr)


def check_sections() -> None:
    """Raise ParamsError where params.yaml has a section that nothing reads."""
    known = [*yaml.safe_load(Path("dvc.yaml").read_text(encoding="utf-8"))["stages"], *NO_STAGES]
    for section in params.read():
        if section not in known:
            raise ParamsError(f"params.yaml: unknown section '{section}'.{did_you_mean(str(section), known)}")


def summarize(ran: bool) -> str:
    """What is there now and what to do next, in three lines."""
    model, report = read_struct(MANIFEST, Manifest).version, read_json(REPORT)
    what = f"model {model}; {PDF}: {report['decision']['title']}; numbers in metrics/."
    kept = "git add . && git commit" if repository.find_changes() else "git has all of it."
    kept += f"{' &&' if repository.find_changes() else ' For others:'} make push" if find_url() else ""
    judge = f'read the report, then make approve BY="your name"; make serve to try model {model}.'
    used = "make serve: this model is the one in use."
    return "\n".join(
        [
            f"{'Made:' if ran else 'Nothing had to run:'} {what}",
            f"Keep: {kept}",
            f"Next: {used if read_struct(CHAMPION, Champion).version == model else judge}",
        ]
    )


def main() -> None:
    """Run the pipeline; exit as DVC does."""
    try:
        recover()
        check_sections()
        sources.pull_missing()
    except PipelineError as error:
        sys.exit(str(error))
    REJECTED.unlink(missing_ok=True)  # of an earlier run
    before = find_write_time()
    with tempfile.TemporaryDirectory() as folder:
        for path, cached in list_outputs().items():
            if not cached:
                copy(Path(path), Path(folder) / path)
        keep_lock()
        code = reproduce(*sys.argv[1:])
        KEPT.unlink(missing_ok=True)
        if code:
            advice = "put that right and run it again: what is done is not done again."
            if was_refused():
                run(sys.executable, "-m", "stages.report", "--rejected")
                print(f"The candidate was refused; {REJECTED} says why.", file=sys.stderr)
                advice = "improve the model, or have the owner of the gates change evaluate.gates."
            restore(Path(folder))
            print("`make repro` failed: the message above says at which stage; its log is in logs/.", file=sys.stderr)
            print(f"Next: {advice}", file=sys.stderr)
    if not code and not sys.argv[1:]:
        print(f"\n{summarize(find_write_time() != before)}")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
