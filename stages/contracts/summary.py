"""`metrics/summary.json`: the few numbers by which experiments are compared, the only ones that DVC calls metrics."""

from __future__ import annotations

from pathlib import Path

import msgspec

from stages.contracts.metric_key import MetricKey

PATH = Path("metrics/summary.json")
Scores = dict[MetricKey, float | None]


class Summary(msgspec.Struct, frozen=True, omit_defaults=True):
    """All of the file: what to choose by, and what a choice must not be made by.

    by_validation: of the rows that train chose on; named to come first, as DVC sorts. hold_out: of the rows that no
    choice may see, empty for a trial; or, where folds are asked for, those of cross-validation over all rows.
    """

    by_validation: dict[MetricKey, float]
    hold_out: Scores = {}
    cross_validation: Scores = {}
