"""A real server with keys: who is let in, what is written of it, and what every answer carries."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import tiny
from server import Server, repository

from serve import keys
from serve.settings import Settings
from serve.workers import supervisor

KEY, OTHER = "the-key-of-the-page-0123456789", "the-key-of-another-0123456789"
WRONG = "a-wrong-key-0123456789"


def stored(name: str, key: str) -> str:
    return f"{name}:{hashlib.sha256(key.encode()).hexdigest()}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers that ask for keys, at all of this machine's addresses."""
    root = repository(tmp_path_factory.mktemp("keys") / "repo")
    (root / "keys").write_text(stored("page", KEY) + stored("other", OTHER))
    settings = "  keys_file: keys\n  rate_per_key: 30\n  alert: {min_requests: 5, window_s: 60}\n"
    (root / "params.yaml").write_text("serve:\n  workers: 2\n")
    started = Server(root, settings=settings)
    try:
        started.wait("/readyz")
        yield started
    finally:
        started.stop()


def body() -> bytes:
    return json.dumps({"rows": [tiny.ROW]}).encode()


def test_without_a_key_only_probes_are_answered(server: Server) -> None:
    for path in ("/livez", "/readyz"):
        assert server.ask("GET", path).status == 200
    pages = ("/", "/docs.json", "/static_content/index.css", "/ui/")
    for path in (*pages, "/metrics", "/schema", "/model", "/drift", "/nowhere"):
        answer = server.ask("GET", path)
        assert answer.status == 401, path
        assert 'realm="predictor"' in answer.headers["www-authenticate"]
        assert server.ask("GET", path, x_api_key=OTHER).status in (200, 404), path
    for key in ({}, {"x_api_key": WRONG}, {"authorization": f"Bearer {WRONG}"}):
        assert server.ask("POST", "/predict", body(), content_type="application/json", **key).status == 401
    time.sleep(1)
    answer = server.ask("POST", "/predict", body(), content_type="application/json", authorization=f"Bearer {KEY}")
    assert answer.status == 200


def test_a_body_is_not_read_before_the_key(server: Server) -> None:
    # given a request that promises a body and does not send it
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head)
        assert b" 401 " in connection.recv(65536)


def test_a_key_that_asks_too_often_waits_and_raises_no_alert(server: Server) -> None:
    # given more requests at once than the key may make, over several connections
    time.sleep(1.1)
    found = [server.ask("POST", "/predict", body(), content_type="application/json", x_api_key=KEY) for _ in range(60)]
    statuses = [answer.status for answer in found]
    # then some are answered, the rest told when to come again
    assert set(statuses) == {200, 429}
    assert statuses.count(200) >= 30
    refused = found[statuses.index(429)]
    assert refused.headers["retry-after"] == "1"
    assert "'page' asks more often than it may" in refused.json["error"]
    # and another key is not held up, and nothing is alerted
    assert server.ask("GET", "/schema", x_api_key=OTHER).status == 200
    time.sleep(1.5)
    assert "bentoml_service_alert 0.0" in server.ask("GET", "/metrics", x_api_key=OTHER).content.decode()


def test_every_answer_has_safe_headers(server: Server) -> None:
    time.sleep(1.1)
    answers = [
        server.ask("POST", "/predict", body(), content_type="application/json", x_api_key=OTHER),
        server.ask("POST", "/predict", b"{", content_type="application/json", x_api_key=OTHER),
        *(server.ask("GET", path, x_api_key=OTHER) for path in ("/", "/drift", "/schema", "/nowhere", "/livez")),
        server.ask("GET", "/schema"),
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        if answer.headers["content-type"] == "application/json":
            assert answer.headers["cache-control"] == "no-store"
    page = answers[2].headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page
    assert "default-src 'self'" in page


def test_a_key_taken_from_the_file_is_refused_after_sighup(server: Server) -> None:
    # given the file without one of the keys, and then one that is no keys file
    from server import deploy

    path = server.root / "keys"
    try:
        path.write_text(stored("page", KEY))
        assert deploy(server.root).returncode == 0
        assert server.ask("GET", "/schema", x_api_key=OTHER).status == 401
        path.write_text(f"page:{KEY}\n")
        failed = deploy(server.root)
        assert failed.returncode == 1
        assert "line 1: must be name:sha256" in failed.stderr
        assert KEY not in failed.stderr
        time.sleep(1)
        assert server.ask("GET", "/schema", x_api_key=KEY).status == 200
    finally:
        path.write_text(stored("page", KEY) + stored("other", OTHER))
        deploy(server.root)


def test_the_log_has_the_names_and_no_file_has_a_key(server: Server) -> None:
    # given requests of all kinds, with keys in every place they may come to be by mistake
    time.sleep(1.1)
    server.ask("GET", f"/schema?key={KEY}", authorization=f"Bearer {KEY}")
    server.ask("GET", "/schema", authorization=f"Basic {KEY}")
    server.ask("POST", "/predict", body(), content_type="application/json", authorization=f"Bearer {WRONG}")
    server.ask("POST", "/predict", body(), content_type="application/json", authorization=f"Bearer {OTHER}")
    time.sleep(0.5)
    # then the log says who asked
    lines = server.log()
    assert {line.get("caller") for line in lines} == {None, "page", "other"}
    assert {line["status"] for line in lines if "caller" not in line} >= {200, 401}
    # and no file that the server wrote has a key or its hash
    secret = [KEY, OTHER, WRONG, *(hashlib.sha256(key.encode()).hexdigest() for key in (KEY, OTHER))]
    files = [path for path in [server.root / "server.txt", *server.logs.rglob("*")] if path.is_file()]
    assert server.logs / "api.log" in files
    for path in files:
        content = path.read_bytes()
        assert not [text for text in secret if text.encode() in content], path


@pytest.mark.parametrize(
    ("host", "key", "warned"),
    [
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("127.0.0.2", False, False),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("192.168.1.7", False, True),
        ("0.0.0.0", True, False),
    ],
)
def test_a_server_open_to_others_without_keys_warns(
    host: str, key: bool, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    # given the address as the command line has it, which stands over the settings
    context = click.Context(click.Command("serve"))
    context.params = {"host": host, "port": None}
    with context:
        assert supervisor.find_address(Settings(host="10.0.0.1", port=3001)) == (host, 3001)
    # when, then
    supervisor.warn_if_open(host, keys.parse([stored("page", KEY)], "keys") if key else keys.Keys())
    assert (f"OPEN TO OTHERS: it listens at {host}, and nobody needs a key" in caplog.text) is warned


def test_a_keys_file_that_is_not_there_ends_the_start(repo: Path) -> None:
    server = Server(repo, settings="  keys_file: keys\n")
    assert server.process.wait(60) == 1
    server.stop()
    assert "the keys of serve.keys_file cannot be read" in server.said()
    assert "Traceback" not in server.said()
