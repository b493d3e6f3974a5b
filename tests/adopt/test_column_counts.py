"""A column counted in blocks: exact where it has few distinct texts, bounded and nearly exact where it has many."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from stages.adopt.column_counts import HASHES, LIMIT, Distinct, Tally


def tally(texts: list[str], limit: int = LIMIT, block: int = 1000) -> Tally:
    made = Tally("x", limit)
    for start in range(0, len(texts), block):
        made.add(pa.array(texts[start : start + block], pa.string()))
    return made


def test_few_texts_are_counted_each_without_the_blanks_around_them() -> None:
    made = tally([" a", "a ", "b", "", "a"], block=2)

    assert made.complete
    assert made.counts.to_dict() == {"a": 3, "": 1, "b": 1}
    assert (made.rows, made.distinct) == (5, 2)


def test_the_number_of_many_texts_is_estimated_within_a_few_percent() -> None:
    distinct = Distinct()

    for start in range(0, 200_000, 10_000):
        distinct.add(np.array([str(number % 150_000) for number in range(start, start + 10_000)], dtype=object))

    assert distinct.estimate == pytest.approx(150_000, rel=0.03)
    assert len(distinct._least) == HASHES


def test_a_late_word_in_a_column_of_many_numbers_is_found() -> None:
    numbers = [f"{number / 7:.4f}" for number in range(5_000)]

    made = tally([*numbers, "broken", "broken", *numbers], limit=100)

    assert not made.complete
    assert made.finding.kind == "number"
    assert made.finding.stray == {"broken": 2}


def test_whole_numbers_that_turn_out_to_have_decimals_are_numbers() -> None:
    made = tally([*map(str, range(3_000)), *(f"{number}.5" for number in range(3_000))], limit=100)

    assert made.finding.kind == "number"
    assert not made.finding.stray


def test_the_counts_of_a_sample_are_scaled_to_all_rows() -> None:
    made = tally([str(number) for number in range(20_000)], limit=100, block=200)

    assert made.counts.sum() == pytest.approx(20_000, rel=0.02)
    assert len(made.counts) < 500
