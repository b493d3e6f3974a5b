"""The real service over HTTP: what it answers, what it refuses, and that nothing a caller sends is a 5xx."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
from typing import Any

import bad
import pytest
import tiny
from server import Answer, Server, upload

from serve.page import app as page


def exchange(server: Server, content: bytes) -> bytes:
    """The head of what the server says to bytes no client library would send, and the start of the body."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(content)
        said = b""
        while b"}" not in said and (received := connection.recv(65536)):
            said += received
        return said


def counted(server: Server, **labels: str) -> float:
    """The requests /metrics has counted under these labels."""
    lines = server.ask("GET", "/metrics").content.decode().splitlines()
    wanted = [f'{name}="{value}"' for name, value in labels.items()]
    of_requests = [line for line in lines if line.startswith("bentoml_service_request_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in of_requests if all(label in line for label in wanted))


def test_rows_are_answered_in_their_order(server: Server) -> None:
    # given rows on both sides of every split
    rows = tiny.rows(100)
    # when
    answer = server.predict(rows)
    # then
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json["model"] == {"version": tiny.VERSION, "approved": False}
    for row, prediction in zip(rows, answer.json["predictions"], strict=True):
        assert prediction["probabilities"]["yes"] == pytest.approx(tiny.chance(row), abs=1e-12)
        assert prediction["prediction"] == ("yes" if tiny.chance(row) >= tiny.THRESHOLD else "no")
        assert set(prediction) == {"prediction", "probabilities", "warnings"}


def test_an_unknown_category_is_answered_with_a_warning(server: Server) -> None:
    answer = server.predict([tiny.ROW | {"carrier": "ZZ"}])
    assert answer.status == 200
    assert answer.json["predictions"][0]["warnings"] == ["carrier: 'ZZ' was not seen in training"]


@pytest.mark.parametrize(("name", "body", "row", "field", "reason"), bad.CASES, ids=bad.NAMES)
def test_a_bad_body_is_a_400_that_says_where_and_why(
    server: Server, name: str, body: str | bytes, row: int | None, field: str | None, reason: str
) -> None:
    # when
    answer = server.post(body if isinstance(body, bytes) else body.encode())
    # then
    assert answer.status == 400, name
    assert (answer.json.get("row"), answer.json.get("field")) == (row, field)
    assert reason in answer.json["reason"]
    assert answer.json["reason"] in answer.json["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/predict", 405),
        ("PUT", "/predict", 405),
        ("POST", "/schema", 405),
        ("DELETE", "/model", 405),
        ("POST", "/livez", 405),
        ("POST", "/metrics", 405),
        ("GET", "/nowhere", 404),
        ("POST", "/predict/", 404),
        ("GET", "/PREDICT", 404),
        ("GET", "/static_content/../../service.py", 404),
        ("GET", "/static_content/%2e%2e/%2e%2e/app.py", 404),
        ("GET", "//livez", 404),
        ("GET", "/%00", 404),
        ("GET", "/" + "a" * 5000, 404),
        ("GET", "/" + "a" * 70_000, 414),
        ("GET", "/livez", 200),
        ("HEAD", "/livez", 200),
        ("GET", "/readyz", 200),
        ("GET", "/schema", 200),
        ("HEAD", "/schema", 200),
        ("GET", "/model", 200),
        ("GET", "/metrics", 200),
        ("GET", "/docs.json", 200),
        ("GET", "/schema.json", 200),
        ("GET", "/static_content/swagger-ui.css", 200),
        ("GET", "/", 200),
    ],
)
def test_only_known_paths_and_methods_are_answered(server: Server, method: str, path: str, status: int) -> None:
    answer = server.ask(method, path, b"{}" if method in ("POST", "PUT") else None)
    assert answer.status == status
    if status >= 400 and method != "HEAD":
        assert len(answer.json["error"]) < 400
    if status == 405:
        assert answer.headers["allow"] in ("POST", "GET, HEAD")


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/vnd.bentoml+pickle"],
)
def test_only_json_is_read(server: Server, kind: str) -> None:
    # given a good body under another content type: a page of another site could send it, and a pickle could run
    body = json.dumps({"rows": [tiny.ROW]}).encode()
    answer = server.ask("POST", "/predict", body, **({"content_type": kind} if kind else {}))
    assert answer.status == 415
    assert "must be application/json" in answer.json["error"]


