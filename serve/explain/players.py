"""What may count as a reason: each important input, a date's parts one by one, and all other inputs together.

A date says nothing to a person; its weekday, its season or the hour does. So a date is taken apart into what the model
reads of it, and put together again of parts of two dates: the day nearest to one that is the other's weekday.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from serve.explain.shapley import Values
from serve.scoring.decode import Row
from stages.contracts.explanation import DATE, Part
from stages.contracts.manifest import Input
from stages.transform.derivations import Derivation

MAX_ALONE = 20
"""Inputs that are looked at one by one, the most important ones. What the others move is told as one."""
PARTS: dict[str, Part] = {"weekday": "weekday", "hour": "hour", "month": "season", "day_of_year": "season"}
"""The part of a date that each kind of derivation reads; the others read the date itself."""


class Player(NamedTuple):
    """An input and the part of it, or all inputs that are not looked at one by one."""

    places: tuple[int, ...]
    part: Part


class Players:
    """Takes rows apart into players' values and puts them together; `names` are inputs, the most important first."""

    def __init__(self, columns: Sequence[Input], derive: Sequence[Derivation], names: Sequence[str]) -> None:
        places = {column.name: place for place, column in enumerate(columns)}
        dates = {place for place, column in enumerate(columns) if column.type in ("date", "time")}
        known = [name for name in names if name in places]
        self.alone = [
            Player((places[name],), part)
            for name in known[:MAX_ALONE]
            for part in (_parts(name, derive) if places[name] in dates else [DATE])
        ]
        together = tuple(places[name] for name in known[MAX_ALONE:])
        self._players = [*self.alone, *([Player(together, DATE)] if together else [])]
        self._dates: dict[int, list[tuple[int, Part]]] = {}
        for index, (player_places, part) in enumerate(self.alone):
            if player_places[0] in dates:
                self._dates.setdefault(player_places[0], []).append((index, part))

    def __len__(self) -> int:
        return len(self._players)

    def take_apart(self, row: Row) -> Values:
        """Return each player's values: of a part its whole date."""
        return tuple(tuple(row[place] for place in player.places) for player in self._players)

    def put_together(self, values: Values, row: Row) -> Row:
        """Return `row` with the players' values in place of its own."""
        made = list(row)
        for player, given in zip(self._players, values, strict=True):
            for place, value in zip(player.places, given, strict=True):
                made[place] = value
        for place, parts in self._dates.items():
            if len(parts) > 1:
                made[place] = _join_dates({part: values[index][0] for index, part in parts})
        return tuple(made)


def _parts(name: str, derive: Sequence[Derivation]) -> list[Part]:
    """Return the parts of a date that the model reads, the date itself or its season first."""
    read = {PARTS.get(step.kind, DATE) for step in derive if name in step.of} or {DATE}
    if DATE in read:  # it holds the season
        read -= {"season"}
    order: list[Part] = [DATE, "season", "weekday", "hour"]
    return [part for part in order if part in read]


def _join_dates(parts: Mapping[Part, Any]) -> Any:
    """Return the date that has each part of the date given for it. A missing one lends nothing."""
    made, *others = parts.items()
    date = made[1]
    for part, other in others:
        if date is not None and other is not None:
            date = CHANGES[part](date, other)
    return date


def _with_weekday(date: Any, other: datetime.date) -> Any:
    """Return the day nearest to `date` that is the other's weekday."""
    days = (other.weekday() - date.weekday() + 3) % 7 - 3
    try:
        return date + datetime.timedelta(days)
    except OverflowError:  # at the ends of the calendar
        return date


def _with_hour(time: datetime.datetime, other: datetime.datetime) -> datetime.datetime:
    return datetime.datetime.combine(time.date(), other.timetz())


CHANGES: dict[Part, Callable[[Any, Any], Any]] = {"weekday": _with_weekday, "hour": _with_hour}
