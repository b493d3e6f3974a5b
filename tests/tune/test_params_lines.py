"""Values of params.yaml are changed in their lines, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.core import params
from stages.core.errors import ParamsError
from stages.tune.params_lines import set_values

ROOT = Path(__file__).resolve().parents[2]
TEXT = """\
# Ours.
train:
  estimator: boosting           # or linear
  learning_rate:    1e-1  # small
  max_rounds: '40'

evaluate: {draws: 100, learning_rate: 3}  # not this one
"""


def test_only_the_lines_of_the_keys_change() -> None:
    changed = set_values(TEXT, "train", {"learning_rate": 0.05342, "estimator": "best", "max_rounds": 9})
    assert (
        changed
        == """\
# Ours.
train:
  estimator: best               # or linear
  learning_rate:    0.05342 # small
  max_rounds: 9

evaluate: {draws: 100, learning_rate: 3}  # not this one
"""
    )


def test_a_key_that_is_not_there_gets_a_line_at_the_end_of_the_section() -> None:
    changed = set_values(TEXT, "train", {"trees": 50, "max_bins": 99})
    assert changed == TEXT.replace("'40'\n", "'40'\n  trees: 50\n  max_bins: 99\n")


def test_the_same_values_change_nothing() -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert set_values(text, "train", {"learning_rate": 0.1, "estimator": "boosting", "l2_regularization": 10.0}) == text


@pytest.mark.parametrize("value", [1e-05, 0.3, 1e16, 7, "best"])
def test_a_value_is_read_as_it_was(value: float | str) -> None:
    changed = set_values(TEXT, "train", {"learning_rate": value})
    assert params.parse(changed.encode())["train"]["learning_rate"] == value


@pytest.mark.parametrize(
    "text", ["train: {learning_rate: 0.1, max_rounds: 4} # a\n", "train:\n  learning_rate:\n    0.1\n  max_rounds: 4\n"]
)
def test_what_is_written_otherwise_is_changed_too(text: str) -> None:
    changed = set_values(text, "train", {"learning_rate": 0.25, "max_rounds": 40})
    assert changed == text.replace("0.1", "0.25").replace("4", "40")


def test_what_has_no_place_for_a_line_is_refused_with_what_to_write() -> None:
    with pytest.raises(ParamsError, match=r"not a line each\. Write there by hand: trees: 50"):
        set_values("train: {learning_rate: 0.1}\nevaluate: {}\n", "train", {"trees": 50})
