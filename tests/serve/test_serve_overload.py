"""More than it can carry, workers that die, an end in the middle of work: what is lost is said, and little is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny
from callers import LOST, answer, call, calling, close, memory, post, workers
from server import Server, repository

pytestmark = pytest.mark.slow
ROW = post(json.dumps({"rows": [tiny.ROW]}).encode())
BATCH = post(json.dumps({"rows": tiny.rows(500)}).encode())
MEGABYTES = 1_000_000


@pytest.fixture(scope="module")
def carrying(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that lets nobody wait for long."""
    started = Server(repository(tmp_path_factory.mktemp("busy") / "repo"), settings="  max_wait_s: 0.05\n")
    try:
        started.wait()
        yield started
    finally:
        started.stop()


@pytest.fixture
def two(repo: Path) -> Iterator[Server]:
    """A server of two workers."""
    (repo / "params.yaml").write_text("serve:\n  workers: 2\n  max_wait_s: 30\n")
    started = Server(repo)
    try:
        started.wait()
        started.wait_for_workers(2)
        yield started
    finally:
        started.stop()


def test_two_thousand_connections_are_answered_without_an_error_or_much_memory(two: Server) -> None:
    # given a server that has warmed up
    assert call(two.port, ROW, 100, 5) == {200: 500}
    before = [memory(worker) for worker in workers(two.process.pid)]
    # when
    assert call(two.port, ROW, 500, 4) == {200: 2000}
    assert call(two.port, ROW, 2000, 2) == {200: 4000}
    # then
    after = [memory(worker) for worker in workers(two.process.pid)]
    assert max(now - then for now, then in zip(after, before, strict=True)) < 20 * MEGABYTES


@pytest.mark.parametrize("apart_s", [0.0, 0.3], ids=["whole", "head first"])
def test_what_it_cannot_carry_is_refused_at_once_and_the_rest_goes_on(carrying: Server, apart_s: float) -> None:
    # given three hundred callers with requests that take a hundred times as long as most
    before = len(refused(carrying))
    found = call(carrying.port, BATCH, 300, 4, apart_s)
    # then some are answered and some are told to come again (callers.py looks for retry-after), and none is lost
    assert set(found) == {200, 503}
    assert found[200] >= 10
    # and once they have gone everyone is answered
    assert call(carrying.port, ROW, 5, 5) == {200: 25}
    # and each one's line says so
    lines = refused(carrying)
    assert len(lines) == before + found[503]
    assert "more arrives than can be answered" in lines[-1]["error"]


def refused(server: Server) -> list[dict[str, Any]]:
    """The lines of what there was no room for."""
    server.ask("GET", "/metrics")  # writes the log
    return [line for line in server.log() if line.get("status") == 503]


def test_memory_does_not_grow_with_the_requests(carrying: Server) -> None:
    # given a worker that has seen all kinds of requests
    bad = post(b'{"rows": [{"no such field": 1}]}')

    def all_kinds(times: int) -> None:
        for request in (ROW, bad):
            statuses = call(carrying.port, request, 20, 50 * times)
            assert set(statuses) <= {200, 400, 503}
        for number in range(150 * times):
            assert carrying.ask("GET", f"/unknown/{times}/{number}").status == 404

    all_kinds(2)
    [worker] = workers(carrying.process.pid)
    before = memory(worker)
    # when it sees many more, and paths nobody knows
    all_kinds(8)
    # then
    assert memory(worker) - before < 3 * MEGABYTES


def test_a_worker_that_is_killed_takes_no_request_of_others_with_it_and_is_replaced(two: Server) -> None:
    # given callers at work on both workers
    async def run() -> tuple[Counter[Any], list[int]]:
        at_work = asyncio.create_task(calling(two.port, ROW, 20, 300))
        await asyncio.sleep(0.2)
        victim, _ = workers(two.process.pid)
        os.kill(victim, signal.SIGKILL)
        return await at_work, [victim]

    found, [victim] = asyncio.run(run())
    # then each caller can have lost the one request that was with it, and is answered by the other one from then on
    assert found[200] >= 20 * 299
    assert found[200] + found[LOST] == 20 * 300
    # and it is soon replaced
    end = time.monotonic() + 60
    while (len(workers(two.process.pid)) < 2 or victim in workers(two.process.pid)) and time.monotonic() < end:
        time.sleep(0.1)
    assert len(set(workers(two.process.pid)) - {victim}) == 2
    assert call(two.port, ROW, 10, 3) == {200: 30}


def test_the_end_comes_after_what_was_begun(two: Server) -> None:
    # given callers at work, and one in the middle of sending a request
    async def run() -> tuple[Counter[Any], int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", two.port)
        writer.write(ROW[:150])
        at_work = asyncio.create_task(calling(two.port, ROW, 20, 1_000_000))
        await asyncio.sleep(0.5)
        # when the server is told to end
        two.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        writer.write(ROW[150:])
        status, head = await answer(reader)
        assert b"connection: close" in head
        await close(writer)
        return await at_work, status

    found, status = asyncio.run(run())
    # then all of them are answered, and the connections end after that
    assert status == 200
    assert set(found) == {200}
    assert two.process.wait(40) == 0
    # and each answer stands in the log
    assert sum(line["path"] == "/predict" for line in two.log()) == found[200] + 1


def test_the_end_resets_nobody_who_connects_meanwhile(two: Server) -> None:
    # given callers with a new connection for each request
    found: Counter[str] = Counter()

    async def one() -> None:
        while not found["refused"]:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", two.port), 20)
            except (ConnectionRefusedError, TimeoutError):
                found["refused"] += 1
                return
            try:
                writer.write(ROW)
                found[str((await answer(reader))[0])] += 1
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                found[type(error).__name__] += 1
            await close(writer)

    async def run() -> None:
        at_work = asyncio.gather(*(one() for _ in range(30)))
        await asyncio.sleep(1)
        # when the server is told to end
        two.process.send_signal(signal.SIGTERM)
        await at_work

    asyncio.run(run())
    # then each is answered, or finds that nobody is there any more
    assert found.keys() == {"200", "refused"}
    assert two.process.wait(40) == 0
