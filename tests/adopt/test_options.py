"""What adopt advises can be typed as the command was: with make, or with Python."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from proposals import propose

from stages.adopt.options import TYPED, format_option
from stages.adopt.proposal import Proposal
from stages.core.errors import ParamsError

ADOPTION = Path(__file__).parents[2] / "stages/adopt"
DRAW = random.Random(3)
ROWS = 240


def draw(*texts: str) -> list[str]:
    return [DRAW.choice(texts) for _ in range(ROWS)]


def numbers() -> list[str]:
    return [f"{DRAW.gauss(50, 9):.3f}" for _ in range(ROWS)]


@pytest.mark.parametrize(
    ("typed", "bare", "whole"), [("make", "TIME", "TIME='Date Egg'"), ("", "--time", "--time 'Date Egg'")]
)
def test_an_option_is_said_as_it_was_typed(monkeypatch: pytest.MonkeyPatch, typed: str, bare: str, whole: str) -> None:
    monkeypatch.setenv(TYPED, typed)

    assert (format_option("time"), format_option("time", "Date Egg")) == (bare, whole)


def table() -> Proposal:
    days = [f"{2001 + number % 20}-0{1 + number % 9}-{10 + number % 7}" for number in range(ROWS)]
    people = [f"p{number % 70}" for number in range(ROWS)]
    columns = {"day": days, "person_id": people, "x": numbers(), "answer": draw("a", "b")}
    return propose(columns, "answer")


def test_every_doubt_names_the_variables_of_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPED, "make")

    said = " ".join(map(str, table().doubts))

    assert {"POSITIVE", "TIME=day", "GROUP=person_id"} <= set(re.findall(r"[A-Z]{4,}(?:=\w+)?", said))
    assert "--" not in said


def test_an_error_names_the_variable_of_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPED, "make")

    with pytest.raises(ParamsError, match=r"DROP: the table has no column 'y'.*NAMES=a,b,c"):
        propose({"x": numbers(), "answer": draw("a", "b")}, "answer", drop=("y",))


def test_a_choice_there_is_not_is_refused_in_the_words_of_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TYPED, "make")

    command = [sys.executable, "-m", "stages.adopt", "a.csv", "--target", "a", "--task", "guess"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("adopt: argument TASK: invalid choice: 'guess'")


def test_no_message_spells_an_option_itself() -> None:
    pattern = re.compile(r"[^`]--(target|task|positive|drop|time|group|names)\b")
    others = [path for path in ADOPTION.glob("*.py") if path.name != "__main__.py"]  # which defines them
    spelled = [path.name for path in others if pattern.search(path.read_text("utf-8"))]

    assert not spelled
