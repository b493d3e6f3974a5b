"""params.yaml of an adopted table: read alike by every reader of YAML, whatever the table's names hold."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from dvc.utils.hydra import apply_overrides
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
from stages.tune.params import Tune
from stages.wording.params import Report

DRAW = random.Random(3)
SECTIONS: dict[str, type[params.Params]] = {
    "ingest": Ingest, "clean": Clean, "features": Features, "train": Train, "evaluate": Evaluate, "save": Save,
    "report": Report, "tune": Tune,
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


def read(text: str) -> Any:
    """What a reader of YAML 1.2 reads, as DVC is one."""
    return YAML(typ="safe").load(text)


@pytest.mark.parametrize("task", TARGETS)
@pytest.mark.parametrize("names", [HOSTILE[:8], HOSTILE[8:]])
def test_every_section_is_one_its_stage_takes_whatever_the_names(task: str, names: list[str], tmp_path: Path) -> None:
    columns = {name: [DRAW.choice(["a", "b", "?", "-1", "x # y"]) for _ in range(120)] for name in names}
    proposal = propose({**columns, "answer": TARGETS[task]}, "answer")

    text = params_yaml.write_params(proposal, params_yaml.ReadAs(["my table.csv"], []))
    (tmp_path / "params.yaml").write_text(text, encoding="utf-8")

    assert read(text)["clean"]["task"] == task
    for section, kind in SECTIONS.items():
        assert isinstance(params.load(section, kind, tmp_path / "params.yaml"), kind)
    said = {*read(text)["clean"]["types"], *read(text)["clean"]["drop"], *read(text)["clean"]["ids"]}
    assert said == set(names)


@pytest.mark.parametrize("task", TARGETS)
def test_dvc_changes_the_one_line_it_is_asked_to(task: str, tmp_path: Path) -> None:
    # given params.yaml of a table with names that YAML must quote, and one that is left out for a long reason
    columns = {name: [DRAW.choice(["a", "b", "?", "-1", "x # y"]) for _ in range(120)] for name in HOSTILE}
    number = [str(number) for number in range(120)]
    proposal = propose({**columns, "number": number, "answer": TARGETS[task]}, "answer")
    text = params_yaml.write_params(proposal, params_yaml.ReadAs(["my table.csv", "two.csv"], ["a", "b"]))
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")

    # when DVC sets a param, as `dvc exp run --set-param` does
    apply_overrides(path, ["evaluate.seed=8"])

    # then that line alone differs
    old, new = text.splitlines(), path.read_text(encoding="utf-8").splitlines()
    assert [(one, other) for one, other in zip(old, new, strict=True) if one != other] == [("  seed: 7", "  seed: 8")]


@given(st.recursive(st.text() | st.none() | st.booleans() | st.integers(), lambda inner: st.lists(inner, max_size=3)))
def test_a_value_on_one_line_is_read_as_it_was(value: Any) -> None:
    assert read(f"key: {params_yaml.write_flow(value)}  # said\n")["key"] == value


def test_every_line_has_room_for_what_it_says() -> None:
    proposal = propose({"x": ["a", "b", "c"] * 40, "answer": TARGETS["binary"]}, "answer")

    lines = params_yaml.write_params(proposal, params_yaml.ReadAs(["t.csv"], [])).splitlines()

    assert max(map(len, lines)) < 200
