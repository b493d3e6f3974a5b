"""Section 3: how good the candidate is, by every metric of its task, and whether what it promises can be relied on."""

from __future__ import annotations

import msgspec

from stages.contracts.metric_key import MetricKey
from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import SPOKEN, Measured
from stages.report.findings.estimate import is_cross_validated, where
from stages.report.findings.inputs import Inputs
from stages.report.findings.naive_estimates import IndependentRows, RandomSplitClaim
from stages.wording.metrics import PER, Metric
from stages.wording.numbers import Form, count
from stages.wording.vocabulary import sentence


class MetricRow(msgspec.Struct, frozen=True):
    """A metric of each model; `less` where the lower value is better."""

    metric: MetricKey
    label: str
    less: bool
    form: Form
    candidate: Measured
    champion: Measured
    baseline: Measured


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """What section 3 shows of every task; what it shows of one alone stands in its own kind."""

    title: str
    lead: str
    measures: list[MetricRow]
    measures_title: str
    measures_note: str
    honesty: list[RandomSplitClaim | IndependentRows]
    baseline: str
    group_confidence: float


def metrics_table(inputs: Inputs) -> list[MetricRow]:
    """Every metric that the candidate has; of two classes two guesses tell nothing."""
    return [
        _row(inputs, measure)
        for measure in comparison.task(inputs).measures
        if comparison.score(inputs, "candidate", measure.key) is not None
        and (measure.key != "cost" or comparison.knows_costs(inputs))
        and not (measure.key == "top2_accuracy" and len(inputs.schema.target.classes) <= 2)
    ]


def table_title(inputs: Inputs) -> str:
    """What stands above that table."""
    return f"All measures, {where(inputs)}" if is_cross_validated(inputs) else "All measures on the hold-out"


def table_note(inputs: Inputs) -> str:
    """What stands below it: which column comes from other rows."""
    on = comparison.champion_rows(inputs)
    return f"In use: on {on}. " if on else ""


def _row(inputs: Inputs, measure: Metric) -> MetricRow:
    return MetricRow(
        metric=measure.key,
        label=_label(inputs, measure) + (", %" if measure.kind == "share" else ""),
        less=measure.better == "less",
        form=msgspec.structs.replace(comparison.form(inputs, measure.key), unit=""),
        **{model: comparison.scores(inputs, model, measure.key) for model in SPOKEN},
    )


def _label(inputs: Inputs, measure: Metric) -> str:
    words = inputs.words
    if measure.key == "recall":
        return sentence(f"{words.short} {words.speech.caught}")
    if measure.key == "precision":
        return sentence(f"right {words.warning.many}")
    if measure.key == "within":
        return f"Off by at most {amounts(inputs).write(inputs.regression.tolerance)}"
    if measure.kind == "cost" and inputs.evaluation.task == "binary":
        return f"Cost per {count(PER)}"
    unit = amounts(inputs).name if measure.kind == "error" else ""
    return f"{measure.label}, {unit}" if unit else measure.label


def title(inputs: Inputs) -> str:
    """What the paired comparison of the measure that decides says."""
    task, against = comparison.task(inputs), comparison.reference(inputs)
    word = comparison.difference(inputs, task.primary, against).word
    how = {"better": task.better, "worse": task.worse}.get(word, task.same)
    values = [
        comparison.write_primary(inputs, value)
        for value in comparison.scores_on_same_rows(inputs, against, task.primary)
    ]
    on = comparison.champion_rows(inputs)
    rows = f" on {on}" if on and against == "champion" else ""
    if inputs.evaluation.task == "binary":
        how = how.replace("ranks ", f"ranks {inputs.words.cases} ", 1) if inputs.words.named else how
    return f"It {how} {SPOKEN[against]}: {task.before}{values[0]} against {values[1]}{rows}"
