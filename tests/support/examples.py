"""How much is tried of a kind: a little while one works, all of it in `make test-all` and CI."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

ALL = os.environ.get("TESTS") == "all"


def examples(count: int, **options: Any) -> settings:
    """Settings for so many examples at most."""
    return settings(max_examples=count if ALL else min(count, 20), **options)


def shortly(values: Iterable[Any], *short: Any) -> list[Any]:
    """The values to try a test with, of which `make test` takes the short ones only."""
    return [value if value in short else pytest.param(value, marks=pytest.mark.slow) for value in values]
