"""The first rows of a scored file on the page: in the words of the outcome, not in those of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asked
import pytest

from serve.page.preview import make_preview
from serve.page.vocabulary import Language
from stages.wording.params import Outcome, Report

CASES: dict[str, tuple[list[str], list[str], list[str], list[str]]] = {
    "binary": (
        ["prediction", "probability_no", "probability_yes"], ["yes", "0.311111111", "0.688888889"],
        ["Delay", "Probability"], ["yes", "69%"],
    ),
    "multiclass": (
        ["prediction", "probability_a little", "probability_no", "probability_very"],
        ["very", "0.2", "0.1", "0.7"], ["Delay", "Its chance"], ["very", "70%"],
    ),
    "regression": (
        ["prediction", "low", "high"], ["12.3456789", "11.8456789", "13.0956789"],
        ["Delay, min", "80% interval"], ["12.35", "11.85 to 13.1"],
    ),
}  # fmt: skip


def preview(one: Any, head: list[list[str]], language: Language | None = None) -> list[list[str]]:
    return make_preview(head, one.model.manifest, language or one.language, one.spread)


@pytest.mark.parametrize("task", CASES)
def test_a_row_has_its_first_columns_the_answer_and_a_note(tmp_path: Path, task: str) -> None:
    # given a scored row, one with a warning, and one that could not be scored
    added, cells, titles, shown = CASES[task]
    one = asked.asking(tmp_path, task)
    head = [["carrier", "temp", *added, "warnings", "reason"],
            ["UA", "50", *cells, "", ""],
            ["AA", "600", *cells, "temp is beyond", ""],
            ["UA", "x", *[""] * len(added), "", "temp is no number"]]  # fmt: skip
    # when
    found = preview(one, head)
    # then
    assert found[0][:2] + found[0][-1:] == ["carrier", "temp", "Note"]
    assert found[0][2:-1] == titles
    assert found[1:] == [
        ["UA", "50", *shown, ""], ["AA", "600", *shown, "temp is beyond"], ["UA", "x", "", "", "temp is no number"]
    ]  # fmt: skip


def test_a_class_is_called_as_the_outcome_is(tmp_path: Path) -> None:
    one = asked.asking(tmp_path, "binary")
    report = Report(outcome=Outcome(kind="harm", positive="late", phrase="comes late"))
    head = [["prediction", "probability_no", "probability_yes", "warnings", "reason"],
            ["yes", "0.4", "0.6", "", ""], ["no", "0.999999", "0.000001", "", ""]]  # fmt: skip
    found = preview(one, head, Language(report, one.model.manifest.target))
    assert found == [["Late", "Risk", "Note"], ["late", "60%", ""], ["not late", "under 0.1%", ""]]