def test_json_with_a_charset_is_json(server: Server) -> None:
    body = json.dumps({"rows": [tiny.ROW]}).encode()
    assert server.ask("POST", "/predict", body, content_type="Application/JSON; charset=utf-8").status == 200
    assert server.ask("POST", "/predict", body, content_type="application/json", content_encoding="gzip").status == 415


def test_a_long_body_is_refused_by_its_header_and_while_it_comes(server: Server) -> None:
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    # given a header that promises too much: nothing more is waited for
    assert b" 413 " in exchange(server, head + b"content-length: 1048577\r\n\r\n")
    # and a body of pieces that promises nothing
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert b" 413 " in exchange(server, head + b"transfer-encoding: chunked\r\n\r\n" + piece * 17)
    # and a body of just the allowed length
    body = json.dumps({"rows": []}).encode().ljust(1_048_576)
    assert server.post(body).status == 200
    assert server.post(body + b" ").status == 413


@pytest.mark.parametrize("path", sorted(page.PATHS))
def test_each_path_of_the_page_takes_as_much_as_it_may_and_says_so_beyond(server: Server, path: str) -> None:
    # given a caller that sends all at once, as most do, what is just too much; by its header, and in chunks
    most = page.PATHS[path]
    kind = "multipart/form-data; boundary=b"
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\n".encode()
    whole = b"x" * (most + 1)
    for said in (
        exchange(server, head + b"content-length: %d\r\n\r\n" % len(whole) + whole),
        exchange(server, head + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(whole) + whole + b"\r\n0\r\n\r\n"),
    ):
        # then that is the answer, in words
        assert said.startswith(b"HTTP/1.1 413 ")
        assert b"the body is longer than the %d bytes" % most in said


def test_the_page_takes_a_file_of_five_megabytes(server: Server) -> None:
    answer = server.ask("POST", "/ui/batch", upload(5 * 1024**2), content_type="multipart/form-data; boundary=b")
    assert answer.status < 500
    assert answer.status != 413
    assert b"<html" in answer.content
    answer = server.ask("POST", "/ui/batch", upload(5 * 1024**2 + 1), content_type="multipart/form-data; boundary=b")
    assert answer.status == 413


def test_too_many_rows_are_refused(server: Server) -> None:
    assert server.predict([tiny.ROW] * 1000).status == 200
    answer = server.predict([tiny.ROW] * 1001)
    assert (answer.status, answer.json["error"]) == (413, "1001 rows are more than the 1000 a request may hold")


def test_a_body_that_does_not_come_is_cut_off(server: Server) -> None:
    # given a server that waits 2 s for a body (see the fixture), and a caller who sends a part of it
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"
    started = time.monotonic()
    said = exchange(server, head)
    # then it is told, and the connection is closed
    assert b" 408 " in said
    assert b"did not arrive within 2 s" in said
    assert 1.5 < time.monotonic() - started < 15


@pytest.mark.parametrize(
    "content", [b"\x16\x03\x01\x02\x00", b"nonsense\r\n\r\n", b"POST /predict HTTP/1.1\r\ncontent-length: x\r\n\r\n"]
)
def test_what_is_not_http_is_a_400(server: Server, content: bytes) -> None:
    assert b" 400 " in exchange(server, content).partition(b"\r\n")[0]


def test_a_caller_who_leaves_harms_nobody(server: Server) -> None:
    # given a caller who leaves in the middle of a body
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(
            b"POST /predict HTTP/1.1\r\nhost: x\r\nx-request-id: left\r\ncontent-type: application/json\r\n"
            b"content-length: 100\r\n\r\n{"
        )
    # then others are answered, and the log tells
    assert server.predict([tiny.ROW]).status == 200
    end = time.monotonic() + 10
    while not (found := [line for line in server.log() if line["id"] == "left"]) and time.monotonic() < end:
        time.sleep(0.1)
    assert [line["status"] for line in found] == [499]


def test_unknown_paths_do_not_grow_the_metrics(server: Server) -> None:
    # given one unknown path that was asked for
    server.ask("GET", "/unknown")
    before = len(server.ask("GET", "/metrics").content)
    others = counted(server, endpoint="other", http_response_code="404")
    # when many more are
    for number in range(200):
        assert server.ask("GET", f"/unknown/{number}").status == 404
    # then they are counted, all under one name
    assert counted(server, endpoint="other", http_response_code="404") >= others + 200
    assert len(server.ask("GET", "/metrics").content) < before + 2000


