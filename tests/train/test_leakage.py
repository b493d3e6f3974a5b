"""A column that says the answer is reported; honest ones are not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import small

from stages.train.leakage import find_leaks


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
    found = find_leaks(["size", "code", "gone", "weak", "empty"], train, other)
    # then the three are reported, with what they reach
    assert set(found) == {"size", "code", "gone"}
    assert all(0.99 <= reached <= 1 for reached in found.values())


def test_of_few_rows_a_size_that_makes_the_classes_is_reported() -> None:
    # given 150 weights, all different, and whether each is a low one
    weight = np.random.default_rng(7).permutation(150) * 27.0
    low = weight < 1200
    # then it is told
    assert find_leaks(["weight"], (weight[:75, None], low[:75]), (weight[75:, None], low[75:])) == {"weight": 1.0}


def test_noise_is_not_reported_even_with_many_values() -> None:
    # given a column with a value of its own in each row, such as a number that counts the rows
    labels = np.random.default_rng(7).random(1000) < 0.5
    matrix = np.arange(1000.0)[:, None]
    assert find_leaks(["row"], (matrix, labels), (matrix + 0.5, ~labels)) == {}


def test_a_column_is_judged_by_rows_that_it_did_not_learn_from() -> None:
    # given noise, each of whose few values would tell its own row
    random = np.random.default_rng(7)
    matrix, labels = random.random((400, 1)), random.random(400) < 0.5
    assert find_leaks(["noise"], (matrix[:200], labels[:200]), (matrix[200:], labels[200:])) == {}


def test_with_several_classes_a_column_must_tell_each_of_them() -> None:
    # given three classes: a copy of them, a column that tells only the first, and codes that tell all
    random = np.random.default_rng(7)
    labels = random.integers(0, 3, 3000)
    codes = labels + 3.0 * random.integers(0, 5, 3000)
    matrix = np.column_stack([labels * 7.0, np.where(labels == 0, 1.0, random.random(3000)), codes])
    train, other = (matrix[:2000], labels[:2000]), (matrix[2000:], labels[2000:])
    # then the second is no leak
    assert set(find_leaks(["copy", "one", "codes"], train, other, "multiclass")) == {"copy", "codes"}


def test_a_value_in_another_unit_is_a_leak_and_a_good_predictor_is_none() -> None:
    # given a skewed value: in cents, by a code for each value, nearly, and missing
    random = np.random.default_rng(7)
    value = np.exp(random.normal(size=4000) * 2)
    steps = random.integers(0, 50, 4000)
    matrix = np.column_stack([value * 100 + 3, value * random.normal(1, 0.2, 4000), np.full(4000, np.nan), steps])
    train, other = (matrix[:2000], value[:2000]), (matrix[2000:], value[2000:])
    assert set(find_leaks(["cents", "near", "empty", "steps"], train, other, "regression")) == {"cents"}
    # and a value that groups tell without a line is told, too
    train, other = (matrix[:2000], (steps % 7.0)[:2000]), (matrix[2000:], (steps % 7.0)[2000:])
    assert set(find_leaks(["cents", "near", "empty", "steps"], train, other, "regression")) == {"steps"}


def test_nothing_is_said_of_a_handful_of_rows_or_a_target_that_does_not_vary() -> None:
    rows = np.arange(20.0)[:, None]
    assert find_leaks(["a"], (rows, rows[:, 0] > 9), (rows, rows[:, 0] > 9)) == {}
    rows = np.arange(100.0)[:, None]
    assert find_leaks(["a"], (rows, np.ones(100)), (rows, np.ones(100)), "regression") == {}


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
    assert "arr_delay alone tells" in done.stderr
    metrics = json.loads((repo / "metrics/train.json").read_text(encoding="utf-8"))
    assert list(metrics["suspected_leaks"]) == ["arr_delay"]
