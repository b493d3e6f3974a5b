"""Section 3 of two classes: ranking, calibration, and what becomes of a thousand rows at the threshold."""

from __future__ import annotations

import msgspec

from stages.report.findings import calibration, comparison
from stages.report.findings.accuracy import Accuracy, metrics_table, table_note, table_title, title
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.estimate import during, is_cross_validated
from stages.report.findings.inputs import Inputs
from stages.report.findings.naive_estimates import naive_estimates
from stages.report.findings.plots import Bin, CalibrationGroup, ModelName
from stages.wording.metrics import PER
from stages.wording.numbers import fixed

CLOSE = 0.005
"""A mean probability within half a point of the outcome is called right."""


class ModelCurve(msgspec.Struct, frozen=True):
    """A model's name and values beside its two curves."""

    model: ModelName
    auc: float | None
    average_precision: float | None


class Threshold(msgspec.Struct, frozen=True):
    """The threshold as a point on the two curves."""

    false_alarm_share: float
    recall: float | None
    precision: float | None


class BinaryAccuracy(Accuracy, frozen=True, kw_only=True):
    """What section 3 shows of two classes; `rate` is the positive rate of the rows the scores come from."""

    curves: list[ModelCurve]
    rate: float
    threshold: float
    rule: Threshold
    calibration: list[CalibrationGroup]
    calibration_title: str
    gap: float
    histogram: list[Bin]


def accuracy(inputs: Inputs) -> BinaryAccuracy:
    """Return what section 3 shows."""
    return BinaryAccuracy(
        title=title(inputs),
        lead=_lead(inputs),
        measures=metrics_table(inputs),
        measures_title=table_title(inputs),
        measures_note=table_note(inputs),
        honesty=naive_estimates(inputs),
        baseline=comparison.baseline(inputs),
        group_confidence=inputs.evaluation.slice_confidence,
        curves=[
            ModelCurve(model, auc, comparison.score(inputs, model, "average_precision"))
            for model in SPOKEN
            if (auc := comparison.score(inputs, model, "auc")) is not None
        ],
        rate=_rate(inputs),
        threshold=inputs.binary.threshold,
        rule=_threshold(inputs),
        calibration=inputs.plots.calibration,
        calibration_title=calibration.title(
            inputs, f"In no group is the {inputs.words.speech.risk} off by more than chance", inputs.words.speech.risk
        ),
        gap=calibration.gap(inputs),
        histogram=inputs.plots.histogram,
    )


def _lead(inputs: Inputs) -> str:
    """Ranking in words, and the level of the probabilities."""
    words, against, gap = inputs.words, comparison.reference(inputs), calibration.gap(inputs)
    right = [value or 0.0 for value in comparison.scores_on_same_rows(inputs, against, "auc")]
    literal = (
        "Its mean probability matches what happened."
        if abs(gap) <= CLOSE
        else f"{during(inputs)} its probabilities are {fixed(abs(gap) * PER / 10, 1)} points too "
        f"{'low' if gap < 0 else 'high'} on average."
    )
    return (
        f"Of two {words.many}, one {words.positive} and one not, the candidate gives the first the higher "
        f"{words.speech.risk} {fixed(right[0] * 100, 1)} times in 100; "
        f"{SPOKEN[against]} {fixed(right[1] * 100, 1)} times. {literal}"
    )


def _rate(inputs: Inputs) -> float:
    rates, rows = inputs.binary.rate, inputs.binary.rows
    if not is_cross_validated(inputs):
        return rates["test"]
    return sum(rates[split] * rows[split] for split in rows) / max(1, sum(rows.values()))


def _threshold(inputs: Inputs) -> Threshold:
    cells = inputs.binary.confusion
    negatives = cells.fp + cells.tn
    return Threshold(
        cells.fp / negatives if negatives else 0.0,
        comparison.score(inputs, "candidate", "recall"),
        comparison.score(inputs, "candidate", "precision"),
    )
