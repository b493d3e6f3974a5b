"""Which rows train, which validate, which are held out: by a rule that is settled once for a table.

Where rows are split by hash, by group or at fixed dates, none changes side when others are added; where windows move,
a row's part changes only as the table's newest period, or its shares by time, do.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.core.errors import DataError, ParamsError, did_you_mean
from stages.transform.row_key import spell_rows, tell_apart
from stages.transform.split_rule import COUNTED, PERIODS, Split, SplitRule

Days = npt.NDArray[np.datetime64]
PARTS = ("train", "validation", "test")
REMEDY = (
    "Move the borders or shares in params.yaml: features.split, or try another salt there (a number: another draw)."
)


def settle_split(rows: pd.DataFrame, split: Split, key: list[str]) -> SplitRule:
    """Return the rule by which the split asked for splits these rows.

    `key` names the columns whose values are hashed: the table's key, or else its inputs; none means all. Raises
    ParamsError for a column that is not there or holds no dates, DataError where dates are missing.
    """
    if split.by != "hash" and split.column not in rows:
        raise ParamsError(
            f"params.yaml: features.split.column: data/clean.csv has no column '{split.column}'."
            f"{did_you_mean(split.column, rows.columns)}"
        )
    if split.by == "hash":
        return SplitRule(split, key or list(rows.columns))
    if split.by == "group":
        return SplitRule(split)
    days = _read_days(rows[split.column])
    if split.validation_from and split.test_from:
        return SplitRule(split, validation_from=split.validation_from, test_from=split.test_from)
    test_from = _find_start(days, days.max().item(), len(days), split.test)
    before = days[days < np.datetime64(test_from)]
    validation_from = _find_start(before, test_from - datetime.timedelta(days=1), len(days), split.validation)
    return SplitRule(split, validation_from=validation_from, test_from=test_from)


def split_rows(rows: pd.DataFrame, rule: SplitRule) -> npt.NDArray[Any]:
    """Return `train`, `validation` or `test` for each row (object array), by its own values and the rule alone."""
    if rule.split.by != "time":
        return _by_hash(rows[rule.columns], rule.split)
    days = _read_days(rows[rule.split.column])
    later, latest = (days >= np.datetime64(border) for border in (rule.validation_from, rule.test_from))
    return np.where(latest, "test", np.where(later, "validation", "train")).astype(object)


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


def _read_days(column: pd.Series[Any]) -> Days:
    if not hasattr(column, "dt"):
        raise ParamsError(f"params.yaml: features.split.column: '{column.name}' holds no dates.")
    when = (column.dt.tz_localize(None) if column.dt.tz is not None else column).to_numpy().astype("datetime64[D]")
    if np.isnat(when).any():
        raise DataError(f"the column {column.name} splits by time but is missing in {np.isnat(when).sum():,} rows.")
    return when


def _find_start(days: Days, last: datetime.date, rows: int, window: float | str) -> datetime.date:
    """Return the first day of a window: of so many periods, the last day's own the last of them, or the latest from
    which on there is that share of so many rows.
    """
    if isinstance(window, str):
        [(number, unit)] = re.findall(COUNTED, window)
        first, own = (pd.Period(day, PERIODS[unit]) for day in (days.min().item() if len(days) else last, last))
        start: pd.Timestamp = max(first, own - (int(number) - 1)).start_time
        return start.date()
    found, counts = np.unique(days, return_counts=True)
    enough = found[np.cumsum(counts[::-1])[::-1] >= window * rows]
    border: list[datetime.date] = (enough[-1:] if len(enough) else found[:1]).tolist()
    return border[0] if border else last


def _by_hash(columns: pd.DataFrame, split: Split) -> npt.NDArray[Any]:
    codes, texts = spell_rows(columns)
    if split.by == "hash" and split.repeats == "apart":
        codes, texts = tell_apart(codes, texts)
    salted = f"{split.salt}\x1d" if split.salt else ""
    where = np.array([_fraction(salted + text) for text in texts])
    test, validation = float(split.test), float(split.validation)
    part = np.where(where < test, "test", np.where(where < test + validation, "validation", "train"))
    return part.astype(object)[codes]


def _fraction(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) / 2**56
