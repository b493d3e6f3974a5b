"""The ways to start the service, and what they say when it cannot be started."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny
import yaml
from machine import lack, needs
from server import ROOT, Server

from serve import settings
from stages.serve.server_process import free_port


def start(
    root: Path, *options: str, python: str | Path = sys.executable, **environment: str
) -> subprocess.CompletedProcess[str]:
    """serve/start where it is expected to end by itself."""
    return subprocess.run(
        [root / "serve" / "start", *options], env=os.environ | {"PYTHON": str(python)} | environment,
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_an_unknown_option_is_refused(repo: Path) -> None:
    ended = start(repo, "--prot", "3000")
    assert ended.returncode == 2
    assert "--prot" in ended.stderr


@pytest.mark.parametrize(
    "options", [("--host", "localhost"), ("--host", "1.2.3.4"), ("--port", "70000"), ("--port", "0")]
)
def test_an_address_that_cannot_be_listened_at_is_named(repo: Path, options: tuple[str, ...]) -> None:
    ended = start(repo, *options)
    assert ended.returncode == 1
    assert options[1] in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("serve:\n  wrokers: 2\n", "params.yaml: serve: unknown key 'wrokers'. Did you mean 'workers'?"),
        ("serve:\n  port: http\n", "params.yaml: serve.port"),
        ("serve:\n  alert: {webhook: 'ftp://x'}\n", "params.yaml: serve.alert.webhook"),
        ("clean: {}\n", "params.yaml has no section 'serve'"),
    ],
)
def test_settings_that_are_wrong_are_named(repo: Path, text: str, said: str) -> None:
    (repo / "params.yaml").write_text(text)
    ended = start(repo)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_port_in_use_is_named(repo: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = start(repo, "--port", str(port))
    assert ended.returncode == 1
    assert f"127.0.0.1:{port} is in use by process {os.getpid()} (" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_python_without_the_packages_is_named(repo: Path, tmp_path: Path) -> None:
    # given a Python that has nothing installed, or none at all
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True, timeout=60)
    for python in (tmp_path / "bare" / "bin" / "python", tmp_path / "nowhere"):
        ended = start(repo, python=python)
        assert ended.returncode == 1
        assert ended.stderr.startswith(f"serve: {python} cannot be run, or lacks the packages. Run `make repro`")
        assert "Traceback" not in ended.stderr


def test_params_that_cannot_be_read_are_named(repo: Path) -> None:
    # given a folder where the file should be
    (repo / "params.yaml").unlink()
    (repo / "params.yaml").mkdir()
    ended = start(repo)
    assert ended.returncode == 1
    assert ended.stderr == f"serve: {repo}/params.yaml cannot be read (Is a directory).\n"


@pytest.mark.parametrize("name", ["SERVE_LOGS", "BENTOML_HOME"])
def test_a_folder_that_cannot_be_written_is_named(repo: Path, tmp_path: Path, name: str) -> None:
    # given a folder nobody may write to, or a file in its place
    folder = tmp_path / "sealed"
    folder.mkdir(mode=0o555)
    if os.access(folder, os.W_OK):  # root may
        folder.rmdir()
        folder.touch()
    ended = start(repo, **{name: str(folder)})
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"serve: {folder} cannot be written (")
    assert f"Set {name} to" in ended.stderr


@pytest.mark.slow
def test_two_servers_of_one_checkout_keep_their_own_counts_and_end_as_they_are_told(repo: Path) -> None:
    # given two servers
    servers = [Server(repo), Server(repo)]
    try:
        for server in servers:
            server.wait("/readyz")
        # when one of them is asked
        for _ in range(3):
            assert servers[0].predict([tiny.ROW]).status == 200
        # then the other one has not counted that, nor lost its own counts
        counted = [server.ask("GET", "/metrics").content.decode() for server in servers]
        asked = [
            re.search(r'_request_total\{endpoint="/predict",http_response_code="200".* (\S+)', text) for text in counted
        ]
        assert [float(found[1]) if found else 0.0 for found in asked] == [3.0, 0.0]
        # (refusals are counted from the start: Prometheus sees no increase in a series that begins with its first one)
        assert all(
            re.search(r'_request_total\{endpoint="/predict",http_response_code="503".* 0\.0', text) for text in counted
        )
        # and Ctrl-C ends one as well as SIGTERM the other: all of its processes, with 0
        os.killpg(servers[0].process.pid, signal.SIGINT)
        assert servers[0].process.wait(40) == 0
        assert servers[1].ask("GET", "/readyz").status == 200
    finally:
        codes = [server.stop() for server in servers]
    assert codes == [0, 0]
    assert all("Traceback" not in server.said() for server in servers)


@pytest.mark.slow
def test_it_may_open_as_many_files_as_the_machine_allows(repo: Path) -> None:
    # given a shell that allows 256 open files, and 900 if asked
    server = Server(repo, before=("prlimit", "--nofile=256:900"))
    try:
        server.wait("/readyz")
        # when 400 callers stay connected
        callers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(400)]
        # then the next one is answered
        assert server.predict([tiny.ROW]).status == 200
        for caller in callers:
            caller.close()
    finally:
        assert server.stop() == 0


def test_a_server_without_a_model_lives_but_is_not_ready(repo: Path) -> None:
    # given no model at all
    (repo / "model" / "manifest.json").unlink()
    server = Server(repo)
    try:
        server.wait()
        # then it says so everywhere, in words
        for answer in (server.ask("GET", "/readyz"), server.ask("GET", "/schema"), server.predict([tiny.ROW])):
            assert answer.status == 503
            assert "manifest.json is missing. Make the model with `make repro`" in answer.json["error"]
        assert server.ask("GET", "/livez").status == 200
        assert server.ask("GET", "/metrics").status == 200
    finally:
        assert server.stop() == 0
    assert "the service is not ready" in server.said()


def test_the_champion_is_served_and_the_candidate_only_when_asked_for(repo: Path) -> None:
    # given an approved model and a candidate
    tiny.write(repo / "model" / "champion", "aaaaaaaaaaaa")
    (repo / "model" / "champion.json").write_text('{"version": "aaaaaaaaaaaa"}')
    for options, about in [
        ((), {"version": "aaaaaaaaaaaa", "approved": True}),
        (("--candidate",), {"version": tiny.VERSION, "approved": False}),
    ]:
        server = Server(repo, *options)
        try:
            server.wait("/readyz")
            assert server.predict([tiny.ROW]).json["model"] == about
        finally:
            server.stop()


@pytest.mark.slow
def test_a_server_told_to_stop_while_it_starts_a_worker_stops(repo: Path) -> None:
    # given a server that looks after a worker that was killed
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n")
    server = Server(repo)
    try:
        server.wait()
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        workers = set(children.read_text().split())
        os.kill(int(min(workers)), signal.SIGKILL)
        end = time.monotonic() + 20
        while not set(children.read_text().split()) - workers and time.monotonic() < end:
            time.sleep(0.0005)
        # when it is told to stop at the moment the new one appears, then it does
    finally:
        assert server.stop() == 0


@pytest.mark.slow
def test_a_worker_that_is_killed_is_started_again(repo: Path) -> None:
    # given a server of two workers
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n")
    server = Server(repo)
    try:
        server.wait()
        # when one is killed
        children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
        workers = children.read_text().split()
        assert len(workers) == 2
        os.kill(int(workers[0]), signal.SIGKILL)
        # then the other one answers on, and there are two again after a while
        for _ in range(20):
            with contextlib.suppress(ConnectionError):
                assert server.predict([tiny.ROW]).status == 200
        end = time.monotonic() + 40
        while len(set(children.read_text().split()) - {workers[0]}) < 2 and time.monotonic() < end:
            time.sleep(0.2)
        assert len(set(children.read_text().split()) - {workers[0]}) == 2
    finally:
        assert server.stop() == 0


@pytest.mark.slow
def test_bentoml_serve_works_as_it_is(repo: Path) -> None:
    # given nothing but the repository
    port = free_port()
    environment = os.environ | {"BENTOML_HOME": str(repo / "home"), "BENTOML_PORT": str(port)}
    with (repo / "server.txt").open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "bentoml", "serve"], cwd=repo, env=environment, stdout=output, stderr=output
        )
    try:
        end, answer = time.monotonic() + 60, b""
        while not answer and time.monotonic() < end and server.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(b"GET /model HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                answer = connection.recv(65536)
            time.sleep(0.1)
        # then it serves what make serve would
        assert b" 200 OK" in answer, (repo / "server.txt").read_text()
    finally:
        server.terminate()
        assert server.wait(40) == 0


def test_the_settings_of_the_repository_are_valid_and_complete() -> None:
    # given params.yaml, when it is read, then each setting stands in it, so that a reader sees what there is
    known = settings.load(ROOT)
    written = yaml.safe_load((ROOT / "params.yaml").read_text())["serve"]
    assert set(written) == set(known.__struct_fields__)
    assert set(written["alert"]) == set(known.alert.__struct_fields__)
    assert set(written["log"]) == set(known.log.__struct_fields__)
    assert set(written["drift"]) == set(known.drift.__struct_fields__)
    assert known.host == "127.0.0.1"


@needs("systemd-analyze")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # given the unit with the paths and the user of this place
    text = (ROOT / "serve" / "ops" / "predictor.service").read_text().replace("/opt/predictor", str(ROOT))
    unit = tmp_path / "predictor.service"
    unit.write_text(text.replace("User=predictor", "User=root"))
    # when systemd looks at it
    seen = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, timeout=60)
    # then it has nothing to say about it
    if re.search("Failed to (initialize|connect|get)|not supported", seen.stderr):
        lack("systemd")
    about_it = [line for line in seen.stderr.splitlines() if "predictor.service" in line]
    assert not about_it
    assert "Restart=always" in text
    # and finds it hardly exposed (0 to 10; an ordinary unit has 9.6)
    seen = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", ROOT / "serve/ops/predictor.service"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert seen.returncode == 0, seen.stdout
