"""Which model is served, and that it is the one its manifest names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny

from serve import model
from stages.errors import ModelError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A candidate, and nothing approved."""
    tiny.write(tmp_path / "model")
    point(tmp_path, None)
    return tmp_path


def point(root: Path, version: str | None) -> None:
    (root / "model" / "champion.json").write_text(json.dumps({"version": version}))


def change(path: Path, **values: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_the_candidate_is_served_while_nothing_is_approved(root: Path) -> None:
    served = model.load(root)
    assert (served.manifest.version, served.approved) == (tiny.VERSION, False)


def test_the_champion_is_served_once_there_is_one(root: Path) -> None:
    # given an approved model and a newer candidate
    tiny.write(root / "model" / "champion", "aaaaaaaaaaaa")
    point(root, "aaaaaaaaaaaa")
    # when, then
    served = model.load(root)
    assert (served.manifest.version, served.approved) == ("aaaaaaaaaaaa", True)
    # and the candidate where it is asked for
    candidate = model.load(root, "candidate")
    assert (candidate.manifest.version, candidate.approved) == (tiny.VERSION, False)


def test_a_candidate_that_is_the_champion_is_approved(root: Path) -> None:
    point(root, tiny.VERSION)
    assert model.load(root, "candidate").approved


def test_the_choice_comes_from_the_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write(root / "model" / "champion", "aaaaaaaaaaaa")
    point(root, "aaaaaaaaaaaa")
    monkeypatch.setenv("SERVE_MODEL", "candidate")
    assert model.load(root).manifest.version == tiny.VERSION
    monkeypatch.setenv("SERVE_MODEL", "newest")
    with pytest.raises(ModelError, match="SERVE_MODEL is 'newest'"):
        model.load(root)


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "champion.json"])
def test_a_missing_file_is_named(root: Path, name: str) -> None:
    (root / "model" / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        model.load(root)


def test_a_changed_byte_is_noticed_before_anything_is_parsed(root: Path) -> None:
    # given a graph with one byte changed
    path = root / "model" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    # when, then
    with pytest.raises(ModelError, match=r"model\.onnx is not the file its manifest names: its sha256 is"):
        model.load(root)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"format": 1}, "format"),
        ({"task": "clustering"}, "task"),
        ({"threshold": "high"}, "threshold"),
        ({"threshold": None}, "a binary task has two classes, one of them positive, and a threshold"),
        ({"target": tiny.TARGETS["binary"] | {"positive": "maybe"}}, "a binary task has two classes"),
        ({"target": tiny.TARGETS["multiclass"]}, "a binary task has two classes"),
        ({"task": "multiclass"}, r"answers float64 \(2, 1\), not float64 \[n, 2\] as its task"),
        ({"task": "multiclass", "target": tiny.TARGETS["regression"]}, "two classes at least"),
        ({"inputs": [{"name": "a", "type": "tensor", "nullable": True}]}, "type"),
        ({"files": {}}, "the manifest says None"),
        ({"onnx": {"input": "Y", "output": "p"}}, "cannot be run"),
        ({"features": {"derive": [], "columns": tiny.COLUMNS[:3]}}, "cannot be run"),
        ({"features": {"derive": [], "columns": tiny.COLUMNS}}, "is neither an input nor derived from one"),
        ({"features": {"derive": [tiny.DERIVE[0] | {"kind": "magic"}], "columns": []}}, "'minutes' is magic of"),
        ({"features": {"derive": [tiny.DERIVE[0] | {"of": ["x"]}], "columns": []}}, "cannot be derived here"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(root: Path, values: dict[str, object], reason: str) -> None:
    change(root / "model" / "manifest.json", **values)
    with pytest.raises(ModelError, match=reason):
        model.load(root)


@pytest.mark.parametrize("name", ["manifest.json", "champion.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_broken_json_file_is_named(root: Path, name: str, content: bytes) -> None:
    (root / "model" / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        model.load(root)


def test_a_champion_of_another_version_than_its_pointer_is_refused(root: Path) -> None:
    tiny.write(root / "model" / "champion", "bbbbbbbbbbbb")
    point(root, "aaaaaaaaaaaa")
    with pytest.raises(ModelError, match="names version aaaaaaaaaaaa"):
        model.load(root)
