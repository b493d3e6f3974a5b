"""Keeps a spreadsheet from taking a cell for a formula: what begins like one gets an apostrophe, unless it is a number.

A file that somebody else made is handed on to be opened; a cell such as `=cmd|…` would be run there (CWE-1236).
"""

from __future__ import annotations

import re

STARTS = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?")


def safe(cell: str) -> str:
    """The cell, harmless."""
    return f"'{cell}" if cell[:1] and cell[0] in STARTS and not NUMBER.fullmatch(cell) else cell
