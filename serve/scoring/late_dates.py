"""Which dates are too far after training for what the model makes of them.

The hold-out and all that is served come after the last day of training, so that a later day alone is no news, and of a
weekday, a month or a clock time it says nothing. A year, a day count and an age grow with it. An age (`years_since`) is
strange once it is more than any row of training can have had: another year makes a plane no stranger. A year or a day
count is above training's from the next day on; a warning in every row would tell nothing, so it comes when the model is
used for longer after training than training lasted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from serve.scoring.decode import Row
from stages.contracts.manifest import Input, Manifest

ABSOLUTE_KINDS = ("year", "days")
Exceeds = Callable[[Row], bool]


def find_limits(manifest: Manifest) -> list[tuple[int, str, Exceeds]]:
    """Return for each column of the model that moves on with a date: that input's place, the column, and whether a row
    whose date lies after the last one of training is beyond.
    """
    places = {column.name: place for place, column in enumerate(manifest.inputs)}
    columns = {column.name for column in manifest.features.columns}
    limits = []
    for step in manifest.features.derive:
        place = places.get(step.of[0])
        if step.name not in columns or place is None:
            continue
        date = manifest.inputs[place]
        if step.kind == "years_since" and date.high is not None and step.of[1] in places:
            limits.append((place, step.name, _make_too_old(place, date, places[step.of[1]], manifest)))
        elif step.kind in ABSOLUTE_KINDS and date.high is not None:
            limits.append((place, step.name, _make_too_late(place, date)))
    return limits


def parse_bound(column: Input, bound: Any) -> Any:
    """Return a range's end as the value of a row it is compared with."""
    if column.type == "date":
        return datetime.date.fromisoformat(bound)
    return datetime.datetime.fromisoformat(bound) if column.type == "time" else bound


def _make_too_late(place: int, date: Input) -> Exceeds:
    low, high = parse_bound(date, date.low), parse_bound(date, date.high)
    return lambda row: row[place] - high > high - low


def _make_too_old(place: int, date: Input, start: int, manifest: Manifest) -> Exceeds:
    first = manifest.inputs[start].low
    if first is None:
        return lambda row: False
    oldest = parse_bound(date, date.high).year - float(first)
    return lambda row: row[start] is not None and row[place].year - row[start] > oldest
