"""What the service says of its model and its interface, for each task."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny

from serve.http import openapi
from serve.http.info import schema
from serve.scoring import loader
from serve.scoring.decode import Decoder
from serve.scoring.loader import Model
from serve.scoring.scorer import Scorer


def load(root: Path, task: str, **values: Any) -> Model:
    tiny.write(root / "model", task=task, **values)
    (root / "model" / "champion.json").write_text('{"version": null}')
    return loader.load(root)


def conforms(value: Any, kind: dict[str, Any]) -> bool:
    """Whether a value is of a JSON schema, as far as ours go."""
    if kind["type"] == "object":
        known = kind.get("properties", {})
        return set(kind.get("required", [])) <= set(value) <= set(known) and all(
            conforms(item, known[name]) for name, item in value.items()
        )
    if kind["type"] == "array":
        fits = kind.get("minItems", 0) <= len(value) <= kind.get("maxItems", len(value))
        return fits and all(conforms(item, kind["items"]) for item in value)
    if kind["type"] == "number":
        return kind.get("minimum", value) <= value <= kind.get("maximum", value)
    return isinstance(value, str) and value in kind.get("enum", [value])


@pytest.mark.parametrize("task", tiny.TASKS)
def test_an_answer_is_what_the_description_says(tmp_path: Path, task: str) -> None:
    # given the description of an answer, and answers
    served = load(tmp_path, task)
    described = openapi.describe_answer(served)["properties"]["predictions"]["items"]
    decoder = Decoder(served.manifest.inputs, max_rows=100)
    answers = Scorer(served).predict(
        [decoder.convert_row(row) for row in [*tiny.rows(50), tiny.ROW | {"carrier": "ZZ"}]]
    )
    # then each is as described, with all that it may have
    for answer in answers:
        assert conforms(answer, described), answer
        assert set(answer) == set(described["properties"])
    assert described["properties"]["prediction"] == (
        {"type": "number"} if task == "regression" else {"type": "string", "enum": tiny.TARGETS[task]["classes"]}
    )


def test_a_model_without_an_interval_promises_none(tmp_path: Path) -> None:
    served = load(tmp_path, "regression", interval=None)
    described = openapi.describe_answer(served)["properties"]["predictions"]["items"]
    assert set(described["properties"]) == {"prediction", "warnings"}
    assert "interval" not in schema(served.manifest)


@pytest.mark.parametrize("task", tiny.TASKS)
def test_the_example_of_a_request_is_read_without_a_warning(tmp_path: Path, task: str) -> None:
    served = load(tmp_path, task)
    row = openapi.describe_request(served)["properties"]["rows"]["items"]["example"]
    [answer] = Scorer(served).predict([Decoder(served.manifest.inputs, max_rows=1).convert_row(row)])
    assert answer["warnings"] == []
    assert row["comfort"] == "low"


@pytest.mark.parametrize("task", tiny.TASKS)
def test_the_schema_names_the_task_the_levels_and_the_known_values(tmp_path: Path, task: str) -> None:
    said = schema(load(tmp_path, task).manifest)
    assert (said["task"], said["target"]) == (task, tiny.TARGETS[task])
    assert ("interval" in said) == (task == "regression")
    inputs = {column["name"]: column for column in said["inputs"]}
    assert inputs["carrier"]["values"] == ["AA", "UA"]
    assert inputs["comfort"] == tiny.INPUTS[-1]
