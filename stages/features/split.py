"""Which rows train, which validate, which are held out; a row never changes side when others are added."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.core.errors import DataError, ParamsError, did_you_mean
from stages.features.params import Split

PARTS = ("train", "validation", "test")
REMEDY = (
    "Move the borders or shares in params.yaml: features.split, or try another salt there (a number: another draw)."
)


def split_rows(rows: pd.DataFrame, split: Split, key: list[str]) -> npt.NDArray[Any]:
    """`train`, `validation` or `test` for each row (object array). No row's part depends on the rows after it.

    `key` names the columns whose values are hashed: the table's key, or else its inputs; none means all.
    """
    if split.by != "hash" and split.column not in rows:
        raise ParamsError(
            f"params.yaml: features.split.column: data/clean.csv has no column '{split.column}'."
            f"{did_you_mean(split.column, rows.columns)}"
        )
    if split.by == "time":
        return _by_time(rows[split.column], split)
    return _by_hash(rows[[split.column] if split.by == "group" else (key or list(rows.columns))], split)


def check(part: npt.NDArray[Any], target: pd.Series[Any], is_class: bool) -> None:
    """Raise DataError unless each part has rows, and where the target is a class, rows of each class."""
    for name in PARTS:
        found = target[part == name]
        if not len(found):
            raise DataError(f"the {name} part has no rows. {REMEDY}")
        lacking = sorted(set(target.unique()) - set(found.unique())) if is_class else []
        if lacking:
            rows = int((target == lacking[0]).sum())
            raise DataError(
                f"the {name} part has no row of the class '{lacking[0]}', which {rows:,} of {len(target):,} rows have. "
                f"{REMEDY} For a class too rare to be in each part, set clean.rarest_class above {rows:,}."
            )


def _by_time(column: pd.Series[Any], split: Split) -> npt.NDArray[Any]:
    if split.validation_from is None or split.test_from is None:
        raise ParamsError("params.yaml: features.split: a split by time needs validation_from and test_from.")
    if not hasattr(column, "dt"):
        raise ParamsError(f"params.yaml: features.split.column: '{column.name}' holds no dates.")
    when = (column.dt.tz_localize(None) if column.dt.tz is not None else column).to_numpy().astype("datetime64[s]")
    if np.isnat(when).any():
        raise DataError(f"the column {column.name} splits by time but is missing in {np.isnat(when).sum():,} rows.")
    later = when >= np.datetime64(split.validation_from)
    latest = when >= np.datetime64(split.test_from)
    return np.where(latest, "test", np.where(later, "validation", "train")).astype(object)


def _by_hash(columns: pd.DataFrame, split: Split) -> npt.NDArray[Any]:
    codes, distinct = pd.factorize(pd.MultiIndex.from_frame(columns.apply(_spelled)))
    texts = np.array(["\x1f".join(values) for values in distinct], dtype=object)
    if split.by == "hash" and split.repeats == "apart":
        again = pd.Series(codes).groupby(codes).cumcount().to_numpy()
        codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([codes, again]))
        texts = np.array([f"{texts[code]}\x1e{nth}" if nth else texts[code] for code, nth in pairs], dtype=object)
    salted = f"{split.salt}\x1d" if split.salt else ""
    where = np.array([_fraction(salted + text) for text in texts])
    part = np.where(where < split.test, "test", np.where(where < split.test + split.validation, "validation", "train"))
    return part.astype(object)[codes]


def _spelled(column: pd.Series[Any]) -> pd.Series[str]:
    """Each value as text. (pandas spells a date with or without its time depending on the others in the column.)"""
    if hasattr(column, "dt"):
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
    return column.astype("str").fillna("")


def _fraction(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) / 2**56
