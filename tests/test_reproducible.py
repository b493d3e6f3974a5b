"""The same commit makes the same lock, whatever the machine is set to."""

from __future__ import annotations

from pathlib import Path

import pytest
import small


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
