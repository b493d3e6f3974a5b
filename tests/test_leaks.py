"""A column that says the answer is reported; honest ones are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import small

from stages.leaks import suspects


def test_a_column_that_tells_the_target_is_reported_whatever_its_form() -> None:
    # given labels, and columns that give them away by size, by code, by being missing, and not at all
    random = np.random.default_rng(7)
    labels = random.random(4000) < 0.3
    size = np.where(labels, 20.0, 1.0) + random.random(4000)
    code = np.where(labels, random.choice([1, 4, 6], 4000), random.choice([0, 2, 3, 5], 4000)).astype(float)
    gone = np.where(labels, np.nan, random.random(4000))
    weak = labels * 0.5 + random.normal(size=4000)
    empty = np.full(4000, np.nan)
    matrix = np.column_stack([size, code, gone, weak, empty])
    # when half of the rows judge the other half
    train, other = (matrix[:2000], labels[:2000]), (matrix[2000:], labels[2000:])
    found = suspects(["size", "code", "gone", "weak", "empty"], train, other)
    # then the three are reported, with what they reach
    assert set(found) == {"size", "code", "gone"}
    assert all(0.99 <= reached <= 1 for reached in found.values())


def test_noise_is_not_reported_even_with_many_values() -> None:
    # given a column with a value of its own in each row, such as a number that counts the rows
    labels = np.random.default_rng(7).random(1000) < 0.5
    matrix = np.arange(1000.0)[:, None]
    assert suspects(["row"], (matrix, labels), (matrix + 0.5, ~labels)) == {}


@pytest.mark.slow
def test_a_leak_that_nobody_named_is_reported_by_training(tmp_path: Path) -> None:
    # given the small tables, with the delay at arrival, of which the target is made, no longer named as a leak
    repo = small.build(tmp_path)
    params = repo / "params.yaml"
    text = params.read_text(encoding="utf-8")
    params.write_text(text.replace("arr_time, arr_delay, air_time]", "arr_time, air_time]"), encoding="utf-8")
    # when the model is trained
    for name in ("ingest", "clean", "features", "train"):
        done = small.stage(repo, name)
        assert done.returncode == 0, done.stderr
    # then the log and the metrics name the column
    assert "arr_delay alone ranks" in done.stderr
    metrics = json.loads((repo / "metrics/train.json").read_text(encoding="utf-8"))
    assert list(metrics["suspected_leaks"]) == ["arr_delay"]
