"""What is kept from run to run is found under its own key alone, and never where it was damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from stages.model import memo


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / memo.FOLDER


def keep(key: str, value: float) -> float:
    return memo.recall("score", key, float, lambda: value)


def test_a_value_is_made_once_for_each_key() -> None:
    assert [keep("a", 0.1), keep("a", 0.2)] == [0.1, 0.1]
    assert keep("b", 0.3) == 0.3


def test_only_the_last_one_of_a_name_is_kept(folder: Path) -> None:
    keep("a", 0.1)
    memo.recall("curve", "a", list[float], lambda: [0.5])
    keep("b", 0.2)
    assert sorted(path.name for path in folder.iterdir()) == ["curve-a.kept", "score-b.kept"]


@pytest.mark.parametrize("cut", [1, 9, 40])
def test_what_was_damaged_is_made_anew(folder: Path, cut: int) -> None:
    keep("a", 0.1)
    path = folder / "score-a.kept"
    path.write_bytes(path.read_bytes()[:-cut])
    assert keep("a", 0.2) == 0.2


def test_nothing_is_a_value() -> None:
    made = []
    for _ in range(2):
        assert memo.recall("split", "a", float | None, lambda: made.append(1)) is None
    assert made == [1]


def test_a_key_tells_the_code_apart() -> None:
    assert memo.read_code("core") != memo.read_code("core", "train")
