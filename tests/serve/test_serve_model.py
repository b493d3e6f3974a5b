"""Which model is served, and that it is the one its manifest names."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
import tiny

from serve.scoring import loader
from stages.contracts.manifest import Manifest
from stages.core.errors import ModelError


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
    served = loader.load(root)
    assert (served.manifest.version, served.approved) == (tiny.VERSION, False)


def test_the_champion_is_served_once_there_is_one(root: Path) -> None:
    # given an approved model and a newer candidate
    tiny.write(root / "model" / "champion", "aaaaaaaaaaaa")
    point(root, "aaaaaaaaaaaa")
    # when, then
    served = loader.load(root)
    assert (served.manifest.version, served.approved) == ("aaaaaaaaaaaa", True)
    # and the candidate where it is asked for
    candidate = loader.load(root, "candidate")
    assert (candidate.manifest.version, candidate.approved) == (tiny.VERSION, False)


def test_a_candidate_that_is_the_champion_is_approved(root: Path) -> None:
    point(root, tiny.VERSION)
    assert loader.load(root, "candidate").approved


def test_the_choice_comes_from_the_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.write(root / "model" / "champion", "aaaaaaaaaaaa")
    point(root, "aaaaaaaaaaaa")
    monkeypatch.setenv("SERVE_MODEL", "candidate")
    assert loader.load(root).manifest.version == tiny.VERSION
    monkeypatch.setenv("SERVE_MODEL", "newest")
    with pytest.raises(ModelError, match="SERVE_MODEL is 'newest'"):
        loader.load(root)


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "champion.json"])
def test_a_missing_file_is_named(root: Path, name: str) -> None:
    (root / "model" / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        loader.load(root)


def test_a_changed_byte_is_noticed_before_anything_is_parsed(root: Path) -> None:
    # given a graph with one byte changed
    path = root / "model" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    # when, then
    with pytest.raises(ModelError, match=r"model\.onnx is not the file its manifest names: its sha256 is"):
        loader.load(root)


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
        loader.load(root)


@pytest.mark.parametrize("name", ["manifest.json", "champion.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_broken_json_file_is_named(root: Path, name: str, content: bytes) -> None:
    (root / "model" / name).write_bytes(content)
    with pytest.raises(ModelError, match=name):
        loader.load(root)


def test_a_champions_manifest_that_its_pointer_does_not_vouch_for_is_refused(root: Path) -> None:
    # given a champion whose manifest and graph were exchanged together, under the same version
    tiny.approve(root / "model", "aaaaaaaaaaaa")
    assert loader.load(root).approved
    tiny.write(root / "model" / "champion", "aaaaaaaaaaaa", threshold=0.99)
    # when, then
    with pytest.raises(ModelError, match=r"is not the one that model/champion\.json names"):
        loader.load(root)


@pytest.mark.parametrize(
    "content",
    [b"\x00" * 1000, b"[" * 100_000, b"{" * 100_000, b'{"format": ' + b"9" * 100_000 + b"}", b'{"format": 1e999}',
     b'{"inputs": ' + b"[" * 3000 + b"]" * 3000 + b"}", b"\x80\x04.", b'"' + b"a" * 5_000_000 + b'"', b"null"],
)  # fmt: skip
def test_garbage_in_place_of_a_manifest_is_named_and_kept_short(root: Path, content: bytes) -> None:
    (root / "model" / "manifest.json").write_bytes(content)
    with pytest.raises(ModelError, match=r"manifest\.json is not a manifest this service can read") as raised:
        loader.load(root)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize("name", ["manifest.json", "model.onnx", "champion.json"])
def test_what_is_no_plain_file_is_not_waited_for(root: Path, name: str) -> None:
    # given in a file's place something that never ends, or a folder
    path = root / "model" / name
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ModelError, match=f"{name} is no plain file"):
        loader.load(root)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(ModelError, match=f"{name} is no plain file"):
        loader.load(root)
    path.unlink()
    path.mkdir()
    with pytest.raises(ModelError, match=name):
        loader.load(root)


def test_a_file_larger_than_a_model_can_be_is_not_read(root: Path) -> None:
    # given a file of three gigabytes that takes no room
    with (root / "model" / "model.onnx").open("wb") as file:
        file.truncate(3 * 2**30)
    with pytest.raises(ModelError, match="has 3221225472 bytes, more than"):
        loader.load(root)


class Boom:
    """Does something when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("unpickled"),))


def test_a_pickle_is_never_loaded_even_where_the_manifest_vouches_for_it(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a pickle as model.onnx, its hash in the manifest, and another as model.pkl
    monkeypatch.chdir(root)
    content = pickle.dumps(Boom())
    for name in ("model.onnx", "model.pkl"):
        (root / "model" / name).write_bytes(content)
    sha = hashlib.sha256(content).hexdigest()
    change(root / "model" / "manifest.json", files={name: {"sha256": sha} for name in ("model.onnx", "model.pkl")})
    # when, then
    with pytest.raises(ModelError, match="cannot be run"):
        loader.load(root)
    assert not (root / "unpickled").exists()
    pickle.loads(content)
    assert (root / "unpickled").exists()


def test_a_graph_cannot_read_other_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a graph whose constant lies in another file, which no manifest vouches for
    monkeypatch.chdir(root)
    graph = onnx.load_from_string((root / "model" / "model.onnx").read_bytes())
    (base,) = graph.graph.initializer
    np.array([9.0]).tofile("outside.bin")
    base.ClearField("double_data")
    base.ClearField("raw_data")
    base.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": "outside.bin", "offset": "0", "length": "8"}.items():
        entry = base.external_data.add()
        entry.key, entry.value = key, value
    content = graph.SerializeToString()
    (root / "model" / "model.onnx").write_bytes(content)
    change(root / "model" / "manifest.json", files={"model.onnx": {"sha256": hashlib.sha256(content).hexdigest()}})
    # when, then
    with pytest.raises(ModelError, match="cannot be run"):
        loader.load(root)


def test_the_bytes_that_were_hashed_are_those_that_are_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given someone who exchanges the file the moment its hash was found good
    path = root / "model" / "model.onnx"
    session = loader._session

    def exchanged(graph: bytes, manifest: Manifest) -> object:
        path.write_bytes(tiny.graph("regression"))
        return session(graph, manifest)

    monkeypatch.setattr(loader, "_session", exchanged)
    # when it is asked
    served = loader.load(root)
    # then the good one answers: a chance, not the other's number
    assert 0 < served.answers(np.zeros((1, len(tiny.COLUMNS))))[0, 0] < 1
    with pytest.raises(ModelError, match="is not the file its manifest names"):
        loader.load(root)


def test_a_champion_of_another_version_than_its_pointer_is_refused(root: Path) -> None:
    tiny.write(root / "model" / "champion", "bbbbbbbbbbbb")
    point(root, "aaaaaaaaaaaa")
    with pytest.raises(ModelError, match="names version aaaaaaaaaaaa"):
        loader.load(root)
