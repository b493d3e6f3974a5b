"""The page's reasons are those of POST /explain, which the report has: one definition, over inputs of all types."""

from __future__ import annotations

import json
from pathlib import Path

import asked
import pytest
import tiny

from serve.http.active_model import ActiveModel
from stages.wording.explanation import ALL_ELSE


@pytest.mark.parametrize("task", tiny.TASKS)
def test_the_page_shows_the_reasons_of_the_api_and_they_add_up(tmp_path: Path, task: str) -> None:
    # given the page's answer to a row, and the API's explanation of it
    one = asked.asking(tmp_path, task)
    said = one.ask(asked.typed(one, carrier="0")).answer
    body = json.dumps({"rows": [asked.TYPICAL | {"carrier": "AA"}]}).encode()
    [found] = json.loads(ActiveModel(one.model, 1000, dict).explain(body))["explanations"]
    # then it shows the same inputs, in the same order, and all else, by steps that lead from the first number to the
    # second one as they are written
    assert said
    labels = {field.name: field.label for field in one.fields}
    shown = [bar.label for bar in said.reasons if bar.label != ALL_ELSE]
    reasons = found["reasons"][: len(shown)]
    assert shown == [reason.get("part", "").title() or labels[reason["input"]] for reason in reasons]
    start, end = (number(text) for text in said.start.removesuffix(":").rpartition(" to ")[::2])
    assert start + sum(number(bar.text) for bar in said.reasons) == pytest.approx(end, abs=1e-9)


def number(text: str) -> float:
    """Return the last number of a text."""
    [*_, last] = [word for word in text.split() if any(map(str.isdigit, word))]
    return float(last.replace("\N{MINUS SIGN}", "-").rstrip("%,"))
