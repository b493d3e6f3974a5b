"""Files are whole or as they were; JSON has one form and no NaN."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.files import (
    json_text,
    read_json,
    replacing,
    round_floats,
    sha256,
    write_bytes,
    write_json,
    write_together,
)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text(f"half of the ne{1 // 0}")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_makes_its_folder_and_a_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "new/a.txt"

    write_bytes(path, b"x")

    assert path.read_bytes() == b"x"
    assert path.stat().st_mode & 0o777 == 0o644


def test_of_several_files_none_is_replaced_when_one_cannot_be_written(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    write_together({first: b"old", second: b"old"})

    with pytest.raises(TypeError):
        write_together({first: b"new", second: None})  # type: ignore[dict-item]

    assert (first.read_bytes(), second.read_bytes()) == (b"old", b"old")
    assert sorted(tmp_path.iterdir()) == [first, second]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_say_is_refused_and_the_old_file_stays(tmp_path: Path, value: float) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"auc": 0.5})

    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"auc": value})

    assert read_json(path) == {"auc": 0.5}


def test_equal_values_are_equal_text() -> None:
    assert json_text({"b": 1, "a": "ö"}) == json_text({"a": "ö", "b": 1}) == '{\n  "a": "ö",\n  "b": 1\n}\n'


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_twice_is_rounding_once_and_knows_no_minus_zero(number: float) -> None:
    once = round_floats({"a": [number, (number,)]})

    assert round_floats(once) == once
    assert math.copysign(1, round_floats(-0.0)) == 1.0


def test_rounding_leaves_what_is_no_float() -> None:
    assert round_floats({"a": 1, "b": True, "c": None, "d": "0.1234567", "e": 0.1234567}) == {
        "a": 1, "b": True, "c": None, "d": "0.1234567", "e": 0.123457,
    }  # fmt: skip


def test_a_hash_is_the_content_s(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")

    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
