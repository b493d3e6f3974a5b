"""Checkpoints: whole or not there, and equal values are equal bytes."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from stages.model import memo
from stages.train import checkpoint


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_what_is_kept_under_a_key_is_found_under_it_alone() -> None:
    # Given a state kept under one key
    one, other = memo.make_key(b"data", b"code"), memo.make_key(b"data", b"other code")
    checkpoint.save(one, {"rounds": 10})

    # Then it is found there and nowhere else
    assert checkpoint.load(one) == {"rounds": 10}
    assert checkpoint.load(other) is None


def test_a_key_tells_apart_where_one_part_ends_and_the_next_begins() -> None:
    assert memo.make_key(b"ab", b"c") != memo.make_key(b"a", b"bc")


def test_checkpoints_of_other_data_go_when_one_is_kept() -> None:
    # Given a checkpoint of earlier data
    checkpoint.save("old", 1)

    # When one of today's is kept
    checkpoint.save("new", 2)

    # Then there is only that
    assert [path.name for path in memo.FOLDER.iterdir()] == ["new.pkl"]


@pytest.mark.parametrize("damage", ["cut", "emptied", "one bit", "another pickle"])
def test_a_damaged_checkpoint_is_never_unpickled(damage: str, caplog: pytest.LogCaptureFixture) -> None:
    # Given a checkpoint whose file was damaged
    checkpoint.save("key", list(range(100)))
    path = memo.FOLDER / "key.pkl"
    content = path.read_bytes()
    flipped = bytes([content[50] ^ 1])
    path.write_bytes(
        {
            "cut": content[:-1],
            "emptied": b"",
            "one bit": content[:50] + flipped + content[51:],
            "another pickle": content[:32] + b"cos\nsystem\n(S'touch unpickled'\ntR.",
        }[damage]
    )

    # When it is asked for
    with caplog.at_level(logging.WARNING):
        found = checkpoint.load("key")

    # Then there is none, which is said, and nothing in it was executed
    assert found is None
    assert "is damaged and not used" in caplog.text
    assert not Path("unpickled").exists()


def test_equal_values_are_equal_bytes_whichever_strings_are_one_object() -> None:
    # Given two equal values, in one of which the equal strings are two objects
    text = "carrier"
    twin = "".join(list(text))
    assert text is not twin
    numbers = np.arange(5.0)

    # When both are packed
    one, two = (
        checkpoint.pack({"a": [text, text], "n": numbers}),
        checkpoint.pack({"a": [text, twin], "n": numbers}),
    )

    # Then their bytes are equal and read as the same value
    assert one == two
    assert checkpoint.unpack(one)["a"] == [text, text]
    assert checkpoint.unpack(one)["n"].tolist() == numbers.tolist()
