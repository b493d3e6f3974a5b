"""The hold-out looked at in parts: slices of it by a column's values, and weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

from stages.scores import Blocks, Floats, Labels, ranking

RAREST = 50
"""Rows of the rarer class a slice must have for its AUC to say anything."""


def slices(rows: pd.DataFrame, columns: list[str], labels: Labels, smallest: int) -> Iterator[tuple[str, str, Labels]]:
    """Each (column, value, mask) with at least `smallest` rows and `RAREST` of each class, the largest first."""
    for column in columns:
        values = _texts(rows[column])
        names, counts = np.unique(values, return_counts=True)
        for name in names[np.argsort(-counts, kind="stable")]:
            mask = values == name
            positives = int(labels[mask].sum())
            if mask.sum() >= smallest and min(positives, mask.sum() - positives) >= RAREST:
                yield column, str(name), mask


def slice_rows(
    found: Iterator[tuple[str, str, Labels]],
    labels: Labels,
    models: Mapping[str, Floats],
    blocks: Blocks,
    tails: tuple[float, float],
) -> list[dict[str, Any]]:
    """One row of slices.csv for each slice; its interval resamples the same blocks as the whole."""
    of_row, weights = blocks
    table = []
    for column, value, mask in found:
        drawn, _ = ranking(labels[mask], models["candidate"][mask], of_row[mask], weights)
        low, high = np.nanquantile(drawn, tails)
        table.append(
            {
                "column": column,
                "value": value,
                "rows": int(mask.sum()),
                "rate": float(labels[mask].mean()),
                "predicted": float(models["candidate"][mask].mean()),
                "low": float(low),
                "high": float(high),
                **{_named(name): auc(labels[mask], scored[mask]) for name, scored in models.items()},
            }
        )
    return table


def weeks(dates: pd.Series[Any], labels: Labels, models: Mapping[str, Floats]) -> list[dict[str, Any]]:
    """One row of weekly.csv for each week (named by its Monday, in UTC) of the rows whose date is known."""
    days = (dates.dt.tz_localize(None) if dates.dt.tz is not None else dates).to_numpy().astype("datetime64[D]")
    monday = (days - ((days.astype(np.int64) + 3) % 7)).astype("datetime64[D]")
    table = []
    for week in np.unique(monday[~np.isnat(monday)]):
        mask = monday == week
        table.append(
            {
                "week": str(week),
                "rows": int(mask.sum()),
                "observed": float(labels[mask].mean()),
                "predicted": float(models["candidate"][mask].mean()),
                **{_named(name): auc(labels[mask], scored[mask]) for name, scored in models.items()},
            }
        )
    return table


def months(dates: pd.Series[Any], part: npt.NDArray[Any], labels: Labels) -> list[dict[str, Any]]:
    """One row of outcome.csv for each month and part of all rows."""
    frame = pd.DataFrame({"period": dates.dt.strftime("%Y-%m"), "split": part, "positive": labels})
    counted = frame.groupby(["period", "split"])["positive"].agg(["size", "mean"]).reset_index()
    table: list[dict[str, Any]] = counted.rename(columns={"size": "rows", "mean": "rate"}).to_dict("records")  # type: ignore[assignment]
    return table


def auc(labels: Labels, probability: Floats) -> float | None:
    """AUC, or None where there is only one class."""
    return float(roc_auc_score(labels, probability)) if labels.any() and not labels.all() else None


def _texts(column: pd.Series[Any]) -> npt.NDArray[Any]:
    """The values as they are read by people: an hour is 10, not 10.0, and what is not known is `missing`."""
    values = column.map("{:.12g}".format) if column.dtype.kind == "f" else column.astype(str)
    return values.where(column.notna(), "missing").to_numpy(dtype=str)


def _named(model: str) -> str:
    return "auc" if model == "candidate" else f"{model}_auc"
