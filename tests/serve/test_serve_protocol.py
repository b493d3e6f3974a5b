"""POST /predict answered in uvicorn's parser: as serve/app.py answers it, whatever the bytes and however they come."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import bad
import pytest
import tiny
import uvicorn
import uvicorn.protocols.http.auto
from conftest import Server
from desk import HEAD, Line, answers, ask, exchange, request
from hypothesis import given, settings
from hypothesis import strategies as st
from test_serve_app import inner, odd_body
from uvicorn.server import ServerState

from serve import model, selftest
from serve.app import Front
from serve.protocol import Quick
from serve.refusal import Refusal
from serve.served import Served
from serve.settings import Settings
from serve.turn import Turn

GOOD = request(json.dumps({"rows": [tiny.ROW]}).encode())


def made(root: Path, **change: Any) -> Front:
    tiny.write(root / "model")
    (root / "model" / "champion.json").write_text('{"version": null}')
    none: Any = None
    settings_ = Settings(**({"max_body": 10_000} | change))
    return Front(inner, {"/", "/predict"}, settings_, Served(model.load(root), settings_.max_rows, dict), none)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Front:
    return made(tmp_path_factory.mktemp("front"))


def same_both_ways(front: Front, body: bytes) -> int:
    """The status that both ways give a body, with the same words."""
    start, said = ask(front, "POST", "/predict", body)
    [quick] = answers(exchange(front, request(body)))
    assert quick == (start["status"], json.loads(said["body"]))
    return quick[0]


@pytest.mark.parametrize(("name", "body"), [case[:2] for case in bad.CASES], ids=bad.NAMES)
def test_what_is_bad_is_refused_in_the_same_words_on_both_ways(tmp_path: Path, name: str, body: str | bytes) -> None:
    front = made(tmp_path, max_body=1_048_576)
    assert same_both_ways(front, body if isinstance(body, bytes) else body.encode()) == 400, name


def test_hundreds_of_odd_requests_are_answered_alike_on_both_ways(front: Front) -> None:
    draw = random.Random(11)
    seen = [same_both_ways(front, odd_body(draw)) for _ in range(300)]
    assert set(seen) == {200, 400}


@settings(max_examples=200)
@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([GOOD, GOOD[:70], HEAD, b"\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n"])
    )
)
def test_no_bytes_at_all_make_an_error_of_the_service(front: Front, pieces: list[bytes]) -> None:
    # given any bytes, in any pieces, then what is said is never a 5xx, and is whole
    for status, _ in answers(exchange(front, *pieces)):
        assert status < 500


def test_a_request_may_come_in_any_pieces(front: Front) -> None:
    # given a request byte by byte, cut in two at any place, and in chunks
    whole = answers(exchange(front, GOOD))
    assert whole[0][0] == 200
    assert answers(exchange(front, *(GOOD[place : place + 1] for place in range(len(GOOD))))) == whole
    for cut in range(1, len(GOOD), 7):
        assert answers(exchange(front, GOOD[:cut], GOOD[cut:])) == whole
    body = GOOD.partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    assert answers(exchange(front, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")) == whole


def test_many_requests_in_one_piece_are_answered_in_their_order(front: Front) -> None:
    bodies = [json.dumps({"rows": [tiny.ROW] * number}).encode() for number in (1, 2, 0, 3)]
    said = answers(exchange(front, b"".join(map(request, bodies)) + request(b"{")))
    assert [len(body["predictions"]) for status, body in said[:4] if status == 200] == [1, 2, 0, 3]
    assert said[4][0] == 400


def test_the_connection_ends_when_the_caller_wants_it_to(front: Front) -> None:
    for sent, ends in [
        (GOOD, False),
        (request(b"{}", b"connection: close"), True),
        (GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"), True),
        (request(b"{}").replace(b"application/json", b"text/plain"), False),
    ]:

        async def closed(sent: bytes = sent) -> tuple[bool, bool]:
            line = Line(front)
            said = line.send(sent)
            return b"connection: close" in said, line.wire.closed

        assert asyncio.run(closed()) == (ends, ends), sent


def test_a_refusal_by_the_head_is_said_before_the_body_comes(front: Front) -> None:
    # given a head that promises too much, then the answer is there and nothing of the body is kept
    async def run() -> None:
        line = Line(front)
        assert b" 413 " in line.send(HEAD + b"content-length: 10001\r\n\r\n")
        assert line.send(b"x" * 5000) == b""
        assert line.quick.content == b""
        # and what is refused for its type leaves the connection of use
        line = Line(front)
        refused = request(b"{}").replace(b"application/json", b"application/vnd.bentoml+pickle")
        assert answers(line.send(refused[:-2]))[0][0] == 415
        assert answers(line.send(b"{}", GOOD))[0][0] == 200

    asyncio.run(run())


def test_a_guard_keeps_a_caller_out_before_the_body_and_a_watcher_sees_what_was_scored(tmp_path: Path) -> None:
    # given both hooks
    front, seen = made(tmp_path), []

    def guard(asked: Any, headers: Any) -> None:
        if headers.get(b"authorization") != b"let me in":
            raise Refusal(401, "no key")
        asked.caller = "someone"

    front.guards.append(guard)
    front.scored.append(lambda _, rows, numbers: seen.append((len(rows), len(numbers))))
    # then one is asked first and the other told last, on both ways
    body = GOOD.partition(b"\r\n\r\n")[2]
    assert same_both_ways(front, body) == 401
    assert answers(exchange(front, request(body, b"authorization: let me in")))[0][0] == 200
    assert seen == [(1, 1)]


def test_another_model_takes_over_between_two_requests(tmp_path: Path) -> None:
    front = made(tmp_path)
    body = GOOD.partition(b"\r\n\r\n")[2]
    tiny.write(tmp_path / "model", "aaaaaaaaaaaa")
    for version in (tiny.VERSION, "aaaaaaaaaaaa"):
        _, said = ask(front, "POST", "/predict", body)
        assert json.loads(said["body"])["model"]["version"] == version
        assert answers(exchange(front, GOOD))[0][1]["model"]["version"] == version
        front.served = Served(model.load(tmp_path), 1000, dict)


def test_a_caller_who_does_not_fetch_its_answers_is_not_listened_to_and_cut_off(front: Front) -> None:
    async def run() -> None:
        line = Line(front)
        reading: list[bool] = []
        line.wire.pause_reading = lambda: reading.append(False)  # type: ignore[method-assign]
        line.wire.resume_reading = lambda: reading.append(True)  # type: ignore[method-assign]
        line.send(GOOD)
        line.quick.pause_writing()
        assert reading == [False]
        line.quick.look(line.quick.since + front.settings.timeout_s + 1)
        assert line.wire.closed

    asyncio.run(run())


def test_late_in_a_turn_requests_are_refused_and_the_next_turn_begins_anew() -> None:
    async def run() -> None:
        turn = Turn(0.5)
        turn.check(100.0)
        turn.check(100.4)
        with pytest.raises(Refusal) as refused:
            turn.check(100.6)
        assert (refused.value.status, dict(refused.value.headers)[b"retry-after"]) == (503, b"1")
        await asyncio.sleep(0)
        turn.check(100.7)

    asyncio.run(run())


def test_too_many_connections_are_told_so(tmp_path: Path) -> None:
    front = made(tmp_path, max_connections=2)

    async def run() -> None:
        first = Line(front)
        lines = [first]
        for _ in range(2):
            wire = selftest._Wire()
            quick = first.kind(first.quick.config, ServerState(), {}, asyncio.get_running_loop())
            quick.connection_made(wire)
            lines.append(type("", (), {"wire": wire, "quick": quick})())  # type: ignore[arg-type]
        assert [line.wire.closed for line in lines] == [False, False, True]
        assert b"503" in lines[2].wire.sent
        assert b"retry-after: 1" in lines[2].wire.sent
        lines[0].quick.connection_lost(None)
        wire = selftest._Wire()
        first.kind(first.quick.config, ServerState(), {}, asyncio.get_running_loop()).connection_made(wire)
        assert not wire.closed

    asyncio.run(run())


def test_a_uvicorn_it_does_not_work_with_is_left_as_it_is(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = uvicorn.protocols.http.auto.AutoHTTPProtocol
    monkeypatch.setattr(uvicorn.protocols.http.auto, "AutoHTTPProtocol", own)
    # given a uvicorn whose parser hands over nothing
    monkeypatch.setattr(selftest, "WAIT", 0.1)
    with monkeypatch.context() as broken, caplog.at_level(logging.WARNING):
        broken.setattr(Quick, "on_message_complete", lambda _: None)
        assert not selftest.install(front)
    assert uvicorn.protocols.http.auto.AutoHTTPProtocol is own
    assert "the slow way" in caplog.text
    # and with the pinned one it works
    assert selftest.install(front)
    assert issubclass(uvicorn.protocols.http.auto.AutoHTTPProtocol, Quick)


# Over real connections


def said_to(server: Server, *content: bytes, pause: float = 0.0) -> bytes:
    """All that the server says until it closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        for piece in content:
            with contextlib.suppress(ConnectionError):
                connection.sendall(piece)
            time.sleep(pause)
        said = b""
        with contextlib.suppress(ConnectionError):
            while received := connection.recv(65536):
                said += received
        return said


