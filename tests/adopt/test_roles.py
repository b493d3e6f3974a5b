"""What each column is for: what a careful analyst would say of it, with the reason."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from proposals import propose, roles

DRAW = random.Random(7)
ROWS = 200
TARGET = [DRAW.choice(["yes", "no"]) for _ in range(ROWS)]


def texts(number: int) -> list[str]:
    return [f"value {DRAW.randrange(number)}" for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("values", "role", "reason"),
    [
        ([f"{n + 1}" for n in range(ROWS)], "id", "numbers the rows"),
        ([f"{n * 7919 % 100_003}" for n in range(ROWS)], "input", ""),
        ([f"{n:04x}-{n * 7919:08x}" for n in range(ROWS)], "id", "tells rows apart: 200 distinct values"),
        (["same"] * ROWS, "drop", "the only value is 'same'"),
        (["same"] * 150 + [""] * 50, "drop", "the only value is 'same'"),
        ([""] * ROWS, "drop", "no value in any row"),
        (["NA", "?"] * 100, "drop", "no value in any row"),
        (texts(4), "input", ""),
        ([f"{DRAW.gauss(0, 1):.6f}" for _ in range(ROWS)], "input", ""),
        ([f"the {DRAW.random()} story of a row told at length, again" for _ in range(ROWS)], "drop", "free text"),
    ],
)  # fmt: skip
def test_a_column_has_the_role_its_values_call_for(values: list[str], role: str, reason: str) -> None:
    proposal = propose({"x": values, "other": texts(3), "answer": TARGET}, "answer")

    found = next(one for one in proposal.decisions if one.name == "x")

    assert (found.role, reason in found.reason) == (role, True), found


@pytest.mark.parametrize("name", ["customer_id", "CustomerID", "id", "Id", "patient_nbr", "ticket", "Ticket No"])
def test_a_number_that_is_named_as_an_identifier_is_one_and_its_groups_are_told(name: str) -> None:
    values = [f"{10_000 + 37 * DRAW.randrange(120)}" for _ in range(ROWS)]

    proposal = propose({name: values, "other": texts(3), "answer": TARGET}, "answer")

    assert roles(proposal)[name] == "id"
    assert any("--group" in doubt.text for doubt in proposal.doubts)


def test_an_estimate_is_told_as_one() -> None:
    ids = [f"{n:05x}-{n * 7919:09x}" for n in range(20_000)]

    proposal = propose({"x": ids, "other": texts(3) * 100, "answer": TARGET * 100}, "answer")

    found = next(one for one in proposal.decisions if one.name == "x")
    assert re.fullmatch(r"tells rows apart: about (19|20),000 distinct values in 20,000 rows", found.reason), (
        found.reason
    )


def test_a_code_of_few_values_is_an_input_whatever_its_name() -> None:
    proposal = propose({"status_id": [str(n % 4) for n in range(ROWS)], "answer": TARGET}, "answer")

    assert roles(proposal)["status_id"] == "input"


def test_a_column_that_is_another_again_is_dropped() -> None:
    size = [f"{DRAW.random():.3f}" for _ in range(ROWS)]

    proposal = propose({"size": size, "again": size, "answer": TARGET}, "answer")

    assert roles(proposal) == {"size": "input", "again": "drop", "answer": "target"}
    assert proposal.named("drop")["again"] == "the same as size in every row"


def test_of_a_number_and_its_text_the_number_is_kept() -> None:
    codes = [DRAW.randrange(5) for _ in range(ROWS)]
    names = [["none", "school", "bachelor", "master", "doctor"][code] for code in codes]

    proposal = propose({"education": names, "years": list(map(str, codes)), "answer": TARGET}, "answer")

    assert roles(proposal) == {"education": "drop", "years": "input", "answer": "target"}


def test_the_target_under_another_name_is_a_leak_and_doubtful() -> None:
    alive = ["alive" if answer == "yes" else "dead" for answer in TARGET]

    proposal = propose({"alive": alive, "other": texts(3), "answer": TARGET}, "answer")

    assert roles(proposal)["alive"] == "leak"
    assert any(str(doubt).startswith("alive: It is dropped") for doubt in proposal.doubts)


def test_what_almost_tells_the_target_is_kept_and_doubtful() -> None:
    boat = [f"{n % 9}" if answer == "yes" else "" for n, answer in enumerate(TARGET)]

    proposal = propose({"boat": boat, "other": texts(3), "answer": TARGET}, "answer")

    assert roles(proposal)["boat"] == "input"
    assert any(str(doubt).startswith("boat: Alone it tells answer") for doubt in proposal.doubts)


def test_the_parts_of_a_sum_are_leaks() -> None:
    casual, registered = ([DRAW.randrange(1000) for _ in range(ROWS)] for _ in range(2))
    count = [first + second for first, second in zip(casual, registered, strict=True)]

    proposal = propose({"casual": casual, "registered": registered, "temp": texts(9), "count": count}, "count")

    assert roles(proposal) == {"casual": "leak", "registered": "leak", "temp": "input", "count": "target"}
    assert "a sum of casual and registered" in proposal.named("leak")["casual"]


def test_what_a_person_says_stands() -> None:
    columns = {"keep": texts(3), "away": texts(3), "person": texts(50), "answer": TARGET}

    proposal = propose(columns, "answer", drop=("away",), group="person")

    assert roles(proposal) == {"keep": "input", "away": "drop", "person": "id", "answer": "target"}
    assert proposal.split["by"] == "group"
    assert proposal.split["column"] == proposal.block == "person"


def test_two_numbers_whose_formula_tells_the_target_are_asked_about() -> None:
    # given weights and heights that tell nothing alone, and the class of weight by height squared
    draw = np.random.default_rng(5)
    height, weight = draw.normal(1.7, 0.1, 600), draw.normal(75, 15, 600)
    classes = np.array(["slim", "usual", "heavy"])[np.digitize(weight / height**2, [22, 28])]
    table = {"height": [f"{one:.3f}" for one in height], "weight": [f"{one:.1f}" for one in weight],
             "steps": [f"{one:.0f}" for one in draw.normal(8000, 2000, 600)], "shape": classes.tolist()}  # fmt: skip
    # when
    doubts = {doubt.about: doubt.text for doubt in propose(table, "shape").doubts}
    # then the formula is named, and only that one
    assert [about for about in doubts if "worked out" in doubts[about]] == ["weight / height²"]
    # and none where a third thing counts, too
    table["shape"] = np.where(draw.random(600) < 0.2, "slim", classes).tolist()
    assert not any("worked out" in doubt.text for doubt in propose(table, "shape").doubts)
