"""Raw rows are scored as evaluate scored them after clean: the small flights, from their sources, joined anew."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from small import ENVIRONMENT

KEY = ["origin", "time_hour", "carrier", "flight"]


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def score(repo: Path, *words: str | Path) -> None:
    command = [sys.executable, "-m", "serve.predict", *words]
    environment = {**ENVIRONMENT, "PYTHONDONTWRITEBYTECODE": "1"}  # the repository is other tests', too
    ended = subprocess.run(command, cwd=repo, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    told = [line for line in ended.stderr.splitlines() if "what the model has not seen" not in line]  # as it is
    assert told == []


@pytest.mark.slow
def test_every_hold_out_row_has_the_answer_that_evaluate_wrote(ran: Path, tmp_path: Path) -> None:
    # given the raw flights of the two months of the hold-out, and what evaluate wrote of them
    clean = lines(ran / "data" / "clean.csv")
    expected = {tuple(clean[int(row["row"])][name] for name in KEY): row for row in lines(ran / "data/predictions.csv")}
    found = {}
    # when each file is scored, with the other tables of the snapshot
    for name in ("flights-2013-11.csv", "flights-2013-12.csv"):
        score(ran, ran / "data" / "raw" / name, tmp_path / name, "--lookup")
        found |= {tuple(row[name] for name in KEY): row for row in lines(tmp_path / name)}
    # then every row that evaluate scored has its number and its label; those clean set aside are scored all the same
    assert set(expected) <= set(found)
    for key, row in expected.items():
        assert float(found[key]["probability_yes"]) == pytest.approx(float(row["probability"]), abs=1.5e-9)
        assert found[key]["prediction"] == row["prediction"]
    assert all(row["prediction"] for row in found.values())
    # and the clean table gives the same
    score(ran, ran / "data" / "clean.csv", tmp_path / "clean.csv")
    again = lines(tmp_path / "clean.csv")
    for row in expected.values():
        assert float(again[int(row["row"])]["probability_yes"]) == pytest.approx(float(row["probability"]), abs=1.5e-9)
