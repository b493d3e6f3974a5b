"""A row's key is its own, in any table that holds it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from stages.transform.row_key import DIGITS, name_rows

ROWS = pd.DataFrame(
    {
        "id": [1.0, 2.0, 3.0, 4.0],
        "day": np.array(["2013-01-01", "2013-01-01", "NaT", "2013-01-02T05:00"], dtype="datetime64[s]"),
        "kind": pd.array(["a", "b", None, "a"], dtype="str"),
    }
)


def test_it_depends_on_the_key_alone_and_not_on_the_other_rows() -> None:
    names = name_rows(ROWS, ["id", "day"], ["kind"])

    assert len(set(names)) == len(ROWS)
    assert {len(name) for name in names} == {DIGITS}
    assert name_rows(ROWS.iloc[[2, 0]].assign(kind="z"), ["id", "day"], ["kind"]).tolist() == [names[2], names[0]]


def test_without_a_key_equal_rows_are_told_apart_by_their_order() -> None:
    rows = pd.concat([ROWS, ROWS]).reset_index(drop=True)

    names = name_rows(rows, [], ["kind", "day"])

    assert len(set(names)) == len(rows)
    assert names[: len(ROWS)].tolist() == name_rows(ROWS, [], ["kind", "day"]).tolist()
