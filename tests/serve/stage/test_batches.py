"""Rows in requests that the service takes."""

from __future__ import annotations

import json

from examples import examples
from hypothesis import given
from hypothesis import strategies as st

from stages.serve.batches import split_batches


@given(st.lists(st.text(max_size=30), max_size=40), st.integers(1, 9), st.integers(60, 400))
@examples(200)
def test_batches_are_all_rows_in_their_order_within_both_limits(texts: list[str], most: int, body: int) -> None:
    rows = [{"text": text} for text in texts]
    made = list(split_batches(rows, most, body))
    assert [row for some in made for row in some] == rows
    for some in made:
        assert 1 <= len(some) <= most
        assert len(some) == 1 or len(json.dumps({"rows": some}).encode()) <= body
