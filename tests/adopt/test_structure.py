"""What repeats in texts that are nearly all different is named; where nothing does, nothing is said."""

from __future__ import annotations

import random

import pytest

from stages.adopt.structure import describe_repeated_part

DRAW = random.Random(1)
ROWS = range(300)


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([f"{DRAW.choice(['SKU', 'ABC', 'X'])}{n * 37}" for n in ROWS], "Their first part repeats ('"),
        ([f"{n * 37}-{DRAW.choice('ABC')}" for n in ROWS], "Their last part repeats ('"),
        ([f"a{n}@{DRAW.choice('xy')}.com" for n in ROWS], "They are e-mail addresses"),
        ([f"https://a.org/{n}" for n in ROWS], "They are addresses of pages"),
        ([f"{DRAW.uniform(1, 9):.3f},{DRAW.uniform(1, 9):.3f}" for _ in ROWS], "They are pairs"),
        ([f"{n % 9}h {n % 60}min" for n in ROWS], "They are amounts in parts"),
        ([f"N{n}, {DRAW.choice(['Mr.', 'Mrs.', 'Miss.'])} Ann{n}" for n in ROWS], "Words recur in them ('M"),
        ([f"{DRAW.getrandbits(64):016x}" for _ in ROWS], ""),
        ([f"{DRAW.getrandbits(32):08x}-{DRAW.getrandbits(48):012x}" for _ in ROWS], ""),
        ([f"row {n}" for n in ROWS], ""),
        ([], ""),
    ],
)
def test_the_part_that_repeats_is_named(texts: list[str], said: str) -> None:
    assert describe_repeated_part(texts).startswith(said)
    assert said or not describe_repeated_part(texts)
