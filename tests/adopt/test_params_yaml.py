"""params.yaml of an adopted table: read alike by every reader of YAML, whatever the table's names hold."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from proposals import propose
from ruamel.yaml import YAML

from stages.adopt import params_yaml
from stages.clean.params import Clean
from stages.core import params
from stages.evaluate.params import Evaluate
from stages.features.params import Features
from stages.ingest.params import Ingest
from stages.model.params import Train
from stages.save.params import Save
from stages.wording.params import Report

DRAW = random.Random(3)
SECTIONS: dict[str, type[params.Params]] = {
    "ingest": Ingest, "clean": Clean, "features": Features, "train": Train, "evaluate": Evaluate, "save": Save,
    "report": Report,
}  # fmt: skip
HOSTILE = [
    "yes",
    "null",
    "1.5",
    "a: b",
    "# x",
    'say "hi"',
    "it's",
    "[x]",
    "{y}",
    "Größe (cm)",
    "東京",
    "&a",
    "*",
    "%",
    "@",
]
TARGETS = {
    "binary": [DRAW.choice(["no", "yes"]) for _ in range(120)],
    "multiclass": [DRAW.choice(["one", "1e3", "two: b"]) for _ in range(120)],
    "regression": [f"{DRAW.gauss(1e6, 1e5):.2f}" for _ in range(120)],
}


def both(text: str) -> Any:
    """What readers of YAML 1.1 and of 1.2 read, which must be the same."""
    read = YAML(typ="safe").load(text)
    assert yaml.safe_load(text) == read
    return read


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("names", [HOSTILE[:8], HOSTILE[8:]])
def test_every_section_is_one_its_stage_takes_whatever_the_names(task: str, names: list[str], tmp_path: Path) -> None:
    columns = {name: [DRAW.choice(["a", "b", "?", "-1", "x # y"]) for _ in range(120)] for name in names}
    proposal = propose({**columns, "answer": TARGETS[task]}, "answer")

    text = params_yaml.write_params(proposal, params_yaml.ReadAs(["my table.csv"], []))
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")

    assert both(text)["clean"]["task"] == task
    for section, kind in SECTIONS.items():
        assert isinstance(params.load(section, kind, tmp_path / "params.yaml"), kind)
    said = {*both(text)["clean"]["types"], *both(text)["clean"]["drop"], *both(text)["clean"]["ids"]}
    assert said == set(names)


@given(st.recursive(st.text() | st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_a_value_on_one_line_is_read_as_it_was(value: Any) -> None:
    assert both(f"key: {params_yaml.write_flow(value)}  # said\n")["key"] == value


def test_every_line_has_room_for_what_it_says() -> None:
    proposal = propose({"x": ["a", "b", "c"] * 40, "answer": TARGETS["binary"]}, "answer")

    lines = params_yaml.write_params(proposal, params_yaml.ReadAs(["t.csv"], [])).splitlines()

    assert not [line for line in lines if line != line.rstrip()]
    assert max(map(len, lines)) < 200
