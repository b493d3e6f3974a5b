"""The scored rows looked at in parts: slices by a column's values, weeks, groups by what is predicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.evaluate.bootstrap import (
    Blocks,
    Floats,
    Labels,
    count_blocks,
    draw_means,
    group_equal_rows,
    take_part,
    unit_weights,
)
from stages.evaluate.intervals import Tails, interval_bounds, widen_bounds
from stages.evaluate.task import Task, Truth

RAREST = 50
"""Rows of the rarer of two classes a slice must have for its AUC to say anything."""
DISTINCT = 12
"""Values of a number that are slices of their own; one with more is cut into quarters."""
BARS = 20
"""Bars of the histogram."""
Row = dict[str, Any]


def list_slices(
    rows: pd.DataFrame, columns: list[str], smallest: int, labels: Labels | None = None
) -> Iterator[tuple[str, str, Labels]]:
    """Yield each (column, value, mask) with at least `smallest` rows; and with `RAREST` of each class where there are
    two (`labels`). The largest come first; of a number in rising order.
    """
    for column in columns:
        values, names = name_values(rows[column])
        for name in names:
            mask = values == name
            rarer = _rarer(labels[mask]) if labels is not None else RAREST
            if mask.sum() >= smallest and rarer >= RAREST:
                yield column, str(name), mask


def score_slices(
    found: Iterator[tuple[str, str, Labels]],
    task: Task,
    y_true: Truth,
    models: Mapping[str, Floats],
    blocks: Blocks,
    tails: Tails,
    repeats: int = 1,
    wider: float = 1.0,
) -> list[Row]:
    """Return one row of slices.csv for each slice. Its intervals resample the same blocks as the whole's.

    wider: how many times wider than the draws say they are.

    The masks are of rows each of which was scored `repeats` times, one whole table after the other.
    """
    table = []
    for column, value, rows in found:
        mask = np.tile(rows, repeats)
        here = {name: predictions[mask] for name, predictions in models.items()}
        part = take_part(blocks, mask)
        trials = task.count_trials(y_true[mask], here["candidate"], part).get(task.primary, 0)
        scores = _scores(task, y_true[mask], here, part)
        drawn = interval_bounds(task.score_primary(y_true[mask], here["candidate"], part), tails, trials)
        low, high = widen_bounds(scores[task.primary], *drawn, wider, is_share=trials > 0)
        table.append(
            {
                "column": column,
                "value": value,
                "rows": int(rows.sum()),
                **_level(task, y_true[mask], here["candidate"]),
                **_gap(task, y_true[mask], here["candidate"], part, tails, wider),
                **_held(task, y_true[mask], here["candidate"], part, tails, wider),
                "low": low,
                "high": high,
                **scores,
            }
        )
    return table


def name_columns(task: Task, models: Mapping[str, Floats]) -> list[str]:
    """Return the columns of slices.csv, also where no slice is large enough."""
    level = [task.level, "predicted", "gap", "gap_low", "gap_high"]
    return ["column", "value", "rows", *level, "low", "high", *(_named(task, name) for name in models)]


def score_weeks(
    dates: pd.Series[Any],
    task: Task,
    y_true: Truth,
    models: Mapping[str, Floats],
    blocks: Blocks,
    tails: Tails,
    repeats: int = 1,
) -> list[Row]:
    """Return one row of weekly.csv for each week (named by its Monday, in UTC) of the rows whose date is known."""
    days = (dates.dt.tz_localize(None) if dates.dt.tz is not None else dates).to_numpy().astype("datetime64[D]")
    monday = (days - ((days.astype(np.int64) + 3) % 7)).astype("datetime64[D]")
    table = []
    for week in np.unique(monday[~np.isnat(monday)]):
        mask = np.tile(monday == week, repeats)
        here = {name: predictions[mask] for name, predictions in models.items()}
        table.append(
            {
                "week": str(week),
                "rows": int((monday == week).sum()),
                "observed": float(task.observe(y_true[mask]).mean()),
                "predicted": float(task.expect(here["candidate"]).mean()),
                **_gap(task, y_true[mask], here["candidate"], take_part(blocks, mask), tails),
                **_scores(task, y_true[mask], here, take_part(blocks, mask)),
            }
        )
    return table


def count_months(dates: pd.Series[Any], parts: npt.NDArray[Any], observed: Floats) -> list[Row]:
    """Return one row of outcome.csv for each month and part of all rows: the mean of what came."""
    frame = pd.DataFrame({"period": dates.dt.strftime("%Y-%m"), "split": parts, "observed": observed})
    counted = frame.groupby(["period", "split"])["observed"].agg(["size", "mean"]).reset_index()
    table: list[Row] = counted.rename(columns={"size": "rows", "mean": "rate"}).to_dict("records")  # type: ignore[assignment]
    return table


def tabulate_calibration(
    observed: Floats, predicted: Floats, blocks: Blocks, tails: Tails, number: int = 10
) -> list[Row]:
    """Return the mean prediction and the observed rate in groups of rising prediction; the interval is the rate's.

    `observed` is 1 for a row where what was predicted with that probability came, or where a number lies in the
    interval around what was predicted, else 0.
    """
    group = group_equal_rows(predicted, number)
    table = []
    for place in np.unique(group):
        mask = group == place
        part = take_part(blocks, mask)
        low, high = interval_bounds(draw_means(observed[mask], part), tails, count_blocks(part))
        table.append(
            {
                "group": int(place) + 1,
                "predicted": float(predicted[mask].mean()),
                "observed": float(observed[mask].mean()),
                "low": low,
                "high": high,
                "rows": int(mask.sum()),
            }
        )
    return table


def _level(task: Task, y_true: Truth, candidate: Floats) -> Row:
    """What came and what was predicted, on average."""
    return {task.level: float(task.observe(y_true).mean()), "predicted": float(task.expect(candidate).mean())}


def _gap(task: Task, y_true: Truth, candidate: Floats, blocks: Blocks, tails: Tails, wider: float = 1.0) -> Row:
    """How much more was predicted than came, on average, with its interval."""
    off = task.expect(candidate) - task.observe(y_true)
    low, high = widen_bounds(float(off.mean()), *interval_bounds(draw_means(off, blocks), tails), wider)
    return {"gap": float(off.mean()), "gap_low": low, "gap_high": high}


def _held(task: Task, y_true: Truth, candidate: Floats, blocks: Blocks, tails: Tails, wider: float) -> Row:
    """The share of rows inside their intervals, of a task that has some, with its own interval."""
    inside = task.lie_inside(y_true, candidate)
    if inside is None:
        return {}
    drawn = interval_bounds(draw_means(inside, blocks), tails, count_blocks(blocks))
    low, high = widen_bounds(float(inside.mean()), *drawn, wider, is_share=True)
    return {"held": float(inside.mean()), "held_low": low, "held_high": high}


def _scores(task: Task, y_true: Truth, models: Mapping[str, Floats], blocks: Blocks) -> dict[str, float | None]:
    """Each model's primary metric on these rows, None where it is not defined."""
    found = {
        name: float(task.score_primary(y_true, predictions, unit_weights(blocks))[0])
        for name, predictions in models.items()
    }
    return {_named(task, name): value if np.isfinite(value) else None for name, value in found.items()}


