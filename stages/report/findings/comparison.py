"""The candidate against the model in use and the baseline: on which metrics, in which words."""

from __future__ import annotations

from typing import Any

from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.measures import Task, task_of
from stages.wording.metrics import Metric
from stages.wording.numbers import decimals, listed
from stages.wording.vocabulary import inside

NAMES = {"candidate": "Candidate", "champion": "Model in use", "baseline": "Baseline"}
"""The three, always in this order."""
SPOKEN = {"candidate": "the candidate", "champion": "the model in use", "baseline": "the baseline"}


def task(inputs: Inputs) -> Task:
    """What this task measures."""
    return task_of(inputs.evaluation["task"])


def measure(inputs: Inputs, key: str) -> Metric:
    """The measure of that key."""
    return next(found for found in task(inputs).measures if found.key == key)


def form(inputs: Inputs, key: str) -> Row:
    """How values of the measure are shown."""
    found = measure(inputs, key)
    if found.kind == "error":
        return amounts(inputs).form()
    if found.kind == "cost" and inputs.evaluation["task"] == "regression":  # in whatever unit its owner counts
        return {"digits": min(decimals(abs(score(inputs, "candidate", key) or 0.0)), 12), "scale": 1, "unit": ""}
    share = found.kind == "share"
    return {"digits": found.digits, "scale": 100 if share else 1, "unit": "%" if share else ""}


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


def baseline(inputs: Inputs) -> str:
    """What the rule without a model is."""
    keys = [inside(inputs.words.label(name)) for name in inputs.evaluation.get("baseline_keys") or []]
    what = {
        "binary": f"the share {inputs.words.positive}",
        "multiclass": "the shares of the classes",
        "regression": "the median",
    }[inputs.evaluation["task"]]
    alike = f"{inputs.words.many} of the same {listed(keys)}" if keys else f"all {inputs.words.many}"
    return f"Baseline: {what} among {alike} in training."


def score(inputs: Inputs, model: str, metric: str) -> float | None:
    """A model's value, None where it has none."""
    scores = inputs.evaluation[model]
    value = scores.get(metric) if isinstance(scores, dict) else None
    return None if value is None else float(value)


def alike(inputs: Inputs, model: str, metric: str) -> tuple[float | None, float | None]:
    """The candidate's value and a model's on the same rows: the model in use is scored on the hold-out alone."""
    there = inputs.evaluation["estimate"].get("hold_out")
    own = there["candidate"].get(metric) if there and model == "champion" else score(inputs, "candidate", metric)
    return own, score(inputs, model, metric)


def scores(inputs: Inputs, model: str, metric: str) -> Row:
    """A model's value with its interval."""
    found = _find(inputs.plots["scores"], model=model, metric=metric)
    return {"value": score(inputs, model, metric), "low": found.get("low"), "high": found.get("high")}


def difference(inputs: Inputs, metric: str, against: str) -> Row:
    """The candidate's value less the other's on the same rows, with its paired interval and what that means."""
    found = _find(inputs.plots["differences"], against=against, metric=metric)
    value, low, high = (found.get(key) for key in ("value", "low", "high"))
    return {"value": value, "low": low, "high": high, "word": word(low, high, measure(inputs, metric).better)}


def word(low: float | None, high: float | None, better: str) -> str:
    """better or worse only where the interval of the difference leaves out 0, and where more or less is better."""
    if low is None or high is None or better == "near":
        return "not compared"
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) == (better == "more") else "worse"


def _find(rows: list[Row], **wanted: str) -> Row:
    return next((row for row in rows if all(row[key] == value for key, value in wanted.items())), {})
