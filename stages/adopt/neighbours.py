"""Whether rows near each other in time are alike beyond what their columns say: then they may not be split at random.

A model that has seen the hour before and the hour after knows much of the hour between. Nobody has the hour after when
predicting, so that a split at random would claim what no use of the model can keep.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import KFold, cross_val_predict

from stages.adopt import evidence
from stages.adopt.leakage import encode_numbers
from stages.adopt.options import format_option
from stages.adopt.profile import Profile
from stages.adopt.proposal import MOMENTS, SHARE_BY_TIME, Proposal
from stages.transform.derivations import Derivation, derive

Floats = npt.NDArray[np.float64]
ROWS, FEWEST = 5_000, 300
"""Rows looked at, which lie next to each other in the file; and fewest that say something."""
ALIKE, CLEARLY = 0.15, 4.0
"""Correlation of neighbours' errors from which they are alike, and in standard errors of none."""
WORSE = 1.1
"""How many times larger the squared error on the latest rows is, learnt from earlier ones, than where it is dealt at
random.
"""


def find_clock(profile: Profile, proposal: Proposal) -> tuple[str, str] | None:
    """Return the column of dates or times that the rows must be split by, and why; None where there is none.

    A model is tried on rows dealt at random and on the latest ones. Rows must be split where its errors on a row tell
    those on the next one, and it is clearly worse on what is to come.
    """
    profile = evidence.weigh_target(profile, proposal.target.name)
    for clock in (one for one in proposal.decisions if one.role == "input" and one.finding.kind in MOMENTS):
        moments = encode_numbers(profile.sample[clock.name], clock.finding)
        if found := _judge(profile, proposal, moments, _parts(moments, clock.finding.kind)):
            alike, worse = found
            return clock.name, (
                f"neighbours in time are alike (a row's error tells the next one's, correlation "
                f"{alike:.2f}), and on what is to come the squared error is {worse:.1f} times that of rows dealt at "
                "random"
            )
    return None


def doubt_order(profile: Profile, proposal: Proposal) -> str:
    """Return what is doubted of rows that are alike where they stand next to each other in the file, of a table that
    tells no time to split by; nothing where they are not.
    """
    if any(one.role == "input" and one.finding.kind in MOMENTS for one in proposal.decisions):
        return ""
    profile = evidence.weigh_target(profile, proposal.target.name)
    found = _judge(profile, proposal, np.arange(len(profile.sample), dtype=np.float64), [])
    if not found:
        return ""
    alike, worse = found
    return (
        f"rows next to each other in the file are alike beyond what their columns say (a row's error tells the next "
        f"one's, correlation {alike:.2f}), and on the last rows the squared error is {worse:.1f} times that of rows "
        "dealt at random. If they are in order of time, or of what they belong to, expect less of rows to come, and "
        f"give them a column of it for {format_option('time')} or {format_option('group')}"
    )


def _judge(profile: Profile, proposal: Proposal, moments: Floats, parts: list[Floats]) -> tuple[float, float] | None:
    """Return how alike neighbours' errors are in the order of `moments`, and how many times larger the error is on the
    last of them; None where rows may be dealt at random, or nothing can be said.
    """
    inputs = [one for one in proposal.decisions if one.role == "input"]
    target = evidence.encode_target(profile.sample[proposal.target.name], proposal.target)
    whole = np.flatnonzero(~np.isnan(moments) & ~np.isnan(target.sum(axis=1)))
    known = whole[:ROWS]
    if len(known) < FEWEST or len(np.unique(moments[known])) < FEWEST / 10:
        return None
    if not _is_in_each_part(target[whole[np.argsort(moments[whole], kind="stable")]], proposal.target.task):
        return None
    order = known[np.argsort(moments[known], kind="stable")]
    columns = [encode_numbers(profile.sample[one.name], one.finding) for one in inputs]
    matrix = np.column_stack([*columns, *parts])[order]
    y_true = _rank(target[order, target[order].var(axis=0).argmax()])
    alike, worse = _try_both(matrix, y_true)
    return (alike, worse) if alike > max(ALIKE, CLEARLY / len(order) ** 0.5) and worse > WORSE else None


def _is_in_each_part(target: Floats, task: str) -> bool:
    """Whether each class, of rows in time's order, is in each part of a split by time."""
    cuts = [int(share * len(target)) for share in (1 - 2 * SHARE_BY_TIME, 1 - SHARE_BY_TIME)]
    return task == "regression" or all(part.any(axis=0).all() for part in np.split(target, cuts))


def _parts(moments: Floats, kind: str) -> list[Floats]:
    """What features makes of a date or time."""
    values = np.where(np.isnan(moments), np.iinfo(np.int64).min, moments).astype(np.int64).astype("datetime64[s]")
    made: Any = [derive({"at": values}, [Derivation(part, part, ["at"])])[part] for part in MOMENTS[kind]]
    return [np.asarray(part, dtype=np.float64) for part in made]


def _rank(values: Floats) -> Floats:
    """The values' places among them, from 0 to 1: one far out would hide all others."""
    places: Floats = np.unique(values, return_inverse=True)[1].astype(np.float64)
    return np.divide(places, max(1.0, float(places.max())))


def _try_both(matrix: Floats, y_true: Floats) -> tuple[float, float]:
    """The correlation of neighbours' errors on rows dealt at random, in time's order, and how many times larger the
    squared error of the last fifth is when the others are learnt from.
    """
    model = HistGradientBoostingRegressor(max_iter=60, random_state=7)
    error = y_true - cross_val_predict(model, matrix, y_true, cv=KFold(5, shuffle=True, random_state=7))
    if error.std() < 1e-9:
        return 0.0, 1.0
    cut = len(y_true) * 4 // 5
    later = y_true[cut:] - model.fit(matrix[:cut], y_true[:cut]).predict(matrix[cut:])
    return float(np.corrcoef(error[:-1], error[1:])[0, 1]), float(
        (later**2).mean() / max((error[cut:] ** 2).mean(), 1e-12)
    )
