"""The candidate against the model in use and the baseline: on which metrics, in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stages.findings.inputs import Inputs, Row

NAMES = {"candidate": "Candidate", "champion": "Model in use", "baseline": "Baseline"}
"""The three, always in this order."""
SPOKEN = {"candidate": "the candidate", "champion": "the model in use", "baseline": "the baseline"}


@dataclass(frozen=True)
class Metric:
    """A measure as it is shown: `scale` 100 for shares, `digits` after the point, `up` when more is better."""

    key: str
    digits: int
    scale: int = 1
    up: bool = True


METRICS = {
    metric.key: metric
    for metric in (
        Metric("auc", 3),
        Metric("average_precision", 3),
        Metric("log_loss", 3, up=False),
        Metric("brier", 4, up=False),
        Metric("calibration_error", 1, 100, up=False),
        Metric("recall", 1, 100),
        Metric("precision", 1, 100),
        Metric("cost", 0, up=False),
    )
}


def confidence(inputs: Inputs) -> float:
    """The share of resamplings every interval holds."""
    return float(inputs.evaluation.get("confidence", 0.95))


def champion(inputs: Inputs) -> Row:
    """The model in use: `state` is none, same, incomparable or compared, with what is known of it."""
    found: Any = inputs.evaluation["champion"]
    if not isinstance(found, dict):
        return {"state": "none", "version": None, "reason": ""}
    state = "same" if found.get("same") else "incomparable" if found.get("incomparable") else "compared"
    return {"state": state, "version": found["version"], "reason": found.get("incomparable", "")}


def reference(inputs: Inputs) -> str:
    """What the candidate is held against: the model in use where that can be, else the baseline."""
    return "champion" if champion(inputs)["state"] == "compared" else "baseline"


def score(inputs: Inputs, model: str, metric: str) -> float | None:
    """A model's value, None where it has none."""
    scores = inputs.evaluation[model]
    value = scores.get(metric) if isinstance(scores, dict) else None
    return None if value is None else float(value)


def scores(inputs: Inputs, model: str, metric: str) -> Row:
    """A model's value with its interval."""
    found = _find(inputs.plots["scores"], model=model, metric=metric)
    return {"value": score(inputs, model, metric), "low": found.get("low"), "high": found.get("high")}


def difference(inputs: Inputs, metric: str, against: str) -> Row:
    """The candidate's value less the other's on the same rows, with its paired interval and what that means."""
    found = _find(inputs.plots["differences"], against=against, metric=metric)
    value, low, high = (found.get(key) for key in ("value", "low", "high"))
    return {"value": value, "low": low, "high": high, "word": word(low, high, METRICS[metric].up)}


def word(low: float | None, high: float | None, up: bool) -> str:
    """better or worse only where the interval of the difference leaves out 0."""
    if low is None or high is None:
        return "not compared"
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) == up else "worse"


def _find(rows: list[Row], **wanted: str) -> Row:
    return next((row for row in rows if all(row[key] == value for key, value in wanted.items())), {})
