"""Page 3 of two classes: ranking, calibration, and what becomes of a thousand rows at the threshold."""

from __future__ import annotations

from stages.report.findings import calibration, comparison
from stages.report.findings.comparison import SPOKEN
from stages.report.findings.estimate import crossed, during
from stages.report.findings.inputs import Inputs, Row
from stages.wording.metrics import PER
from stages.wording.numbers import fixed

CLOSE = 0.005
"""A mean probability within half a point of the outcome is called right."""


def lead(inputs: Inputs) -> str:
    """Ranking in words, and the level of the probabilities."""
    words, against, gap = inputs.words, comparison.reference(inputs), calibration.gap(inputs)
    right = [value or 0.0 for value in comparison.alike(inputs, against, "auc")]
    literal = (
        "Its mean probability matches what happened."
        if abs(gap) <= CLOSE
        else f"{during(inputs)} its probabilities are {fixed(abs(gap) * PER / 10, 1)} points too "
        f"{'low' if gap < 0 else 'high'} on average."
    )
    return (
        f"Of two {words.many}, one {words.positive} and one not, the candidate gives the first the higher risk "
        f"{fixed(right[0] * 100, 0)} times in 100; {SPOKEN[against]} {fixed(right[1] * 100, 0)} times. {literal}"
    )


def findings(inputs: Inputs) -> Row:
    """What the figures show."""
    groups = inputs.plots["calibration"]
    return {
        "curves": [
            {"model": model, **{key: comparison.score(inputs, model, key) for key in ("auc", "average_precision")}}
            for model in SPOKEN
            if comparison.score(inputs, model, "auc") is not None
        ],
        "rate": _rate(inputs),
        "threshold": inputs.evaluation["threshold"],
        "rule": _rule(inputs),
        "calibration": groups,
        "calibration_title": calibration.title(inputs, "In no group is the risk off by more than chance", "risk"),
        "gap": calibration.gap(inputs),
        "histogram": inputs.plots["histogram"],
    }


def _rate(inputs: Inputs) -> float:
    """The positive rate of the rows the scores come from."""
    rates, rows = inputs.evaluation["rate"], inputs.evaluation["rows"]
    if not crossed(inputs):
        return float(rates["test"])
    return float(sum(rates[split] * rows[split] for split in rows) / max(1, sum(rows.values())))


def _rule(inputs: Inputs) -> Row:
    """The threshold as a point on the two curves."""
    cells = inputs.evaluation["confusion"]
    negatives = cells["fp"] + cells["tn"]
    return {
        "false_alarm_share": cells["fp"] / negatives if negatives else 0.0,
        "recall": comparison.score(inputs, "candidate", "recall"),
        "precision": comparison.score(inputs, "candidate", "precision"),
    }
