"""The sample that is asked for is of every kind and always the same; an answer is equal within the bound."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny

from stages.contracts.manifest import Manifest
from stages.serve import samples
from stages.serve.samples import Case, choose, find_differences

KINDS = list(samples.KINDS.values())


def manifest(task: str = "binary") -> Manifest:
    return msgspec.convert(tiny.manifest(task=task) | {"files": {}}, Manifest)


def case(row: int, kind: str = "caught") -> Case:
    numbers = {"probability_no": 0.5, "probability_yes": 0.5}
    return Case(row, kind, (KINDS.index(kind), kind), "yes", "yes", numbers)


def hold_out(folder: Path, task: str) -> list[Case]:
    tiny.write_hold_out(folder, task=task)
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        return samples.read_cases(csv.DictReader(file), manifest(task=task))


def test_the_sample_holds_every_kind_there_is_and_is_always_the_same() -> None:
    # given many rows of two kinds and one of a third
    table = [case(row, "left alone") for row in range(500)] + [case(500, "missed"), case(501, "caught")]
    # when
    chosen = choose(table, 5)
    # then
    assert {found.kind for found in chosen} == {"left alone", "missed", "caught"}
    assert len(chosen) == 5
    assert [found.row for found in chosen] == sorted({found.row for found in chosen})
    assert chosen == choose(table, 5)
    # and a sample larger than the table is the table, one smaller than the kinds holds each kind
    assert choose(table, 10_000) == table
    assert len(choose(table, 1)) == 3
    assert choose([], 8) == []


def test_of_several_classes_right_ones_and_wrong_ones_take_turns(tmp_path: Path) -> None:
    table = hold_out(tmp_path, "multiclass")
    groups = {found.group for found in table}
    # a sample as large as the groups holds one of each; of one that is smaller, none is there twice
    assert {found.group for found in choose(table, len(groups))} == groups
    assert len(groups) > 4
    assert sorted(found.group[0] for found in choose(table, 4)) == [False, False, True, True]
    assert len({found.group for found in choose(table, 4)}) == 4


def test_of_numbers_the_nearest_the_usual_and_the_farthest_are_there(tmp_path: Path) -> None:
    table = hold_out(tmp_path, "regression")
    errors = sorted(abs(float(found.actual) - float(found.prediction)) for found in table)
    chosen = choose(table, 3)
    marks = {name for _, name in (found.group for found in chosen)} & {"smallest", "median", "largest"}
    assert marks == {"smallest", "median", "largest"}
    off = [abs(float(found.actual) - float(found.prediction)) for found in chosen]
    assert {errors[0], errors[-1]} <= set(off)
    # and half of the table is close
    assert sum(found.kind == "close" for found in table) == 15


@pytest.mark.parametrize(
    ("probability", "label", "wrong"),
    [
        (0.5, "yes", 0),
        (0.5 + 1e-9, "yes", 0),
        (0.5 + 3e-9, "yes", 1),
        (float("nan"), "yes", 1),
        (0.5, "no", 1),
        (0.9, "no", 2),
    ],
)
def test_an_answer_is_equal_within_the_bound(probability: float, label: str, wrong: int) -> None:
    # given a manifest with a bound of 1e-9 and the threshold 0.4, and the chances of both classes
    answer = {"prediction": label, "probabilities": {"no": 0.5, "yes": probability}}
    # when, then
    assert len(find_differences(case(1), answer, manifest())) == wrong


@pytest.mark.parametrize(
    ("task", "prediction", "numbers", "answer"),
    [
        ("binary", "yes", {"no": 0.6, "yes": 0.4}, {"no": 0.6, "yes": 0.4 - 5e-10}),
        ("multiclass", "no", {"no": 0.4, "yes": 0.4, "x": 0.2}, {"no": 0.4, "yes": 0.4 + 5e-10, "x": 0.2}),
    ],
)
def test_a_label_may_differ_where_either_may_be_said(
    task: str, prediction: str, numbers: dict[str, float], answer: dict[str, float]
) -> None:
    expected = Case(1, "", (0, ""), "yes", prediction, {f"probability_{name}": p for name, p in numbers.items()})
    other = {"yes": "no", "no": "yes"}[prediction]
    assert find_differences(expected, {"prediction": other, "probabilities": answer}, manifest(task=task)) == []


@pytest.mark.parametrize(
    ("served", "wrong"),
    [
        ({"prediction": 1e6, "interval": [9e5, 2e6]}, 0),
        ({"prediction": 1e6 + 5e-4, "interval": [9e5, 2e6]}, 0),
        ({"prediction": 1e6 + 5e-2, "interval": [9e5, 2e6]}, 1),
        ({"prediction": 1e6, "interval": [8e5, 3e6]}, 2),
        ({"prediction": 1e6}, 1),
    ],
)
def test_a_number_and_its_ends_are_equal_within_a_share_of_them(served: dict[str, Any], wrong: int) -> None:
    expected = Case(1, "far", (3, ""), 2e6, 1e6, {"prediction": 1e6, "low": 9e5, "high": 2e6})
    assert len(find_differences(expected, served, manifest(task="regression"))) == wrong
