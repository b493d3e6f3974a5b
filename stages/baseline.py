"""The rule without a model that every candidate must beat: the positive rate of rows alike in one or two columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def rates(train: pd.DataFrame, labels: npt.NDArray[np.bool_], rows: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.float64]:
    """For each of `rows`, the positive rate of the train rows with its values of the keys.

    Values that no train row has together get the rate of all train rows.
    """
    overall = float(labels.mean())
    known = train[keys].assign(rate=labels).groupby(keys, dropna=False, sort=True)["rate"].mean().reset_index()
    joined = rows[keys].merge(known, on=keys, how="left", sort=False)
    return joined["rate"].fillna(overall).to_numpy(dtype=np.float64)
