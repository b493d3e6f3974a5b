"""A cell of a clean table as the JSON value a request holds for it: one reading for stage and service."""

from __future__ import annotations

import math
import re


def parse_cell(cell: str, kind: str) -> str | int | float | bool | None:
    """The cell of a column of this type (`data/schema.json`); None where it is empty: missing.

    A text that is no value of the type is given back as it is, for whoever checks types to refuse it.
    """
    if cell == "":
        return None
    if kind == "number" and _NUMBER.fullmatch(cell) and math.isfinite(float(cell)):
        return float(cell)
    if kind == "integer" and _INTEGER.fullmatch(cell):
        return int(cell.partition(".")[0])
    if kind == "integer" and _NUMBER.fullmatch(cell) and abs(float(cell)) <= EXACT and float(cell).is_integer():
        return int(float(cell))  # as a program that knows but float64 writes large integers: 1e+10
    if kind == "boolean":
        return {"true": True, "false": False}.get(cell, cell)
    return cell


EXACT = 2**53
"""Up to here float64 holds every integer."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
