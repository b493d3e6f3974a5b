"""The connection: requests in any pieces, what is no request, and who keeps still for too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tiny
from desk import HEAD, Line, answers, exchange, inner, request
from examples import examples
from hypothesis import given
from hypothesis import strategies as st
from server import Server

from serve.http.active_model import ActiveModel
from serve.http.app import Gateway
from serve.http.fast_protocol import CLOSE_GRACE_S, MAX_HEAD_BYTES, MAX_PIPELINED
from serve.scoring import loader
from serve.settings import Settings

GOOD = request(json.dumps({"rows": [tiny.ROW]}).encode())


class Seen:
    """Stands for the watchers: what the log would tell."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def observe(self, line: Any, _: str | None) -> None:
        self.lines.append(line)


def made(root: Path, **change: Any) -> Gateway:
    tiny.write(root / "model")
    (root / "model" / "champion.json").write_text('{"version": null}')
    none: Any = None
    settings_ = Settings(**({"max_body": 10_000} | change))
    gateway = Gateway(
        inner, {"/", "/predict"}, settings_, ActiveModel(loader.load(root), settings_.max_rows, dict), none
    )
    gateway._observer = Seen()  # type: ignore[assignment]
    return gateway


def seen(gateway: Gateway) -> list[int]:
    """The statuses in the log, which is empty after that."""
    watch: Any = gateway._observer
    lines, watch.lines = watch.lines, []
    return [line.status for line in lines]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return made(tmp_path_factory.mktemp("gateway"))


@examples(200)
@given(
    st.lists(
        st.binary(max_size=60) | st.sampled_from([GOOD, GOOD[:70], HEAD, b"\r\n", b"0\r\n\r\n", b"GET / HTTP/1.1\r\n"])
    )
)
def test_no_bytes_at_all_make_an_error_of_the_service(gateway: Gateway, pieces: list[bytes]) -> None:
    # given any bytes, in any pieces, then what is said is never a 5xx, and is whole
    for status, _ in answers(exchange(gateway, *pieces)):
        assert status < 500


