"""`make resolve`: settle the conflicts of a merge in what the pipeline makes, by making it again.

What people write (params.yaml, code, an approval) is theirs to settle, and comes first. The commit stays theirs, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stages.core.errors import PipelineError
from stages.transaction import replacement
from stages.transaction.repository import git

LOCK = "dvc.lock"


def find_conflicts() -> list[str]:
    """Return the paths in this folder that a merge left unsettled."""
    listed = git("diff", "--name-only", "--diff-filter=U", "--relative", "-z")
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]


def is_made(path: str) -> bool:
    """Whether a stage makes the file, or DVC writes it."""
    made = {LOCK, *replacement.list_outputs()}
    return not made.isdisjoint([path, *map(str, Path(path).parents)])


def resolve() -> int:
    """Take one side of what is made, make it anew, and stage it; return the exit code of the run.

    Raises PipelineError while a conflict is left that a person must settle.
    """
    conflicts = find_conflicts()
    if "dvc.yaml" in conflicts:  # it says what is made
        raise PipelineError("dvc.yaml has a conflict. Settle it, git add it, and run this again.")
    theirs = [path for path in conflicts if not is_made(path)]
    if theirs:
        raise PipelineError(
            f"{', '.join(theirs)} {'has a conflict' if len(theirs) == 1 else 'have conflicts'} that only a person can "
            "settle. Do so, git add them, and run this again: what is made follows from them."
        )
    for path in conflicts:
        _take(path)
    if conflicts:
        print(f"Settled by making them again: {', '.join(conflicts)}.", file=sys.stderr)
    code = subprocess.run([sys.executable, "-m", "stages.repro"], check=False).returncode
    if not code:
        made = [path for path, kept in replacement.list_outputs().items() if not kept and Path(path).exists()]
        git("add", "--", LOCK, *made)
    return code


def _take(path: str) -> None:
    """Take our side of a file, or the only one there is: its content does not matter, as it is made again."""
    stages = {line.split()[2] for line in git("ls-files", "--unmerged", "--", path).decode().splitlines()}
    side = "--ours" if "2" in stages else "--theirs"
    if stages & {"2", "3"}:
        git("checkout", side, "--", path)
    git("add", "--", path)


def main() -> None:
    """The command."""
    try:
        code = resolve()
    except PipelineError as error:
        sys.exit(f"resolve: {error}")
    if not code:
        print("\nNothing generated is in conflict, and dvc.lock is what the code makes. Next: git commit --no-edit")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
