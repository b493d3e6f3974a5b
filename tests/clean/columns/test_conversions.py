"""Units that are converted are of one kind, and a kind's table is one."""

from __future__ import annotations

import pytest

from stages.clean.columns import conversions


@pytest.mark.parametrize(
    ("units", "kind"),
    [
        (["kg", "g"], "mass"), (["KG", "Lbs."], "mass"), (["ft", "in"], "length"), (["h", "min"], "duration"),
        (["months", "years"], "months"), (["months", "days"], None), (["kg", "m"], None), (["$", "€"], None),
        (["mW", "MW"], "power"), (["MIN", "h"], "duration"), (["MIN", "H"], None),
        (["a", "A"], None), (["box", "crate"], None), (["", "k"], "count"),
        (["", "kg"], None), (["", "m"], None), (["km", "M"], None),
    ],
)  # fmt: skip
def test_units_are_of_one_kind_or_of_none(units: list[str], kind: str | None) -> None:
    assert conversions.find_kind(units) == kind


def test_a_unit_is_as_much_as_its_table_says() -> None:
    _, others = conversions.split_units("1234.5 km, mi, m, yd=0.0009144")

    assert {unit: one.factor for unit, one in others.items()} == {"mi": 1.609344, "m": 0.001, "yd": 0.0009144}


def test_no_name_stands_for_two_units_of_a_kind() -> None:
    for kind, units in conversions.KINDS.items():
        names = [name for unit in units for name in unit.split(" ")]
        assert len(names) == len(set(names)), kind
