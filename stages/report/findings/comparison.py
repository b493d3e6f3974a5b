"""The candidate against the model in use and the baseline: on which metrics, in which words."""

from __future__ import annotations

from typing import Literal

import msgspec

from stages.contracts.evaluation import Against, BinaryEvaluation
from stages.contracts.metric_key import MetricKey
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ModelName
from stages.report.findings.task_metrics import TASKS, TaskMetrics
from stages.wording.metrics import Metric
from stages.wording.numbers import Form, count, decimals, fixed, listed, percent, plural
from stages.wording.vocabulary import inside

HOLD_OUT = "the hold-out"
NAMES: dict[ModelName, str] = {"candidate": "Candidate", "champion": "Model in use", "baseline": "Baseline"}
"""The three, always in this order."""
SPOKEN: dict[ModelName, str] = {
    "candidate": "the candidate", "champion": "the model in use", "baseline": "the baseline",
}  # fmt: skip
SHARE, POINTS = Form(0, 100, "%"), Form(0, 100)
"""A share in per cent, and a difference of shares in points."""


class Measured(msgspec.Struct, frozen=True):
    """A value with its interval; None where the rows do not define it."""

    value: float | None
    low: float | None
    high: float | None


class PairedDifference(msgspec.Struct, frozen=True):
    """The candidate's value less another's on the same rows, with its interval, and what that means in a word."""

    value: float | None
    low: float | None
    high: float | None
    word: str


class InUse(msgspec.Struct, frozen=True):
    """The model in use: whether the candidate was compared with it, and why not."""

    state: Literal["none", "same", "incomparable", "compared"]
    version: str | None
    reason: str


def task(inputs: Inputs) -> TaskMetrics:
    """What this task measures."""
    return TASKS[inputs.evaluation.task]


def measure(inputs: Inputs, key: MetricKey) -> Metric:
    """The measure of that key."""
    return next(found for found in task(inputs).measures if found.key == key)


def form(inputs: Inputs, key: MetricKey) -> Form:
    """How values of the measure are shown."""
    found = measure(inputs, key)
    if found.kind == "error":
        return amounts(inputs).form()
    if found.kind == "cost" and inputs.evaluation.task == "regression":  # in whatever unit its owner counts
        return Form(min(decimals(abs(score(inputs, "candidate", key) or 0.0)), 12))
    return Form(found.digits, 100, "%") if found.kind == "share" else Form(found.digits)


def write_primary(inputs: Inputs, value: float | None) -> str:
    """Return a value of the metric that decides as a sentence says it."""
    kind = measure(inputs, task(inputs).primary).kind
    if kind == "error":
        return amounts(inputs).write(value)
    return percent(value, 1) if kind == "share" else fixed(value, 3)


def confidence(inputs: Inputs) -> float:
    """The share of resamplings every interval holds."""
    return inputs.evaluation.confidence


def champion(inputs: Inputs) -> InUse:
    """The model in use, with what is known of it."""
    found = inputs.evaluation.champion_state
    if found.version is None:
        return InUse("none", None, "")
    return InUse(
        "same" if found.same else "incomparable" if found.incomparable else "compared",
        found.version,
        found.incomparable,
    )


def reference(inputs: Inputs) -> ModelName:
    """What the candidate is held against: the model in use where that can be, else the baseline."""
    return "champion" if champion(inputs).state == "compared" else "baseline"


def baseline(inputs: Inputs) -> str:
    """What the rule without a model is."""
    found = inputs.evaluation
    keys = [
        f"{'tenth of ' * (name in found.baseline_tenths)}{inside(inputs.words.label(name))}"
        for name in found.baseline_keys
    ]
    what = {
        "binary": f"the share {inputs.words.positive}",
        "multiclass": "the shares of the classes",
        "regression": "the median",
    }[inputs.evaluation.task]
    alike = f"{inputs.words.many} of the same {listed(keys)}" if keys else f"all {inputs.words.many}"
    return f"Baseline: {what} among {alike} in training."


def knows_costs(inputs: Inputs) -> bool:
    """Whether somebody has set what wrong calls of two classes cost; of other tasks, true."""
    found = inputs.evaluation
    return not (isinstance(found, BinaryEvaluation) and found.costs.assumed)


def score(inputs: Inputs, model: ModelName, metric: MetricKey) -> float | None:
    """A model's value, None where it has none."""
    found = inputs.evaluation
    return {"candidate": found.candidate, "champion": found.champion, "baseline": found.baseline}[model].get(metric)


def scores_on_same_rows(inputs: Inputs, model: ModelName, metric: MetricKey) -> tuple[float | None, float | None]:
    """The candidate's value and a model's on the same rows: the model in use knows no others."""
    there = inputs.evaluation.champion_state.candidate
    own = there.get(metric) if model == "champion" and there else score(inputs, "candidate", metric)
    return own, score(inputs, model, metric)


def champion_rows(inputs: Inputs) -> str:
    """The rows on which the model in use is compared, after `on`; nothing where the scores come from the same."""
    rows, held_out = inputs.evaluation.champion_state.rows, inputs.evaluation.rows["test"]
    if rows in (0, held_out):
        return HOLD_OUT if rows else ""
    return f"{count(rows)} of the {plural(held_out, inputs.words.one, inputs.words.many)} held out"


def scores(inputs: Inputs, model: ModelName, metric: MetricKey) -> Measured:
    """A model's value with its interval."""
    rows = (row for row in inputs.plots.scores if (row.model, row.metric) == (model, metric))
    low, high = next(((row.low, row.high) for row in rows), (None, None))
    return Measured(score(inputs, model, metric), low, high)


def difference(inputs: Inputs, metric: MetricKey, against: ModelName | Against) -> PairedDifference:
    """The candidate's value less the other's on the same rows, with its paired interval and what that means."""
    rows = (row for row in inputs.plots.differences if (row.against, row.metric) == (against, metric))
    value, low, high = next(((row.value, row.low, row.high) for row in rows), (None, None, None))
    return PairedDifference(value, low, high, word(low, high, measure(inputs, metric).better))


def word(low: float | None, high: float | None, better: str) -> str:
    """better or worse only where the interval of the difference leaves out 0, and where more or less is better."""
    if low is None or high is None or better == "near":
        return "not compared"
    if low <= 0 <= high:
        return "no clear difference"
    return "better" if (low > 0) == (better == "more") else "worse"
