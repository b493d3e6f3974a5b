"""What a careless evaluation would claim: rows taken for independent, or dealt out at random over time."""

from __future__ import annotations

import math
from statistics import NormalDist

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.estimate import crossed
from stages.report.findings.inputs import Inputs, Row
from stages.wording.metrics import Metric
from stages.wording.numbers import count, fixed, percent, shown_span
from stages.wording.vocabulary import sentence

WORTH_TELLING = 1.2
"""How many times wider the blocks' interval must be."""


def honesty(inputs: Inputs) -> Row:
    """What whole blocks add to the uncertainty; nothing where rows are resampled, or blocks hardly matter."""
    found, key = inputs.evaluation, comparison.task(inputs).primary
    if found["block"] in ("", "row") or crossed(inputs):
        return {}
    low, high, value = *(found["interval"][key][end] for end in ("low", "high")), found["candidate"][key]
    half = NormalDist().inv_cdf((1 + comparison.confidence(inputs)) / 2) * ERRORS[found["task"]](found)
    naive = (value - half, value + half if found["task"] == "regression" else min(1.0, value + half))
    times = (high - low) / (naive[1] - naive[0]) if naive[1] > naive[0] else 1.0
    if times < WORTH_TELLING:
        return {}
    block, many = found["block"].replace("_", " "), inputs.words.many
    form = comparison.form(inputs, key)
    return {
        "title": f"Why the interval is {shown_span(low, high, form)}",
        "text": (
            f"{sentence(many)} of one {block} have much in common, so {count(found['rows']['test'])} of them tell less "
            f"than as many independent ones would. Whole blocks are resampled ({count(found['blocks'])} of them). "
            f"Taking {many} for independent would claim {shown_span(*naive, form)}, an interval "
            f"{fixed(times, 1)} times too narrow."
        ),
        "independent": {"low": naive[0], "high": naive[1]},
        "times": times,
    }


def random_split(inputs: Inputs) -> Row:
    """What a random split would claim; nothing where it was not tried, or claims no more."""
    found, key = inputs.evaluation.get("random_split"), comparison.task(inputs).primary
    if not found:
        return {}
    own, measure = inputs.evaluation["candidate"][key], comparison.measure(inputs, key)
    if own is None or (found[key] > own) != (measure.better == "more"):
        return {}
    values = [_said(inputs, value, measure) for value in (own, found[key])]
    if values[0] == values[1]:
        return {}
    many, name = inputs.words.many, {"auc": "AUC ", "accuracy": "", "mae": "MAE "}[key]
    return {
        "title": f"Why {name}{values[0]} and not {values[1]}",
        "text": (
            f"The same recipe fitted on {count(found['fitted'])} {many} dealt out at random, whatever their date, and "
            f"scored on {count(found['scored'])} others claims {values[1]}: it then knows {many} of the same days as "
            "those it is asked about. Nobody has that when predicting: here it is tested on what came after."
        ),
        **found,
    }


def _said(inputs: Inputs, value: float, measure: Metric) -> str:
    if measure.kind == "error":
        return amounts(inputs).said(value)
    return percent(value, 1) if measure.kind == "share" else fixed(value, 2)


def _of_auc(found: Row) -> float:
    """The standard error of an AUC from independent rows (Hanley and McNeil, 1982)."""
    auc, rows, rate = found["candidate"]["auc"], found["rows"]["test"], found["rate"]["test"]
    positives, negatives = rate * rows, (1 - rate) * rows
    if not positives or not negatives:
        return 0.0
    pairs = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (pairs[0] - auc**2) + (negatives - 1) * (pairs[1] - auc**2)
    return math.sqrt(max(0.0, spread) / (positives * negatives))


def _of_accuracy(found: Row) -> float:
    """The standard error of a share."""
    share = found["candidate"]["accuracy"]
    return math.sqrt(share * (1 - share) / max(1, found["rows"]["test"]))


def _of_mae(found: Row) -> float:
    """The standard error of a mean; the variance of the errors is that of their squares' mean less their mean's."""
    mean, square = found["candidate"]["mae"], found["candidate"]["rmse"]
    return math.sqrt(max(0.0, square**2 - mean**2) / max(1, found["rows"]["test"]))


ERRORS = {"binary": _of_auc, "multiclass": _of_accuracy, "regression": _of_mae}
"""The standard error of each task's primary measure."""
