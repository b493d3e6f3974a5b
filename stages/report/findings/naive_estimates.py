"""What a careless evaluation would claim: rows taken for independent, or dealt out at random over time."""

from __future__ import annotations

import math
from statistics import NormalDist

import msgspec

from stages.contracts.evaluation import (
    AnyEvaluation,
    BinaryEvaluation,
    Bounds,
    MulticlassEvaluation,
    RegressionEvaluation,
)
from stages.report.findings import comparison
from stages.report.findings.estimate import is_cross_validated
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import count, fixed, shown_span
from stages.wording.vocabulary import sentence

WORTH_TELLING = 1.2
"""How many times wider the blocks' interval must be."""


class IndependentRows(msgspec.Struct, frozen=True):
    """The interval of rows taken for independent, and how many times wider the blocks' is."""

    title: str
    text: str
    independent: Bounds
    times: float


class RandomSplitClaim(msgspec.Struct, frozen=True):
    """The score of a split at random, and how many rows it fitted and scored."""

    title: str
    text: str
    fitted: int
    scored: int
    score: float


def naive_estimates(inputs: Inputs) -> list[RandomSplitClaim | IndependentRows]:
    """Return those that claim more than is so."""
    return [found for found in (_random_split(inputs), _independent_rows(inputs)) if found]


def _independent_rows(inputs: Inputs) -> IndependentRows | None:
    """What whole blocks add to the uncertainty; nothing where rows are resampled, or blocks hardly matter."""
    found, key = inputs.evaluation, comparison.task(inputs).primary
    if found.block in ("", "row") or is_cross_validated(inputs):
        return None
    low, high, value = found.interval[key].low, found.interval[key].high, found.candidate[key]
    if low is None or high is None or value is None:
        return None
    half = NormalDist().inv_cdf((1 + comparison.confidence(inputs)) / 2) * _standard_error(found, value)
    naive = (value - half, value + half if found.task == "regression" else min(1.0, value + half))
    times = (high - low) / (naive[1] - naive[0]) if naive[1] > naive[0] else 1.0
    if times < WORTH_TELLING:
        return None
    block, many = found.block.replace("_", " "), inputs.words.many
    form = comparison.form(inputs, key)
    return IndependentRows(
        title=f"Why the interval is {shown_span(low, high, form)}",
        text=(
            f"{sentence(many)} of one {block} have much in common, so {count(found.rows['test'])} of them tell less "
            f"than as many independent ones would. Whole blocks are resampled ({count(found.blocks)} of them). "
            f"Taking {many} for independent would claim {shown_span(*naive, form)}, an interval "
            f"{fixed(times, 1)} times too narrow."
        ),
        independent=Bounds(*naive),
        times=times,
    )


def _random_split(inputs: Inputs) -> RandomSplitClaim | None:
    """What a random split would claim; nothing where it was not tried, or claims no more."""
    found, task = inputs.evaluation.random_split, comparison.task(inputs)
    own, better = inputs.evaluation.candidate[task.primary], comparison.measure(inputs, task.primary).better
    if found is None or own is None or (found.score > own) != (better == "more"):
        return None
    values = [comparison.write_primary(inputs, value) for value in (own, found.score)]
    if values[0] == values[1]:
        return None
    many = inputs.words.many
    return RandomSplitClaim(
        title=f"Why {task.before}{values[0]} and not {values[1]}",
        text=(
            f"The same recipe fitted on {count(found.fitted)} {many} dealt out at random, whatever their date, and "
            f"scored on {count(found.scored)} others claims {values[1]}: it then knows {many} of the same days as "
            "those it is asked about. Nobody has that when predicting: here it is tested on what came after."
        ),
        fitted=found.fitted,
        scored=found.scored,
        score=found.score,
    )


def _standard_error(found: AnyEvaluation, score: float) -> float:
    """The standard error of the primary metric, were the rows independent."""
    rows = found.rows["test"]
    if isinstance(found, BinaryEvaluation):
        return _of_auc(score, found.rate["test"] * rows, (1 - found.rate["test"]) * rows)
    if isinstance(found, MulticlassEvaluation):
        return math.sqrt(score * (1 - score) / max(1, rows))
    return _of_mae(found, score)


def _of_auc(auc: float, positives: float, negatives: float) -> float:
    """The standard error of an AUC from independent rows (Hanley and McNeil, 1982)."""
    if not positives or not negatives:
        return 0.0
    pairs = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (pairs[0] - auc**2) + (negatives - 1) * (pairs[1] - auc**2)
    return math.sqrt(max(0.0, spread) / (positives * negatives))


def _of_mae(found: RegressionEvaluation, mean: float) -> float:
    """The standard error of a mean; the variance of the errors is that of their squares' mean less their mean's."""
    square = found.candidate["rmse"] or 0.0
    return math.sqrt(max(0.0, square**2 - mean**2) / max(1, found.rows["test"]))
