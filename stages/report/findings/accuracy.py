"""Page 3: how good the candidate is, by every measure of its task, and whether what it promises can be relied on."""

from __future__ import annotations

from stages.report.findings import accuracy_binary, accuracy_multiclass, accuracy_regression, comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import SPOKEN, baseline
from stages.report.findings.estimate import crossed, where
from stages.report.findings.honesty import honesty, random_split
from stages.report.findings.inputs import Inputs, Row
from stages.wording.metrics import PER, Metric
from stages.wording.numbers import count, fixed, percent
from stages.wording.vocabulary import sentence

TASKS = {
    "binary": accuracy_binary,
    "multiclass": accuracy_multiclass,
    "regression": accuracy_regression,
}
"""What each task has of its own: `lead`, and the `findings` its figures are drawn from."""


def accuracy(inputs: Inputs) -> Row:
    """All that page 3 shows."""
    own = TASKS[inputs.evaluation["task"]]
    return {
        "title": _title(inputs),
        "lead": own.lead(inputs),
        "measures": [
            _measure(inputs, measure)
            for measure in comparison.task(inputs).measures
            if comparison.score(inputs, "candidate", measure.key) is not None
            and not (measure.key == "top2_accuracy" and len(inputs.schema["target"]["classes"]) <= 2)
        ],
        "measures_title": f"All measures, {where(inputs)}" if crossed(inputs) else "All measures on the hold-out",
        "honesty": [box for box in (random_split(inputs), honesty(inputs)) if box],
        "baseline": baseline(inputs),
        **own.findings(inputs),
    }


def _measure(inputs: Inputs, measure: Metric) -> Row:
    form = comparison.form(inputs, measure.key)
    return {
        "metric": measure.key,
        "label": _label(inputs, measure) + (", %" if measure.kind == "share" else ""),
        "less": measure.better == "less",
        "form": {**form, "unit": ""},
        **{model: comparison.scores(inputs, model, measure.key) for model in SPOKEN},
    }


def _label(inputs: Inputs, measure: Metric) -> str:
    words = inputs.words
    if measure.key == "recall" and words.named:
        return sentence(f"{words.cases} caught")
    if measure.key == "precision":
        return sentence(f"right {words.warning.many}")
    if measure.key == "within":
        return f"Off by at most {amounts(inputs).said(inputs.evaluation.get('tolerance'))}"
    if measure.kind == "cost" and inputs.evaluation["task"] == "binary":
        return f"Cost per {count(PER)}"
    unit = amounts(inputs).name if measure.kind == "error" else ""
    return f"{measure.label}, {unit}" if unit else measure.label


def _title(inputs: Inputs) -> str:
    """What the paired comparison of the measure that decides says."""
    task, against = comparison.task(inputs), comparison.reference(inputs)
    word = comparison.difference(inputs, task.primary, against)["word"]
    how = {"better": task.better, "worse": task.worse}.get(word, task.same)
    values = [_said(inputs, value) for value in comparison.alike(inputs, against, task.primary)]
    rows = " on the hold-out" if crossed(inputs) and against == "champion" else ""
    name = {"auc": "AUC ", "accuracy": "", "mae": "MAE "}[task.primary]
    if inputs.evaluation["task"] == "binary":
        how = how.replace("ranks ", f"ranks {inputs.words.cases} ", 1) if inputs.words.named else how
    return f"It {how} {SPOKEN[against]}: {name}{values[0]} against {values[1]}{rows}"


def _said(inputs: Inputs, value: float | None) -> str:
    measure = comparison.measure(inputs, comparison.task(inputs).primary)
    if measure.kind == "error":
        return amounts(inputs).said(value)
    return percent(value, 1) if measure.kind == "share" else fixed(value, 2)
