"""The rule without a model that every candidate must beat: the positive rate of rows alike in one or two columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def rates(
    train: pd.DataFrame, labels: npt.NDArray[np.bool_], rows: pd.DataFrame, keys: list[str]
) -> npt.NDArray[np.float64]:
    """For each of `rows`, the positive rate of the train rows with its values of the keys (missing is a value).

    Values that no train row has together get the rate of all train rows, and without keys every row does.
    """
    overall = float(labels.mean())
    if not keys:
        return np.full(len(rows), overall)
    places = list(range(len(keys)))  # in place of names, one of which might be that of the rate
    known = train[keys].set_axis(places, axis=1).assign(rate=labels)
    found = known.groupby(places, dropna=False, sort=True)["rate"].mean().reset_index()
    joined = rows[keys].set_axis(places, axis=1).merge(found, on=places, how="left", sort=False)
    return joined["rate"].fillna(overall).to_numpy(dtype=np.float64)
