"""Many callers at a time, each over a connection of its own that it keeps, in one thread."""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter
from pathlib import Path
from typing import Any

LOST = "lost"
"""A request that was sent and not answered."""


def post(body: bytes) -> bytes:
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    return head % len(body) + body


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """Status and head of one whole answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(b" ")[1]), head


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def calling(port: int, request: bytes, connections: int, each: int, apart_s: float = 0.0) -> Counter[Any]:
    """What became of `connections` times `each` requests: statuses, and LOST. Who lost one connects again.

    The body follows the head after `apart_s`, if that is not 0.
    """
    begin, end, body = request.partition(b"\r\n\r\n")
    found: Counter[Any] = Counter()

    async def one() -> None:
        left = each
        while left:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while left:
                    left -= 1
                    if apart_s:
                        writer.write(begin + end)
                        await asyncio.sleep(apart_s)
                        writer.write(body)
                    else:
                        writer.write(request)
                    status, head = await answer(reader)
                    found[status] += 1
                    assert status != 503 or b"retry-after: 1\r\n" in head
                    if b"connection: close" in head:
                        return
            except (ConnectionError, asyncio.IncompleteReadError):
                found[LOST] += 1
            finally:
                await close(writer)

    await asyncio.gather(*(one() for _ in range(connections)))
    return found


def call(port: int, request: bytes, connections: int, each: int, apart_s: float = 0.0) -> Counter[Any]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < connections + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(connections + 200, hard), hard))
    return asyncio.run(calling(port, request, connections, each, apart_s))


def workers(process: int) -> list[int]:
    """A server's worker processes."""
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def memory(process: int) -> int:
    """Bytes that it holds for itself."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