def test_a_request_may_come_in_any_pieces(gateway: Gateway) -> None:
    # given a request byte by byte, cut in two at any place, and in chunks
    whole = answers(exchange(gateway, GOOD))
    assert whole[0][0] == 200
    assert answers(exchange(gateway, *(GOOD[place : place + 1] for place in range(len(GOOD))))) == whole
    for cut in range(1, len(GOOD), 7):
        assert answers(exchange(gateway, GOOD[:cut], GOOD[cut:])) == whole
    body = GOOD.partition(b"\r\n\r\n")[2]
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    assert answers(exchange(gateway, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")) == whole


def test_many_requests_in_one_piece_are_answered_in_their_order(gateway: Gateway) -> None:
    bodies = [json.dumps({"rows": [tiny.ROW] * number}).encode() for number in (1, 2, 0, 3)]
    said = answers(exchange(gateway, b"".join(map(request, bodies)) + request(b"{")))
    assert [len(body["predictions"]) for status, body in said[:4] if status == 200] == [1, 2, 0, 3]
    assert said[4][0] == 400


@pytest.mark.parametrize("more", [b"x: y", b"connection: upgrade\r\nupgrade: h2c"])
def test_requests_that_wait_on_one_connection_are_few(gateway: Gateway, more: bytes) -> None:
    # given a caller that sends very many before it takes an answer, each with an offer of another protocol or none
    async def run() -> bytes:
        line = Line(gateway)
        said = await line.send(request(b'{"rows": []}', more) * 3000)
        await line.later(CLOSE_GRACE_S + 1)
        assert line.wire.closed
        return said

    said = answers(asyncio.run(run()))
    # then so many are answered, the next one is refused, and the others are not read
    assert [status for status, _ in said] == [*[200] * (len(said) - 1), 429]
    assert MAX_PIPELINED <= len(said) - 1 <= MAX_PIPELINED + 2


@pytest.mark.parametrize(
    ("sent", "status", "ends"),
    [
        (GOOD, 200, False),
        (request(b"{}", b"connection: close"), 400, True),
        (GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"), 200, True),
        (request(b"{}").replace(b"application/json", b"text/plain"), 415, False),
        (request(b"{}", b"connection: keep-alive, close").replace(b"application/json", b"text/plain"), 415, True),
        (request(b"{}").replace(b"application/json", b"text/plain").replace(b"HTTP/1.1", b"HTTP/1.0"), 415, True),
        (b"GET /nowhere HTTP/1.0\r\n\r\n", 404, True),
        (b"PUT /predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 405, True),
        (HEAD + b"expect: 100-continue\r\ncontent-length: 10001\r\n\r\n", 413, True),
    ],
)
def test_the_connection_ends_when_the_caller_wants_it_to(
    gateway: Gateway, sent: bytes, status: int, ends: bool
) -> None:
    async def run() -> None:
        line = Line(gateway)
        said = await line.send(sent)
        assert said.startswith(b"HTTP/1.1 %d " % status)
        assert (b"connection: close" in said) is ends
        if b"expect" in sent:
            await line.later(CLOSE_GRACE_S + 1)
        assert line.wire.closed is ends

    asyncio.run(run())


def test_a_refusal_by_the_head_is_said_before_the_body_comes(gateway: Gateway) -> None:
    async def run() -> None:
        # given a head that promises too much, then the answer is there, and the caller has time to fetch it
        line = Line(gateway)
        assert b" 413 " in await line.send(HEAD + b"content-length: 10001\r\n\r\n")
        assert await line.send(b"x" * 5000) == b""
        assert not line.wire.closed
        await line.later(CLOSE_GRACE_S + 1)
        assert line.wire.closed
        # and what is refused for its type leaves the connection of use
        line = Line(gateway)
        refused = request(b"{}").replace(b"application/json", b"application/vnd.bentoml+pickle")
        assert answers(await line.send(refused[:-2]))[0][0] == 415
        assert answers(await line.send(b"{}", GOOD))[0][0] == 200

    asyncio.run(run())


LONG = b"x" * (MAX_HEAD_BYTES + 1)
BAD_CHUNK = HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"
REFUSED = {
    "no HTTP": ([b"\x16\x03\x01\x02\x00"], 400),
    "nonsense": ([b"nonsense\r\n\r\n"], 400),
    "no chunk": ([BAD_CHUNK], 400),
    "no chunk, later": ([BAD_CHUNK[:-4], BAD_CHUNK[-4:]], 400),
    "no length": ([HEAD + b"content-length: x\r\n\r\n"], 400),
    "two lengths": ([HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\n"], 400),
    "length and chunks": ([HEAD + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"], 400),
    "long address": ([b"GET /" + LONG + b" HTTP/1.1\r\nhost: x\r\n\r\n"], 414),
    "long address that does not end": ([b"GET /", LONG], 414),
    "long header": ([b"GET / HTTP/1.1\r\nhost: x\r\nx: " + LONG + b"\r\n\r\n"], 431),
    "long headers": ([b"GET / HTTP/1.1\r\nhost: x\r\n" + b"x-more: 1234567890\r\n" * 5000 + b"\r\n"], 431),
    "long header that does not end": ([b"GET / HTTP/1.1\r\nx: ", LONG], 431),
    "no host": ([b"GET / HTTP/1.1\r\n\r\n"], 400),
    "two hosts": ([b"GET / HTTP/1.1\r\nhost: x\r\nhost: x\r\n\r\n"], 400),
    "packed chunks": ([HEAD + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n"], 501),
    "packed chunks, in two lines": (
        [HEAD + b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
        501,
    ),
    "a proxy's business": ([b"CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n"], 405),
    "a proxy's business, with an offer": (
        [b"CONNECT x:1 HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"],
        405,
    ),
    "long trailers": ([HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"a: b\r\n" * 40_000], 431),
    "a trailer that does not end": (
        [HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"a: " + LONG],
        431,
    ),
    "a chunk's extension that does not end": (
        [HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", b"5;a=" + LONG],
        431,
    ),
    "an address that is none": ([b"GET http://[ HTTP/1.1\r\nhost: x\r\n\r\n"], 400),
}


@pytest.mark.parametrize(("pieces", "status"), REFUSED.values(), ids=REFUSED)
def test_every_refusal_is_an_answer_and_a_line_in_the_log(gateway: Gateway, pieces: list[bytes], status: int) -> None:
    seen(gateway)

    async def run() -> bytes:
        line = Line(gateway)
        said = await line.send(*pieces[:-1])
        assert said == b""
        said = await line.send(pieces[-1])
        # what may still come is not read as another request
        assert await line.send(GOOD) == b"" or status in (400, 501)
        await line.later(CLOSE_GRACE_S + 1)
        return said

    [(found, body)] = answers(asyncio.run(run()))
    assert found == status
    assert set(body) == {"error", "reason"}
    assert seen(gateway)[0] == status


def test_what_was_asked_before_is_answered_before(gateway: Gateway) -> None:
    # given two good requests and after them, in the same piece, what is no HTTP
    assert [status for status, _ in answers(exchange(gateway, GOOD + GOOD + b"nonsense"))] == [200, 200, 400]
    assert [status for status, _ in answers(exchange(gateway, GOOD, BAD_CHUNK, GOOD))] == [200, 400]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (b"\r\n", None),
        (GOOD[:20], 408),
        (GOOD[:-5], 408),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n1\r\n{", 408),
    ],
)
def test_who_keeps_still_is_told_so_and_cut_off(gateway: Gateway, sent: bytes, status: int | None) -> None:
    async def run() -> None:
        line = Line(gateway)
        assert await line.send(sent) == b""
        said = await line.later(gateway.settings.timeout_s - 6)
        assert (said, line.wire.closed) == (b"", False)
        said = await line.later(gateway.settings.timeout_s + 1)
        assert [found for found, _ in answers(said)] == [status] * (status is not None)
        await line.later(CLOSE_GRACE_S + 1)
        assert line.wire.closed

    asyncio.run(run())


def test_a_caller_who_does_not_fetch_its_answers_is_cut_off(gateway: Gateway) -> None:
    async def run() -> None:
        line = Line(gateway)
        await line.send(GOOD)
        line.connection.pause_writing()
        # given one answer that cannot be sent, then no more is read than the next request
        assert await line.send(GOOD, GOOD) == b""
        assert not line.wire.reading
        await line.later(gateway.settings.timeout_s + 1)
        assert line.wire.closed

    asyncio.run(run())


def test_too_many_connections_are_told_so(tmp_path: Path) -> None:
    gateway = made(tmp_path, max_connections=2)

    async def run() -> None:
        first = Line(gateway)
        second, third = (Line(gateway, first.kind, first.state) for _ in range(2))
        # what it sends, it may send, so that it gets its answer
        refused = await third.send(GOOD[:70], GOOD[70:])
        assert b" 503 " in refused
        assert b"retry-after: 1" in refused
        assert [line.wire.closed for line in (first, second, third)] == [False, False, False]
        await third.later(CLOSE_GRACE_S + 1)
        assert [line.wire.closed for line in (first, second, third)] == [False, False, True]
        first.wire.close()
        await first.rest()
        assert not Line(gateway, first.kind, first.state).wire.closed

    asyncio.run(run())


def test_another_model_takes_over_between_two_requests(tmp_path: Path) -> None:
    gateway = made(tmp_path)
    tiny.write(tmp_path / "model", "aaaaaaaaaaaa")

    async def run() -> None:
        line = Line(gateway)
        for version in (tiny.VERSION, "aaaaaaaaaaaa"):
            assert answers(await line.send(GOOD))[0][1]["model"]["version"] == version
            gateway.active_model = ActiveModel(loader.load(tmp_path), 1000, dict)

    asyncio.run(run())


def test_the_end_of_the_service_waits_for_what_is_on_its_way(gateway: Gateway) -> None:
    async def run() -> None:
        # given a connection at rest, one in the midst of a request, and one that says no more
        rests, speaks, silent = (Line(gateway) for _ in range(3))
        await rests.send(GOOD)
        await speaks.send(GOOD[:-5])
        for line in (rests, speaks, silent):
            line.connection.shutdown()
            assert not line.wire.closed
        # then both are answered, for the last time
        for line, piece in ((rests, GOOD), (speaks, GOOD[-5:])):
            said = await line.send(piece)
            assert said.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close" in said
            assert line.wire.closed
        await silent.later(CLOSE_GRACE_S + 1)
        assert silent.wire.closed

    asyncio.run(run())


@pytest.mark.parametrize("sent", [GOOD, b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"])
def test_an_answer_leaves_in_one_packet(gateway: Gateway, sent: bytes) -> None:
    async def run() -> None:
        line, packets = Line(gateway), []
        line.wire.write = packets.append  # type: ignore[method-assign]
        await line.send(sent)
        assert len([packet for packet in packets if packet]) == 1

    asyncio.run(run())


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
        said_to(server, HEAD + b"transfer-encoding: gzip, chunked\r\nconnection: close\r\n\r\n0\r\n\r\n")
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
