"""The options of adopt in the form they were typed: `POSITIVE=yes` of make, `--positive yes` of Python."""

from __future__ import annotations

import os
import shlex

TYPED = "ADOPT_TYPED"
"""Environment variable that holds `make` where the command was `make adopt`."""


def format_option(name: str, value: str = "") -> str:
    """The option as it was, or can be, typed; with a value ready to be pasted into a shell."""
    by_make = os.environ.get(TYPED) == "make"
    shown = f"{name.upper()}=" if by_make else f"--{name}"
    if not value:
        return shown.removesuffix("=")
    return f"{shown}{'' if by_make else ' '}{shlex.quote(value)}"