NEVER_ENDING = {
    "head": ([b"POST /predict HTTP/1.1\r\nhost: x\r\n"], b" 408 "),
    "line": ([b"GET / HT"], b" 408 "),
    "body": ([HEAD + b"content-length: 5\r\n\r\n{"], b" 408 "),
    "endless chunks": ([HEAD + b"transfer-encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 30], b" 408 "),
    "endless headers": ([HEAD, *[b"x-more: 1\r\n"] * 30], b" 408 "),
    "huge header": ([b"GET /livez HTTP/1.1\r\n", b"x: " + b"y" * 70_000], b" 431 "),
    "nothing": ([b""], b""),
}


def test_what_never_comes_to_an_end_is_cut_off(server: Server) -> None:
    # given a server that waits 2 s (see the fixture), and callers who never come to an end, all at once
    started = time.monotonic()
    with ThreadPoolExecutor(len(NEVER_ENDING)) as pool:
        told = pool.map(lambda case: said_to(server, *case[0], pause=0.15), NEVER_ENDING.values())
    # then each is told in JSON, and its connection ends
    for (name, (_, status)), said in zip(NEVER_ENDING.items(), told, strict=True):
        assert status in said.partition(b"\r\n")[0], name
        if status:
            assert set(json.loads(said.partition(b"\r\n\r\n")[2])) == {"error", "reason"}, name
    assert time.monotonic() - started < 60


def test_uvicorns_way_is_open_for_what_is_unusual(server: Server) -> None:
    # given a caller who wants to be told to go on, and one who asks for two kinds of things at once
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        head, _, body = GOOD.partition(b"\r\n\r\n")
        connection.sendall(head + b"\r\nexpect: 100-continue\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(10_000).startswith(b"HTTP/1.1 200 ")
    last = request(b'{"rows": []}', b"connection: close")
    said = said_to(server, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n" + GOOD + last)
    assert said.count(b"HTTP/1.1 200 OK") == 3
    assert said.index(b"predictions") > said.index(b"\r\n\r\n")


def test_slow_callers_do_not_hold_the_worker(server: Server) -> None:
    # given fifty callers who send half a request
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            caller = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
            caller.sendall(GOOD[:80])
        # then others are answered
        assert server.predict([tiny.ROW]).status == 200


def test_no_caller_can_set_off_the_alert(server: Server) -> None:
    # given more bad, broken off and unfinished requests than the alert needs to start
    for _ in range(30):
        server.post(b"{")
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as caller:
            caller.sendall(GOOD[:-5])
    said_to(server, GOOD[:-5])
    # then none of them has failed by the service's count
    time.sleep(1.5)
    told = server.ask("GET", "/metrics").content.decode()
    assert re.search(r"^bentoml_service_failed_share 0\.0$", told, re.MULTILINE)
    assert re.search(r"^bentoml_service_alert 0\.0$", told, re.MULTILINE)
    failed = r'^bentoml_service_request_total\{endpoint="/predict",http_response_code="5.*\} (.*)$'
    assert {float(count) for count in re.findall(failed, told, re.MULTILINE)} <= {0.0}
    assert {line["status"] for line in server.log() if line["path"] == "/predict"} >= {400, 408, 499}
