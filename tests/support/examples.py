"""How many examples hypothesis makes: few while one works, all in `make test-all` and CI."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import settings

ALL = os.environ.get("TESTS") == "all"


def examples(count: int, **options: Any) -> settings:
    """Settings for so many examples at most."""
    return settings(max_examples=count if ALL else min(count, 20), **options)
