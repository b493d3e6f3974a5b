"""A cell of data/clean.csv is the JSON value that a request holds for it."""

from __future__ import annotations

import pytest

from stages.serve.cells import parse_cell


@pytest.mark.parametrize(
    ("cell", "kind", "expected"),
    [
        ("", "number", None),
        ("1.5", "number", 1.5),
        ("1e-7", "number", 1e-7),
        ("12", "integer", 12),
        ("12.0", "integer", 12),
        ("1e+10", "integer", 10**10),
        ("1.5", "integer", "1.5"),
        ("1e+300", "integer", "1e+300"),
        ("true", "boolean", True),
        ("false", "boolean", False),
        ("yes", "boolean", "yes"),
        ("medium", "ordinal", "medium"),
        ("2013-01-31", "date", "2013-01-31"),
        ("x", "number", "x"),
    ],
)
def test_a_cell_is_its_value_or_is_left_for_others_to_refuse(cell: str, kind: str, expected: object) -> None:
    found = parse_cell(cell, kind)

    assert (found, type(found)) == (expected, type(expected))
