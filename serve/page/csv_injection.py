"""Keeps a spreadsheet from taking a cell for a formula: what begins like one gets an apostrophe, unless it is a number.

A file that somebody else made is handed on to be opened; a cell such as `=cmd|…` would be run there (CWE-1236).
"""

from __future__ import annotations

import re

FORMULA_STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"
CONTROL_STARTS = "\t\r\n"
NUMBER = re.compile(r"[+-]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?%?")


def neutralize(cell: str) -> str:
    """Return the cell, harmless. Blanks before a formula are no hindrance to a spreadsheet, so they are looked past."""
    bare = cell.strip()
    is_formula = bare[:1] and bare[0] in FORMULA_STARTS and not NUMBER.fullmatch(bare)
    return f"'{cell}" if is_formula or (cell[:1] and cell[0] in CONTROL_STARTS) else cell