def test_each_request_is_counted_once(server: Server) -> None:
    # given counts
    def counts() -> list[float]:
        return [
            counted(server, endpoint="/predict", http_response_code="200"),
            counted(server, endpoint="/predict", http_response_code="400"),
            counted(server, endpoint="/schema", http_response_code="200"),
            counted(server, endpoint="/livez", http_response_code="200"),
        ]

    before = counts()
    # when
    for _ in range(3):
        server.predict([tiny.ROW])
    server.post(b"no JSON")
    server.ask("GET", "/schema")
    server.ask("GET", "/livez")
    # then
    assert [after - was for after, was in zip(counts(), before, strict=True)] == [3, 1, 1, 1]
    said = server.ask("GET", "/metrics").content.decode()
    assert re.search(r"^bentoml_service_alert 0.0$", said, re.MULTILINE)
    assert re.search(r'^bentoml_service_request_duration_seconds_count\{endpoint="/predict"', said, re.MULTILINE)


def test_the_schema_says_what_a_row_may_hold(server: Server) -> None:
    schema: dict[str, Any] = server.ask("GET", "/schema").json
    assert [column["name"] for column in schema["inputs"]] == [column["name"] for column in tiny.INPUTS]
    assert schema["inputs"][0]["values"] == ["AA", "UA"]
    assert schema["target"]["positive"] == "yes"


def test_the_model_is_its_manifest(server: Server) -> None:
    found = server.ask("GET", "/model").json
    assert found.pop("approved") is False
    assert found == json.loads((server.root / "model" / "manifest.json").read_text())


def test_the_description_holds_an_example_that_works(server: Server) -> None:
    # given the page's own example
    document = server.ask("GET", "/docs.json").json
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    row = content["properties"]["rows"]["items"]
    # when it is sent
    answer = server.predict([row["example"]])
    # then it is answered without a warning, and the columns are those of the model
    assert answer.status == 200, answer.content
    assert answer.json["predictions"][0]["warnings"] == []
    assert list(row["properties"]) == [column["name"] for column in tiny.INPUTS]
    assert row["required"] == ["carrier", "day", "sched"]


def test_the_page_may_load_nothing_from_elsewhere(server: Server) -> None:
    answer = server.ask("GET", "/")
    assert b"BentoML" in answer.content
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_a_request_keeps_its_name(server: Server) -> None:
    # given a caller's own name for a request, and one that is none
    assert server.ask("GET", "/schema", x_request_id="order-66.a").headers["x-request-id"] == "order-66.a"
    made = server.ask("GET", "/livez", x_request_id='" , "status": 200').headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{12}-\d+", made)


@pytest.mark.slow
def test_the_description_is_true(server: Server) -> None:
    # given the service's own description, when schemathesis sends what it allows and what it does not
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{server.port}/docs.json",
        "--max-examples", "30", "--generation-deterministic", "--max-time", "60", "--no-color",
    ]  # fmt: skip
    before = server.said().count("Traceback")
    done = subprocess.run(command, cwd=server.root, capture_output=True, text=True, timeout=300)
    # then every answer is one it describes: no 5xx, nothing wrong accepted, nothing right refused
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
    assert server.said().count("Traceback") == before


def test_a_file_of_very_many_columns_takes_nobodys_turn(server: Server) -> None:
    # given 700 kB with a hundred thousand columns, when the page is sent it, then it is refused for that
    def send(content: bytes) -> Answer:
        head = b'--x\r\ncontent-disposition: form-data; name="file"; filename="wide.csv"\r\n\r\n'
        kind = "multipart/form-data; boundary=x"
        return server.ask("POST", "/ui/batch", head + content + b"\r\n--x--\r\n", content_type=kind,
                          accept="application/json")  # fmt: skip

    wide = b",".join(b"c%d" % number for number in range(100_000)) + b"\n"
    refused = send(wide)
    assert refused.status == 413
    assert "5,000 columns" in refused.json["error"]
    # and the next file is scored
    cells = ",".join(str(tiny.ROW[name]) for name in tiny.ROW)
    scored = send(f"{','.join(tiny.ROW)}\n{cells}\n".replace("UA", "ZZ").encode())
    assert scored.status == 200, scored.content
    assert "carrier: 'ZZ' was not seen in training" in scored.json["csv"]
