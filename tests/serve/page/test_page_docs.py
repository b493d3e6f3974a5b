"""docs/page.md shows each state, and the pictures are those that `python -m bench.screenshots` takes."""

from __future__ import annotations

import re

from server import ROOT

from bench.screenshots import OTHERS, PICTURES
from serve.page import batch


def test_every_picture_is_shown_and_small() -> None:
    text = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    shown = re.findall(r"\]\(page/([\w-]+)\.png\)", text)
    files = {path.stem: path for path in (ROOT / "docs" / "page").glob("*.png")}
    assert sorted(shown) == sorted([*PICTURES, *OTHERS]) == sorted(files)
    assert all(path.stat().st_size < 100_000 for path in files.values())


def test_the_limits_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    assert f"{batch.MAX_ROWS:,} rows, {batch.MAX_COLUMNS:,} columns or {batch.MAX_BYTES // 1024**2} MB" in text
    assert batch.TIMEOUT_S == 60.0  # "within a minute"
