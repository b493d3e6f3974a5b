"""The proof by making it: what is committed is made twice.

HEAD is cloned twice and reproduced whole in each clone, under settings that must not matter: the core count, the hash
seed, the time zone, the locale and, in the second, an older processor. Both locks must equal the committed one, and
every output its twin, byte for byte.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from stages import KERNELS
from stages.core import files
from stages.storage import sources
from stages.transaction.repository import clone, git
from stages.verify.lock import LOCK, Part, VerifyError, list_parts, read_committed, read_stages

OLDER = {
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Prescott",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-FMA,-FMA4",
}
"""Has libraries take this processor for one without AVX, FMA and AVX-512, and OpenBLAS for one that is older still."""
SETTINGS: tuple[dict[str, str], ...] = (
    {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"},
    {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C", **OLDER},
)


def differences(first: dict[Part, Any], second: dict[Part, Any]) -> list[Part]:
    """The parts that differ or are in one of the two only, in the order of the first."""
    return [part for part in first | second if first.get(part) != second.get(part)]


def explain(differing: list[Part]) -> str:
    """The differing parts, first the outputs of stages that were given the same and made another thing of it."""
    given_other = {part.stage for part in differing if part.kind != "outs"}
    causes = [part for part in differing if part.stage not in given_other]
    others = [part for part in differing if part.stage in given_other]
    return "\n".join(
        [f"  {part.name} out of stage {part.stage}, from the same inputs" for part in causes]
        + [f"  {part}" for part in others]
    )


def work() -> None:
    """Clone, reproduce and compare. Raises VerifyError, which names what differs, and out of which stage."""
    committed = list_parts(read_committed())
    if git("status", "--porcelain", "--untracked-files=no", "--", "."):
        logging.warning("verify: there are uncommitted changes; only what is committed is verified")
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        clones = [clone(Path(folder) / f"clone-{number}") for number, _ in enumerate(SETTINGS, start=1)]
        for project, setting in zip(clones, SETTINGS, strict=True):
            sources.bring(project)
            _reproduce(project, setting)
        _compare(committed, *clones)
    logging.info("verify: both clones made the committed %s, and the same bytes in every output", LOCK)


def _reproduce(folder: Path, setting: dict[str, str]) -> None:
    logging.info("verify: a clone with %s", " ".join(f"{key}={value}" for key, value in setting.items()))
    own = {name: value for name, value in os.environ.items() if name not in KERNELS}  # each stage sets them itself
    state = {"DVC_SITE_CACHE_DIR": str(folder / ".dvc" / "tmp" / "site")}  # goes with the clone
    environment = {**own, **setting, **state, "DVC_NO_ANALYTICS": "1"}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", os.defpath)])
    command = [sys.executable, "-m", "dvc", "repro", "--force"]
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise VerifyError(f"the pipeline failed in a fresh clone (exit {done.returncode}); its messages stand above.")


def _compare(committed: dict[Part, Any], first: Path, second: Path) -> None:
    made, again = (list_parts(read_stages((folder / LOCK).read_text(encoding="utf-8"))) for folder in (first, second))
    if twice := differences(made, again):
        raise VerifyError(f"the two clones made different things:\n{explain(twice)}")
    if stale := differences(committed, made):
        raise VerifyError(
            f"the committed {LOCK} is not what the code makes:\n{explain(stale)}\nRun `make repro` and commit {LOCK}."
        )
    for part in made:  # the lock's word is DVC's; this is our own
        one, other = first / part.name, second / part.name
        if part.kind == "outs" and one.is_file() and files.sha256(one) != files.sha256(other):
            raise VerifyError(f"{part.name} out of stage {part.stage} differs, though its hash in {LOCK} does not.")
    for folder in (first, second):
        if changed := git("status", "--porcelain", folder=folder).decode():
            raise VerifyError(f"the run left a clone other than it was committed:\n{changed}")
