"""The report's reasons are the page's: one definition, asked of the service's own answers, over inputs of all types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asked
import pytest
import tiny

from serve.page import number_format
from serve.scoring.decode import Decoder
from serve.scoring.scorer import Scorer
from stages.serve.explain import Explainer


@pytest.mark.parametrize("task", tiny.TASKS)
def test_the_stage_finds_the_reasons_that_the_page_shows(tmp_path: Path, task: str) -> None:
    # given the page's answer to a row, and the same model asked by requests as strict as any
    one = asked.asking(tmp_path, task)
    said = one.ask(asked.typed(one, carrier="0")).answer
    decoder, scorer = Decoder(one.model.manifest.inputs, max_rows=7), Scorer(one.model)

    def predict(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return scorer.score_rows(decoder.decode_rows(json.dumps({"rows": rows}).encode()))[1]

    # when the stage explains the same row
    row = asked.TYPICAL | {"carrier": "AA"}
    found = Explainer(one.model.manifest, predict, 7, 4000).reasons(row, predict([row])[0])
    # then it tells the same inputs, in the same order, with the same steps
    assert said
    assert said.reasons
    labels = {field.name: field.label for field in one.fields}
    assert [labels[reason.input] for reason in found][: len(said.reasons)] == [bar.label for bar in said.reasons]
    for reason, bar in zip(found, said.reasons, strict=False):
        step = reason.step
        spread = one.facts.usual.quantiles[-1] - one.facts.usual.quantiles[0] if task == "regression" else 0.0
        text = (
            f"{number_format.difference(step, spread)} min"
            if task == "regression"
            else number_format.points(step, False)
        )
        assert bar.text == text
