"""An answer's reasons, of the tiny models, whose trees can be added up by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import asked
import msgspec
import numpy as np
import pytest
import tiny

from serve.explain.explainer import Explainer
from serve.scoring.decode import Decoder
from serve.scoring.errors import ApiError
from serve.scoring.loader import Model
from stages.contracts.explanation import Explanation


def explain(model: Model, **changed: Any) -> Explanation:
    decoder = Decoder(model.manifest.inputs, max_rows=1)
    body = json.dumps({"rows": [asked.TYPICAL | changed]}).encode()
    found = Explainer(model).explain(*decoder.decode_rows(body))
    assert found
    return found


def steps(found: Explanation) -> dict[str, float]:
    return {reason.part or reason.input: reason.step for reason in found.reasons}


@pytest.mark.parametrize("task", tiny.TASKS)
def test_from_what_is_usual_the_reasons_lead_to_the_answer(tmp_path: Path, task: str) -> None:
    # given a row, and its answer worked out without the service
    answer = tiny.answer(asked.TYPICAL | {"carrier": "AA", "temp": 20.0}, task)
    chances = answer.get("probabilities", {})
    label = {"binary": "yes", "multiclass": answer["prediction"], "regression": None}[task]
    # when
    found = explain(asked.model(tmp_path, task), carrier="AA", temp=20.0)
    # then
    assert found.label == label
    assert found.value == pytest.approx(chances.get(label, answer["prediction"]), abs=1e-6)
    assert found.usual == {"binary": 0.25, "multiclass": 0.7 if label == "no" else 0.2, "regression": -0.4}[task]
    assert found.usual + sum(steps(found).values()) + found.rest == pytest.approx(found.value, abs=1e-8)
    assert [abs(reason.step) for reason in found.reasons] == sorted(map(abs, steps(found).values()), reverse=True)


def test_where_inputs_act_alone_a_reason_is_the_answer_less_its_mean_over_the_inputs_values(tmp_path: Path) -> None:
    # given a regression, whose answer adds up one tree for each of some inputs
    found = steps(explain(asked.model(tmp_path, "regression"), carrier="AA", day="2013-06-16"))
    # then by hand: AA now, else UA in 60 and AA in 40 of 100 rows; a Sunday, as three of the eleven dates are Saturdays
    # or Sundays; and what no tree looks at is no reason
    assert found["carrier"] == pytest.approx(0.8 - (0.6 * -0.3 + 0.4 * 0.8), abs=0.02)
    weekend = sum(tiny.datetime.date(2013, month, 15).weekday() > 4 for month in range(1, 12)) / 11
    assert found["weekday"] == pytest.approx(-0.6 - (weekend * -0.6 + (1 - weekend) * 0.1), abs=0.02)
    assert set(found) == {"carrier", "weekday", "sched", "temp", "comfort"}


def test_explanations_are_the_same_each_time(tmp_path: Path) -> None:
    model = asked.model(tmp_path, "binary")
    assert explain(model, temp=30.0) == explain(model, temp=30.0)


def test_a_row_without_a_finite_answer_is_refused(tmp_path: Path) -> None:
    model = asked.model(tmp_path, "regression")
    model.answers = lambda matrix: np.full((len(matrix), 1), np.inf)  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="too large"):
        explain(model)


def test_where_other_rows_have_no_finite_answer_there_are_no_reasons(tmp_path: Path) -> None:
    # given a model that has an answer to one row alone
    model = asked.model(tmp_path, "regression")
    answers = model.answers
    model.answers = lambda matrix: answers(matrix) * (1 if len(matrix) == 1 else np.nan)  # type: ignore[method-assign]
    found = explain(model)
    # then all of the way from the mean is left over
    assert found.reasons == []
    assert found.usual == -0.4
    assert found.rest == pytest.approx(found.value + 0.4)


def test_a_model_saved_without_what_its_inputs_may_be_has_no_explanation(tmp_path: Path) -> None:
    model = asked.model(tmp_path, "binary")
    model.manifest = msgspec.structs.replace(model.manifest, page=None)
    [row] = Decoder(model.manifest.inputs, 1).decode_rows(json.dumps({"rows": [asked.TYPICAL]}).encode())
    assert Explainer(model).explain(row) is None
