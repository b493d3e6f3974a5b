"""A row's players: which inputs count one by one, and a date taken apart into what acts."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from serve.explain.players import MAX_ALONE, Player, Players
from stages.contracts.manifest import Input
from stages.table.schema import ColumnType
from stages.transform.derivations import Derivation

MONDAY, SUNDAY = datetime.date(2013, 11, 4), datetime.date(2013, 6, 9)
EARLY = datetime.datetime(2013, 1, 2, 5, 30, tzinfo=datetime.UTC)
LATE = datetime.datetime(2013, 8, 9, 22, 15, tzinfo=datetime.UTC)


def players(kinds: list[str], column: ColumnType = "date") -> Players:
    """Of a date, from which features of these kinds are made, and a number."""
    columns = [Input("distance", "number", False), Input("when", column, True)]
    return Players(columns, [Derivation(kind, kind, ["when"]) for kind in kinds], ["when", "distance"])


@pytest.mark.parametrize(
    ("kinds", "parts"),
    [
        (["weekday"], ["weekday"]),
        (["weekday", "day_of_year", "month"], ["season", "weekday"]),
        (["weekday", "hour"], ["weekday", "hour"]),
        (["month", "year", "hour"], ["", "hour"]),
        ([], [""]),
    ],
)
def test_a_date_has_the_parts_that_the_model_reads(kinds: list[str], parts: list[str]) -> None:
    made = players(kinds, "time")
    assert [player.part for player in made.alone if player.places == (1,)] == parts


def test_a_row_put_together_of_its_own_values_is_the_row() -> None:
    made = players(["month", "weekday", "hour"], "time")
    for row in [(12.5, EARLY), (12.5, None)]:
        assert made.put_together(made.take_apart(row), (0.0, LATE)) == row


@pytest.mark.parametrize(
    ("kinds", "column", "first", "others", "joined"),
    [
        # the Sunday nearest to Monday 4 November; the Monday nearest to Sunday 9 June
        (["month", "weekday"], "date", MONDAY, [SUNDAY], datetime.date(2013, 11, 3)),
        (["month", "weekday"], "date", SUNDAY, [MONDAY], datetime.date(2013, 6, 10)),
        # Wednesday 2 January 5:30, on a Friday (two days on), at 22:15
        (["year", "weekday", "hour"], "time", EARLY, [LATE, LATE], EARLY.replace(day=4, hour=22, minute=15)),
        (["year", "weekday", "hour"], "time", EARLY, [EARLY, LATE], EARLY.replace(hour=22, minute=15)),
        # what is missing lends nothing, and is not made up
        (["month", "weekday"], "date", None, [MONDAY], None),
        (["month", "weekday"], "date", MONDAY, [None], MONDAY),
        # the calendar has ends
        (["month", "weekday"], "date", datetime.date.max, [SUNDAY], datetime.date.max),
    ],
)  # fmt: skip
def test_parts_of_several_dates_make_the_nearest_date(
    kinds: list[str], column: ColumnType, first: Any, others: list[Any], joined: Any
) -> None:
    made = players(kinds, column)
    assert made.put_together(((first,), *((other,) for other in others), (7.0,)), (0.0, None)) == (7.0, joined)


def test_of_very_many_inputs_the_most_important_ones_are_alone_and_the_others_move_together() -> None:
    # given inputs in another order than their importance
    names = [f"input {number}" for number in range(MAX_ALONE + 30)]
    columns = [Input(name, "number", False) for name in reversed(names)]
    # when
    made = Players(columns, [], names)
    # then
    assert len(made) == MAX_ALONE + 1
    assert [columns[player.places[0]].name for player in made.alone] == names[:MAX_ALONE]
    ones, zeros = (made.take_apart((float(value),) * len(names)) for value in (1, 0))
    row = made.put_together((*zeros[:-1], ones[-1]), (0.0,) * len(names))
    assert {columns[place].name for place, value in enumerate(row) if value} == set(names[MAX_ALONE:])


def test_an_input_that_the_model_does_not_take_is_none() -> None:
    made = Players([Input("a", "number", False)], [], ["a", "gone"])
    assert made.alone == [Player((0,), "")]
