"""The built bento holds the model as files, and answers as the checkout does, from anywhere and without a network."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tiny
from conftest import ROOT, Server, free_port
from imports import closure

from serve.decode import Decoder
from serve.model import load
from serve.score import Scorer

BUILD = {"plain": ["bentoml", "build"], "ours": ["serve.build"]}


def build(repo: Path, *command: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    home = repo.parent / "home"
    home.mkdir(exist_ok=True)
    return subprocess.run(
        [*before, sys.executable, "-m", *command], cwd=repo, env=os.environ | {"BENTOML_HOME": str(home)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def bentos(repo: Path) -> list[Path]:
    return [path for path in (repo.parent / "home" / "bentos" / "predictor").iterdir() if path.is_dir()]


def offline() -> bool:
    """Whether a process may be run without a network."""
    try:
        return subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def test_the_pins_of_the_bento_are_those_of_the_repository() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["bentoml"]["build"]["python"]
    pins = {line.split(" ")[0] for line in (ROOT / "requirements.txt").read_text().splitlines()}
    assert settings["lock_packages"] is False
    assert set(settings["packages"]) <= pins
    assert {package.split("==")[0] for package in settings["packages"]} >= {
        "bentoml",
        "httptools",
        "onnxruntime",
        "uvloop",
    }


def test_the_bento_holds_every_module_the_service_imports() -> None:
    # given what goes into the bento
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["bentoml"]["build"]
    found = {str(path.relative_to(ROOT)) for pattern in settings["include"] for path in ROOT.glob(pattern.lstrip("/"))}
    held = {path for path in found - set(settings["exclude"]) if path.endswith(".py")}
    # then nothing that the service runs is missing and nothing is too much: to score files is not its work
    assert held == closure("serve.service", ROOT) | closure("serve.__main__", ROOT)


@pytest.mark.slow
@pytest.mark.parametrize("way", BUILD)
def test_a_built_bento_answers_as_the_checkout_does(repo: Path, tmp_path: Path, way: str) -> None:
    # given a bento built in the checkout, which is then taken away
    assert build(repo, *BUILD[way]).returncode == 0
    [bento] = bentos(repo)
    assert (bento.name == tiny.VERSION) is (way == "ours")
    rows = tiny.rows(20)
    model = load(repo)
    decoder = Decoder(model.manifest.inputs, max_rows=100)
    expected = Scorer(model).predictions([decoder.row(row) for row in rows])
    repo.rename(tmp_path / "gone")
    assert not [path for path in bento.rglob("*") if path.is_symlink()]
    # when it is served from another folder, with a home of its own
    server = Bento(bento, tmp_path)
    try:
        server.wait("/readyz")
        answer = server.predict(rows)
    finally:
        server.stop()
    # then
    assert answer.json["predictions"] == expected
    assert answer.json["model"] == {"version": tiny.VERSION, "approved": False}
    assert [line["status"] for line in server.log() if line["path"] == "/predict"] == [200]


@pytest.mark.slow
@pytest.mark.skipif(not offline(), reason="this user may not take the network away from a process (unshare -rn)")
@pytest.mark.parametrize("way", BUILD)
def test_a_bento_is_built_without_a_network(repo: Path, way: str) -> None:
    ended = build(repo, *BUILD[way], before=("unshare", "-rn"))
    assert ended.returncode == 0, ended.stderr
    assert len(bentos(repo)) == 1


@pytest.mark.slow
def test_links_into_a_cache_are_packed_as_files(repo: Path, tmp_path: Path) -> None:
    # given a model that is a link, as DVC makes it with cache.type symlink
    graph = repo / "model" / "model.onnx"
    content = graph.read_bytes()
    graph.rename(tmp_path / "cached")
    graph.symlink_to(tmp_path / "cached")
    # when it is built, twice
    for _ in range(2):
        assert build(repo, "serve.build").returncode == 0
    # then there is one bento, with a file
    [bento] = bentos(repo)
    packed = bento / "src" / "model" / "model.onnx"
    assert not packed.is_symlink()
    assert packed.read_bytes() == content


def test_a_model_that_is_not_the_one_of_the_manifest_is_not_packed(repo: Path) -> None:
    (repo / "model" / "model.onnx").write_bytes(b"another one")
    ended = build(repo, "serve.build")
    assert ended.returncode == 1
    assert "is not the file its manifest names" in ended.stderr


class Bento(Server):
    """`bentoml serve` of a built bento, from the root folder."""

    def __init__(self, bento: Path, folder: Path) -> None:
        self.root, self.logs, self.port = folder, folder / "logs", free_port()
        self._output = (folder / "server.txt").open("wb")
        home = folder / "other-home"
        home.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", "serve", bento, "--port", str(self.port)],
            cwd="/", env=os.environ | {"BENTOML_HOME": str(home), "SERVE_LOGS": str(self.logs)},
            stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
