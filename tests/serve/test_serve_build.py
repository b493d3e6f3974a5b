"""The built bento holds the model as files, and answers as the checkout does, from anywhere and without a network."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import tiny
from imports import closure
from machine import needs
from server import ROOT, Server

from serve.scoring.decode import Decoder
from serve.scoring.loader import load
from serve.scoring.scorer import Scorer
from stages.serve.server_process import free_port

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


def test_the_packages_of_the_bento_are_those_of_the_lock_of_the_service() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["bentoml"]["build"]
    assert settings["python"] == {"requirements_txt": "requirements-serve.txt", "lock_packages": False}
    assert "/requirements-serve.txt" in settings["include"]


def test_the_bento_holds_every_module_the_service_imports() -> None:
    # given what goes into the bento
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["bentoml"]["build"]
    found = {str(path.relative_to(ROOT)) for pattern in settings["include"] for path in ROOT.glob(pattern.lstrip("/"))}
    held = {path for path in found - set(settings["exclude"]) if path.endswith(".py")}
    # then nothing that the service runs is missing and nothing is too much; `serve.predict` scores the page's files
    assert held == set().union(
        *(closure(f"serve.{name}", ROOT) for name in ("service", "__main__", "predict.__main__"))
    )


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
    expected = Scorer(model).predict([decoder.convert_row(row) for row in rows])
    repo.rename(tmp_path / "gone")
    assert not [path for path in bento.rglob("*") if path.is_symlink()]
    # (it has what serve/ops/Containerfile copies)
    assert (bento / "src" / "serve" / "ops" / "Containerfile").is_file()
    # with the pins and the hashes of the lock in both places, for that file and for `bentoml containerize`
    lock = (ROOT / "requirements-serve.txt").read_text()
    assert (bento / "src" / "requirements-serve.txt").read_text() == lock
    assert (bento / "env" / "python" / "requirements.txt").read_text().count("--hash=sha256:") == lock.count("--hash=")
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
@needs("namespaces")
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


@pytest.mark.slow
@needs("namespaces")
def test_a_bento_answers_in_an_empty_place_without_a_network_and_tells_nobody(repo: Path, tmp_path: Path) -> None:
    # given a bento, and an empty folder as home, where nothing but this machine's own addresses can be reached
    assert build(repo, "serve.build").returncode == 0
    [bento] = bentos(repo)
    rows = tiny.rows(20)
    model = load(repo)
    decoder = Decoder(model.manifest.inputs, max_rows=100)
    expected = Scorer(model).predict([decoder.convert_row(row) for row in rows])
    place = tmp_path / "place"
    (place / "home").mkdir(parents=True)
    # when it is served there
    asked = subprocess.run(
        ["unshare", "-rn", sys.executable, ROOT / "tests/support/lonely.py", bento, place],
        env={"PATH": os.environ["PATH"], "HOME": str(place / "home")}, input=json.dumps({"rows": rows}),
        cwd=place, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    # then it answers as the checkout does
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert json.loads(asked.stdout)["predictions"] == expected
    # and leaves nothing in the home: no identifier for its makers or others
    assert not list((place / "home").rglob("*"))


def test_the_image_takes_what_a_bento_has_and_no_more_rights_than_it_needs() -> None:
    # given the steps of serve/ops/Containerfile, continued lines joined
    text = (ROOT / "serve" / "ops" / "Containerfile").read_text().replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    values = {name: value for name, value in steps if name not in ("RUN", "COPY", "FROM")}
    # then each thing copied from outside is in every bento (see the test of what is built)
    copied = [value.split()[0] for name, value in steps if name == "COPY" and not value.startswith("--from")]
    assert copied == ["src/requirements-serve.txt", "src"]
    # and the base is one version, the repository's, and the same for both images
    bases = {value.split()[0] for name, value in steps if name == "FROM"}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())
    # and it is not root's, has no installer, and is asked whether it is well where it listens
    assert int(values["USER"].split(":")[0]) > 0
    assert any("pip uninstall" in value for name, value in steps if name == "RUN")
    command = json.loads(values["ENTRYPOINT"])
    port = command[command.index("--port") + 1]
    assert values["EXPOSE"] == port
    assert f"http://127.0.0.1:{port}/readyz" in values["HEALTHCHECK"]
    assert command[:3] == ["python", "-m", "serve"]


def test_hadolint_has_nothing_to_say_about_the_image() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")  # of requirements-test.txt
    linted = subprocess.run([hadolint, ROOT / "serve" / "ops" / "Containerfile"], capture_output=True, timeout=60)
    assert linted.returncode == 0, linted.stdout


class Bento(Server):
    """`bentoml serve` of a built bento, from the root folder."""

    def __init__(self, bento: Path, folder: Path) -> None:
        self.root, self.logs, self.port = folder, folder / "logs", free_port()
        self._said = folder / "server.txt"
        self._output = self._said.open("wb")
        home = folder / "other-home"
        home.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bentoml", "serve", bento, "--port", str(self.port)],
            cwd="/", env=os.environ | {"BENTOML_HOME": str(home), "SERVE_LOGS": str(self.logs)},
            stdout=self._output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
