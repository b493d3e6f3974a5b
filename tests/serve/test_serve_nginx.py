"""Behind Debian's nginx, with serve/ops/nginx.conf: TLS, its limits, and the service's own answers through it."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import tiny
from daemon import running
from machine import found, needs
from server import ROOT, Answer, Server, upload

from serve import settings
from serve.page import app as page
from stages.serve.server_process import free_port

CONFIGURATION = (ROOT / "serve" / "ops" / "nginx.conf").read_text()
pytestmark = needs("nginx", "openssl")


class Proxy:
    """nginx in front of a port, with a certificate made for it, and a client that trusts that one alone."""

    def __init__(self, folder: Path, behind: int, changes: dict[str, str]) -> None:
        self.folder, self.plain, self.port = folder, free_port(), free_port()
        self.certificate = folder / "fullchain.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", folder / "key.pem", "-out", self.certificate],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        text = re.sub(r"^ *listen \[::\].*\n", "", CONFIGURATION, flags=re.M)
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{self.plain};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.port} ssl;",
            "server 127.0.0.1:3000 ": f"server 127.0.0.1:{behind} ",
            "/etc/ssl/predictor/": f"{folder}/",
            **changes,
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "site.conf").write_text(text)
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log stderr warn; events {{}}\n"
            f"http {{ access_log {folder}/access.log; {temporary} include {folder}/site.conf; }}\n"
        )
        self.command = (found("nginx") or "", "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr")

    def connection(self) -> http.client.HTTPSConnection:
        trusted = ssl.create_default_context(cafile=self.certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=trusted)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        with closing(self.connection()) as connection:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read())

    def predict(self, rows: Any, **headers: str) -> Answer:
        body = json.dumps({"rows": rows}).encode()
        return self.ask("POST", "/predict", body, content_type="application/json", **headers)


@contextmanager
def proxied(folder: Path, behind: int, changes: dict[str, str] | None = None) -> Iterator[Proxy]:
    proxy = Proxy(folder, behind, changes or {})
    with running(folder / "nginx.txt", proxy.port, *proxy.command):
        yield proxy


@pytest.fixture(scope="module")
def proxy(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxied(tmp_path_factory.mktemp("nginx"), server.port) as proxy:
        yield proxy


def test_nginx_takes_the_configuration_without_a_word(proxy: Proxy) -> None:
    ended = subprocess.run([*proxy.command, "-t"], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert not re.search(r"\[(warn|error|emerg)\]", ended.stderr)


def test_its_limits_are_those_of_the_service() -> None:
    known = settings.load(ROOT)
    assert known.max_body == 1 << 20
    assert "client_max_body_size 1m;" in CONFIGURATION
    assert f"client_body_timeout {known.timeout_s:.0f}s;" in CONFIGURATION
    assert f"server {known.host}:{known.port} " in CONFIGURATION
    assert f"client_max_body_size {page.MAX_UPLOAD_BYTES // 1024}k;" in CONFIGURATION
    assert page.TIMEOUT_S < 75
    assert "proxy_read_timeout 75s;" in CONFIGURATION


def test_the_page_takes_as_large_a_file_through_it_as_without(server: Server, proxy: Proxy) -> None:
    kind = "multipart/form-data; boundary=b"
    for size, status in ((5 * 1024**2, server.ask("POST", "/ui/batch", upload(5 * 1024**2), content_type=kind).status),
                         (5 * 1024**2 + 65_536, 413)):  # fmt: skip
        assert proxy.ask("POST", "/ui/batch", upload(size), content_type=kind).status == status


def test_predictions_through_tls_are_the_services_own(server: Server, proxy: Proxy) -> None:
    for rows in ([tiny.ROW], tiny.rows(100)):
        direct, through = server.predict(rows), proxy.predict(rows)
        assert (direct.status, through.status) == (200, 200)
        assert through.content == direct.content
        assert through.headers["strict-transport-security"] == "max-age=31536000"
    # and so are refusals
    assert proxy.predict([{"no": "such field"}]).content == server.predict([{"no": "such field"}]).content
    assert proxy.ask("GET", "/schema").content == server.ask("GET", "/schema").content


@pytest.mark.parametrize(("sent", "kept"), [("order-17", True), ("a b;c", False), (None, False)])
def test_one_request_id_goes_all_the_way(server: Server, proxy: Proxy, sent: str | None, kept: bool) -> None:
    answer = proxy.predict([tiny.ROW], **({"x_request_id": sent} if sent else {}))
    found_id = answer.headers["x-request-id"]
    assert (found_id == sent) is kept
    assert re.fullmatch(r"order-17|[0-9a-f]{32}", found_id)
    assert asked(server, answer) > 0


def test_a_large_body_is_refused_before_it_is_sent(server: Server, proxy: Proxy) -> None:
    before = asked(server, server.predict([tiny.ROW]))
    with closing(proxy.connection()) as connection:
        # when only the head of it is sent
        connection.putrequest("POST", "/predict")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str((1 << 20) + 1))
        connection.endheaders()
        refused = connection.getresponse()
        # then it is refused in JSON, and the service has not heard of it
        assert refused.status == 413
        assert refused.getheader("content-type") == "application/json"
        assert refused.getheader("strict-transport-security")
        assert json.load(refused) == {"error": "the body is larger than this service takes"}
    # and the largest one that is taken reaches the service
    body = json.dumps({"rows": [tiny.ROW]}).encode().ljust(1 << 20)
    answer = proxy.ask("POST", "/predict", body, content_type="application/json")
    assert answer.status == 200
    assert asked(server, answer) == before + 1


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics?x=1", "/%6detrics", "//metrics", "/./metrics", "/x/../metrics", "/metrics/",
             "/metrics%2f", "/metrics%3fx", "/METRICS", "/metrics;x", "/metrics%00", "/metrics#x"],
)  # fmt: skip
def test_metrics_are_not_shown_however_they_are_spelled(proxy: Proxy, path: str) -> None:
    answer = proxy.ask("GET", path)
    assert answer.status in (400, 404)
    assert b"bentoml" not in answer.content


@pytest.mark.parametrize("sent", ["", '\r\n{"rows"'], ids=["half a head", "half a body"])
def test_a_slow_caller_is_cut_off_and_the_service_never_hears_of_it(server: Server, tmp_path: Path, sent: str) -> None:
    # given limits of a second
    limits = {f"client_{part}_timeout 10s": f"client_{part}_timeout 1s" for part in ("header", "body")}
    head = "POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n"
    with proxied(tmp_path, server.port, limits) as proxy:
        before = asked(server, server.predict([tiny.ROW]))
        with closing(proxy.connection()) as connection:
            connection.connect()
            # when nothing comes after the half of it
            connection.sock.sendall((head + sent).encode())
            # then the connection is closed
            assert connection.sock.recv(1000) == b""
        # and the service has not heard of it
        assert asked(server, proxy.predict([tiny.ROW])) == before + 1


def test_more_than_the_rate_is_refused_with_429(server: Server, tmp_path: Path) -> None:
    # given one request a minute, and five more at once
    with proxied(tmp_path, server.port, {"rate=200r/s": "rate=1r/m", "burst=400": "burst=5"}) as proxy:
        answers = [proxy.predict([tiny.ROW]) for _ in range(10)]
    assert [answer.status for answer in answers] == [200] * 6 + [429] * 4
    assert answers[-1].json == {"error": "too many requests from this address; wait a little"}


def test_a_service_that_is_down_is_told_in_json(tmp_path: Path) -> None:
    with proxied(tmp_path, free_port()) as proxy:
        answer = proxy.predict([tiny.ROW])
    assert answer.status == 502
    assert answer.json == {"error": "the service cannot be reached; try again"}


def test_who_is_sent_on_stays_with_tls(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/ui", host="predictor.example.org")
    assert (answer.status, answer.headers["location"]) == (307, "https://predictor.example.org/ui/")


def test_plain_http_is_sent_to_tls(proxy: Proxy) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxy.plain, timeout=20)) as connection:
        connection.request("POST", "/predict", b"{}", {"host": "predictor.example.org"})
        answer = connection.getresponse()
        assert answer.status == 308
        assert answer.getheader("location") == "https://predictor.example.org/predict"


@pytest.mark.parametrize(
    ("version", "taken"), [("-tls1_3", True), ("-tls1_2", True), ("-tls1_1", False), ("-tls1", False)]
)
def test_only_tls_of_today_is_spoken(proxy: Proxy, version: str, taken: bool) -> None:
    ended = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{proxy.port}", version, "-cipher", "ALL:@SECLEVEL=0"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (ended.returncode == 0) is taken, ended.stderr
    assert ("alert protocol version" in ended.stderr) is not taken


def asked(server: Server, last: Answer) -> int:
    """How many predictions the service was asked for until, and with, the last one."""
    end = time.monotonic() + 10
    while last.headers["x-request-id"] not in (ids := [line["id"] for line in server.log() if "rows" in line]):
        assert time.monotonic() < end, "the log lacks a request"
        time.sleep(0.05)
    return len(ids)
