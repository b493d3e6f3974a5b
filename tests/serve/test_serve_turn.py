"""Which requests have waited too long to be answered."""

from __future__ import annotations

import asyncio

from serve.http.load_shedding import LoopLagGuard
from serve.scoring.errors import ApiError


def refused(guard: LoopLagGuard, now: float) -> bool:
    try:
        guard.check(now)
    except ApiError as error:
        return error.status == 503 and (b"retry-after", b"1") in error.headers
    return False


def test_what_comes_up_late_in_a_turn_is_refused_and_the_next_turn_begins_afresh() -> None:
    async def main() -> list[bool]:
        guard = LoopLagGuard(max_wait_s=1.0)
        one = [refused(guard, now) for now in (50.0, 50.9, 51.1, 58.0)]
        await asyncio.sleep(0)
        return [*one, refused(guard, 58.1)]

    assert asyncio.run(main()) == [False, False, True, True, False]
