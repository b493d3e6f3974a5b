"""What the README and the map of the code say must hold: commands and files exist, stages are those of dvc.yaml."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)\b", README, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_test_and_document_it_names_exists() -> None:
    named = set(re.findall(r"`((?:tests|serve|stages|docs|\.github|\.ci)/[\w/.-]+)`", README))
    named |= set(re.findall(r"\]\(([\w/.-]+)\)", README))
    assert named
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_stages_it_lists_are_the_pipelines_in_order() -> None:
    stages = list(yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"])
    assert re.findall(r"^\| (\w+) \| `", README, re.MULTILINE)[: len(stages)] == stages
    assert " --> ".join(stages) in README


def test_every_output_it_names_is_one_of_the_pipeline() -> None:
    outs: set[str] = set()
    for stage in yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values():
        for out in [*stage.get("outs", []), *stage.get("metrics", [])]:
            outs.add(out if isinstance(out, str) else next(iter(out)))
    section = README[README.index("| stage | makes") : README.index("Each stage is a folder")]
    made = {name.rstrip("/") for name in re.findall(r"`((?:data|model|metrics|reports)/[\w./]+)`", section)}
    assert made
    assert made <= outs


def test_the_pins_it_explains_are_the_pins() -> None:
    said = re.findall(r"^(\w+) is pinned to ([\d.]+\d)", README, re.MULTILINE)
    assert said
    pins = json.loads((ROOT / "packages.json").read_text())
    assert all(pins[name] == version for name, version in said)


def test_the_map_of_the_code_shows_each_room_and_no_file_that_is_gone() -> None:
    text = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
    files = [str(path.relative_to(ROOT)) for top in ("stages", "serve", "tests") for path in (ROOT / top).rglob("*.py")]
    named = re.findall(r"`([\w/]+\.py)`", text)
    rooms = {path.parent.name for top in ("stages", "serve") for path in (ROOT / top).glob("*/__init__.py")}
    assert [name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in files)] == []
    assert [room for room in sorted(rooms) if f"{room}/" not in text] == []


def test_the_notebook_of_the_code_s_page_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
    before = sorted(path.name for path in ROOT.iterdir())

    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, {})

    assert "'accuracy': 1.0" in capsys.readouterr().out
    assert sorted(path.name for path in ROOT.iterdir()) == before