def _named(task: Task, model: str) -> str:
    return task.primary if model == "candidate" else f"{model}_{task.primary}"


def _rarer(labels: Labels) -> int:
    positives = int(labels.sum())
    return min(positives, len(labels) - positives)


def tabulate_histogram(predicted: Floats) -> list[Row]:
    """Return the rows in bars of equal width over the probabilities there are."""
    top = float(np.ceil(predicted.max() * BARS) / BARS) if len(predicted) and predicted.max() > 0 else 1.0
    low = float(np.floor(predicted.min() * BARS) / BARS) if len(predicted) else 0.0
    counts, edges = np.histogram(predicted, bins=BARS, range=(low, top) if top > low else (0.0, 1.0))
    return [
        {"low": float(edges[place]), "high": float(edges[place + 1]), "rows": int(rows)}
        for place, rows in enumerate(counts)
    ]


def name_values(column: pd.Series[Any]) -> tuple[npt.NDArray[Any], list[str]]:
    """Return each row's value as people read it, a number of many by its quarters, and the values in the order they are
    shown.
    """
    if column.dtype.kind == "f" and column.nunique() > DISTINCT:
        return _quarters(column)
    values = _texts(column)
    names, counts = np.unique(values, return_counts=True)
    if column.dtype.kind != "f":
        return values, names[np.argsort(-counts, kind="stable")].tolist()
    numbers = [f"{value:.12g}" for value in np.unique(column.dropna())]
    return values, [*numbers, *(["missing"] if column.isna().any() else [])]


def _quarters(column: pd.Series[Any]) -> tuple[npt.NDArray[Any], list[str]]:
    """A number's values by its quartiles: `below 5`, `5 to 9.9` (the next one's beginning left out), `from 10`."""
    known = column.dropna()
    edges = np.unique(np.quantile(known, [0.25, 0.5, 0.75], method="inverted_cdf"))
    edges = edges[edges > known.min()]
    if not len(edges):  # three rows in four have the least value
        edges = np.unique(known[known > known.min()])[:1]
    bounds = [f"{edge:.4g}" for edge in edges]
    between = [f"{low} to below {high}" for low, high in pairwise(bounds)]
    names = np.array([f"below {bounds[0]}", *between, f"{bounds[-1]} or more", "missing"], dtype=object)
    place = np.where(column.isna(), len(names) - 1, np.searchsorted(edges, column.fillna(0), side="right"))
    return names[place], names[np.unique(place)].tolist()


def _texts(column: pd.Series[Any]) -> npt.NDArray[Any]:
    """The values as they are read by people: an hour is 10, not 10.0, and what is not known is `missing`."""
    values = column.map("{:.12g}".format) if column.dtype.kind == "f" else column.astype(str)
    return values.where(column.notna(), "missing").to_numpy(dtype=str)
