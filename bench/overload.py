"""What the service does with more than it can carry: `python -m bench.overload [--requests N] [--seconds S]`.

Starts it with two workers on loopback, with limits as they are by default. Needs wrk, and model/ as `make repro` leaves
it. A bounded form of the same runs among the tests (tests/serve/test_serve_overload.py).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.serving import processes
from bench.serving.__main__ import cases
from bench.serving.contenders import CONTENDERS, Started, repository
from bench.serving.load import drive, write_script
from bench.serving.table import OURS

BATCH, CALLERS = 200, 640
"""Rows of a request that takes long, and how many send such ones again and again: ten times as many as would do."""
APART_S = 0.01
"""Seconds from a head to its body with clients that send them apart, as most of Python's do."""
Answers = list[tuple[int, float]]
"""Status and seconds of each."""


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser("python -m bench.overload", description="Load the service beyond its limits.")
    options.add_argument("--requests", type=int, default=1_000_000, help="for the growth of memory")
    options.add_argument("--seconds", type=float, default=5.0, help="of each drive")
    asked = options.parse_args()
    inputs, _ = cases()
    ours = next(one for one in CONTENDERS if one.name == OURS)
    with tempfile.TemporaryDirectory(prefix="bench-overload-") as name:
        folder = Path(name)
        serving = repository(folder / "repository")
        one = Started(ours, serving, "", Path(sys.executable), folder)
        try:
            one.wait({"rows": inputs[:1]})
            write_script(folder / "one.lua", [json.dumps({"rows": [row]}).encode() for row in inputs])
            drive(one.url, folder / "one.lua", 64, asked.seconds)
            for connections in (500, 2000):
                before = _memory(one)
                load = drive(one.url, folder / "one.lua", connections, asked.seconds)
                grown = max(now - then for now, then in zip(_memory(one), before, strict=True)) / 1e6
                print(
                    f"{connections} connections: {load.rate:.0f} requests/s, p50 {load.p50_ms:.0f} ms, p99 "
                    f"{load.p99_ms:.0f} ms, {load.errors} errors, {grown:.1f} MB more in a worker",
                    flush=True,
                )
            _beyond(one, json.dumps({"rows": (inputs * BATCH)[:BATCH]}).encode(), asked.seconds)
            _growth(one, folder / "one.lua", asked.requests, asked.seconds)
        finally:
            one.stop()


def _beyond(one: Started, body: bytes, seconds: float) -> None:
    """Ten times the load it can carry, the wait of what it takes on, and how soon it is over."""
    port = int(one.url.split(":")[2].split("/")[0])
    can = asyncio.run(_calling(port, body, CALLERS // 10, seconds))
    found = asyncio.run(_calling(port, body, CALLERS, seconds))
    apart = asyncio.run(_calling(port, body, CALLERS, seconds, APART_S))
    started = time.perf_counter()
    asyncio.run(_calling(port, body, 1, 0.0))
    after = time.perf_counter() - started
    drives = {"as much as it can carry": can, "ten times that": found, "ten times that, bodies after heads": apart}
    for name, answers in drives.items():
        good = sorted(took for status, took in answers if status == 200)
        shed = sorted(took for status, took in answers if status == 503)
        told = f", {len(shed)} refused (p99 {_p99(shed) * 1000:.0f} ms)" if shed else ""
        others = len(answers) - len(good) - len(shed)
        print(
            f"{BATCH} rows a request, {name}: {len(good) / seconds:.0f} answered/s, p99 {_p99(good) * 1000:.0f} ms"
            f"{told}, {others} others",
            flush=True,
        )
    print(f"the next request after that took {after * 1000:.0f} ms", flush=True)


def _growth(one: Started, script: Path, requests: int, seconds: float) -> None:
    before, sent = _memory(one), 0
    while sent < requests:
        sent += drive(one.url, script, 64, max(seconds, 5.0)).requests
    grown = max(now - then for now, then in zip(_memory(one), before, strict=True)) / 1e6
    print(f"{sent} requests: {grown:.1f} MB more in a worker")


async def _calling(port: int, body: bytes, callers: int, seconds: float, apart_s: float = 0.0) -> Answers:
    """So many callers, each with a connection of its own, who ask again at once; at least once each."""
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    head, end = head % len(body), time.perf_counter() + seconds
    found: Answers = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while True:
                started = time.perf_counter()
                if apart_s:
                    writer.write(head)
                    await asyncio.sleep(apart_s)
                    writer.write(body)
                else:
                    writer.write(head + body)
                said = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(said.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                found.append((int(said.split(b" ")[1]), time.perf_counter() - started))
                if time.perf_counter() >= end:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            found.append((0, 0.0))
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(callers)))
    return found


def _p99(seconds: list[float]) -> float:
    return seconds[int(len(seconds) * 0.99)] if seconds else 0.0


def _memory(one: Started) -> list[int]:
    """What each of its processes holds for itself, in bytes."""
    found = []
    for process in processes.tree(one.pid):
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        found += [1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon:")]
    return found


if __name__ == "__main__":
    main()
