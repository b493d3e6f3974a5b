"""Page 3: how well it ranks, whether its probabilities can be read literally, and what becomes of a thousand rows."""

from __future__ import annotations

import math
from statistics import NormalDist

from stages.findings import comparison
from stages.findings.comparison import METRICS, SPOKEN
from stages.findings.decision import PER
from stages.findings.inputs import Inputs, Row
from stages.findings.numbers import count, fixed, span
from stages.findings.wording import sentence

CLOSE = 0.005
"""A mean probability within half a point of the outcome is called right."""


def performance(inputs: Inputs) -> Row:
    """All that page 3 shows."""
    gap = _gap(inputs)
    return {
        "title": _title(inputs),
        "lead": _lead(inputs, gap),
        "measures": [_measure(inputs, key, label) for key, label in _labels(inputs).items()],
        "curves": [
            {"model": model, **{key: comparison.score(inputs, model, key) for key in ("auc", "average_precision")}}
            for model in SPOKEN
            if comparison.score(inputs, model, "auc") is not None
        ],
        "rate": inputs.evaluation["rate"]["test"],
        "threshold": inputs.evaluation["threshold"],
        "rule": _rule(inputs),
        "calibration": inputs.plots["calibration"],
        "calibration_title": _calibration_title(inputs.plots["calibration"]),
        "gap": gap,
        "thousand": _thousand(inputs),
        "honesty": _honesty(inputs),
    }


def _labels(inputs: Inputs) -> dict[str, str]:
    words = inputs.words
    return {
        "auc": "AUC",
        "average_precision": "Average precision",
        "log_loss": "Log loss *",
        "brier": "Brier score *",
        "calibration_error": "Calibration error, % *",
        "recall": sentence(f"{words.cases} caught, %"),
        "precision": sentence(f"right {words.warning.many}, %"),
        "cost": f"Cost per {count(PER)} *",
    }


def _measure(inputs: Inputs, key: str, label: str) -> Row:
    metric = METRICS[key]
    return {
        "metric": key,
        "label": label,
        "digits": metric.digits,
        "scale": metric.scale,
        **{model: comparison.scores(inputs, model, key) for model in SPOKEN},
    }


def _title(inputs: Inputs) -> str:
    against = comparison.reference(inputs)
    word = comparison.difference(inputs, "auc", against)["word"]
    how = {"better": "better than", "worse": "worse than"}.get(word, "about as well as")
    values = [fixed(comparison.score(inputs, model, "auc"), 2) for model in ("candidate", against)]
    return f"It ranks {inputs.words.cases} {how} {SPOKEN[against]}: AUC {values[0]} against {values[1]}"


def _lead(inputs: Inputs, gap: float) -> str:
    words, against = inputs.words, comparison.reference(inputs)
    right = [comparison.score(inputs, model, "auc") or 0.0 for model in ("candidate", against)]
    literal = (
        "Its mean probability matches what happened."
        if abs(gap) <= CLOSE
        else f"Over the hold-out its probabilities are {fixed(abs(gap) * PER / 10, 1)} points too "
        f"{'low' if gap < 0 else 'high'} on average."
    )
    return (
        f"Of two {words.many}, one {words.positive} and one not, the candidate gives the first the higher risk "
        f"{fixed(right[0] * 100, 0)} times in 100; {SPOKEN[against]} {fixed(right[1] * 100, 0)} times. {literal}"
    )


def _gap(inputs: Inputs) -> float:
    """Mean prediction less mean outcome, from the calibration groups."""
    groups = inputs.plots["calibration"]
    rows = sum(group["rows"] for group in groups)
    if not rows:
        return 0.0
    return float(sum((group["predicted"] - group["observed"]) * group["rows"] for group in groups) / rows)


def _calibration_title(groups: list[Row]) -> str:
    """A group is off where its mean risk lies outside the interval of what happened."""
    off = sum(not (group["low"] or 0.0) <= group["predicted"] <= (group["high"] or 1.0) for group in groups)
    if not off:
        return "Its probabilities can be read literally"
    return f"In {off} of {len(groups)} groups the risk is off by more than chance"


def _rule(inputs: Inputs) -> Row:
    """The threshold as a point on the two curves."""
    cells = inputs.evaluation["confusion"]
    negatives = cells["fp"] + cells["tn"]
    return {
        "false_alarm_share": cells["fp"] / negatives if negatives else 0.0,
        "recall": comparison.score(inputs, "candidate", "recall"),
        "precision": comparison.score(inputs, "candidate", "precision"),
    }


def _thousand(inputs: Inputs) -> Row:
    """Of a thousand rows: caught, missed, false alarms, left alone."""
    words, cells = inputs.words, inputs.evaluation["confusion"]
    share = PER / max(1, sum(cells.values()))
    parts = {"tp": "caught", "fn": "missed", "fp": f"{words.warning.false_alarm}s", "tn": "left alone"}
    return {
        "title": f"What becomes of {count(PER)} {words.many}",
        "positive": {"rows": (cells["tp"] + cells["fn"]) * share, "name": words.cases},
        "negative": {"rows": (cells["fp"] + cells["tn"]) * share, "name": words.others},
        "parts": [{"cell": cell, "name": name, "rows": cells[cell] * share} for cell, name in parts.items()],
    }


def _honesty(inputs: Inputs) -> Row:
    """How narrow the interval would be, did one take the rows for independent (Hanley and McNeil, 1982)."""
    found = inputs.evaluation
    auc, rows = found["candidate"]["auc"], found["rows"]["test"]
    low, high = (found["interval"]["auc"][end] for end in ("low", "high"))
    half = NormalDist().inv_cdf((1 + comparison.confidence(inputs)) / 2) * _hanley_mcneil(
        auc, found["rate"]["test"] * rows, (1 - found["rate"]["test"]) * rows
    )
    naive = (auc - half, min(1.0, auc + half))
    times = (high - low) / (naive[1] - naive[0]) if naive[1] > naive[0] else 1.0
    if not found["block"] or times < 1.2:
        return {}
    block = found["block"].replace("_", " ")
    return {
        "title": f"Why the interval is {span(low, high, 3)}",
        "text": (
            f"{sentence(inputs.words.many)} of one {block} have much in common, so {count(rows)} of them tell less "
            f"than as many independent ones would. Whole blocks are resampled ({count(found['blocks'])} of them). "
            f"Taking {inputs.words.many} for independent would claim {span(*naive, 3)}, an interval "
            f"{fixed(times, 1)} times too narrow."
        ),
        "independent": {"low": naive[0], "high": naive[1]},
        "times": times,
    }


def _hanley_mcneil(auc: float, positives: float, negatives: float) -> float:
    """The standard error of an AUC from independent rows."""
    if not positives or not negatives:
        return 0.0
    pairs = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (positives - 1) * (pairs[0] - auc**2) + (negatives - 1) * (pairs[1] - auc**2)
    return math.sqrt(max(0.0, spread) / (positives * negatives))
