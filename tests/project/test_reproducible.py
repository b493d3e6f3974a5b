"""The same commit makes the same lock, whatever the machine is set to."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import small

from stages import KERNELS
from stages.verify.clones import OLDER

PROBE = """\
import array, hashlib, json, math, os
import numpy as np, scipy.linalg, threadpoolctl
taken = {target["current"] for kinds in np.lib.introspect.opt_func_info().values() for target in kinds.values()}
blas = {library["architecture"] for library in threadpoolctl.threadpool_info() if library["user_api"] == "blas"}
values = array.array("d", [number for at in range(1, 10_000) for number in (math.exp(at / 977), math.log(at))])
print(json.dumps([os.getpid(), sorted(taken), sorted(blas), hashlib.sha256(values).hexdigest()]))
"""


@pytest.mark.slow
def test_other_cores_hash_seed_zone_and_locale_make_the_same_lock(ran: Path, tmp_path: Path) -> None:
    # Given a fresh clone in a folder with another name, with nothing in its cache
    folder = tmp_path / "another folder"
    assert small.run(tmp_path, "git", "clone", "--quiet", str(ran), str(folder)).returncode == 0

    # When everything runs with other settings than the first time
    settings = {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C", "LANG": "C"}
    done = small.run(folder, "dvc", "repro", "--force", **settings)

    # Then every output has the same hash
    assert done.returncode == 0, done.stderr
    assert (folder / "dvc.lock").read_bytes() == (ran / "dvc.lock").read_bytes()

    # And so it is byte for byte
    for path in ("model/trained.pkl", "model/model.onnx", "reports/final_report.pdf", "metrics/evaluation.json"):
        assert (folder / path).read_bytes() == (ran / path).read_bytes(), path


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the same bytes are promised for x86-64 only")
def test_a_stage_computes_as_on_the_least_processor_whatever_it_runs_on(tmp_path: Path) -> None:
    # Given a stage that tells which kernels its libraries took
    (tmp_path / "stages").mkdir()
    shutil.copy(small.ROOT / "stages/__init__.py", tmp_path / "stages")
    (tmp_path / "stages/probe.py").write_text(PROBE, encoding="utf-8")

    # When it runs as it is, and where a user or an older processor has libraries take others
    told = []
    for others in ({}, OLDER, {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_L2_SIZE": "1024", "PYTHONWARNINGS": "error"}):
        own = {name: value for name, value in small.ENVIRONMENT.items() if name not in KERNELS} | others
        command = [sys.executable, "-m", "stages.probe"]
        with subprocess.Popen(command, cwd=tmp_path, env=own, stdout=subprocess.PIPE, text=True) as stage:
            pid, *kernels = json.loads(stage.communicate()[0])
        assert pid == stage.pid  # what stops the stage must reach it
        told.append(kernels)

    # Then they are the same, and the least
    assert told[0] == told[1] == told[2]
    assert told[0][:2] == [["baseline(X86_V2)"], ["Nehalem"]]
