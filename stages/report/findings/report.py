"""`reports/report.json`: the whole report as one nested value, which the pages then only set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from stages.report.findings import (
    accuracy_binary,
    accuracy_multiclass,
    accuracy_regression,
    decision_rule_binary,
    decision_rule_multiclass,
    decision_rule_regression,
    verdict,
)
from stages.report.findings.accuracy_binary import BinaryAccuracy
from stages.report.findings.accuracy_multiclass import MulticlassAccuracy
from stages.report.findings.accuracy_regression import RegressionAccuracy
from stages.report.findings.amounts import amounts
from stages.report.findings.data import Data, data
from stages.report.findings.decision import Decision, decision
from stages.report.findings.decision_rule_binary import BinaryRule
from stages.report.findings.decision_rule_multiclass import MulticlassRule
from stages.report.findings.decision_rule_regression import RegressionRule
from stages.report.findings.drivers import Drivers, drivers
from stages.report.findings.inputs import Inputs
from stages.report.findings.served import Served, served
from stages.report.findings.sign_off import SignOff, sign_off
from stages.report.findings.weaknesses import Weaknesses, weaknesses
from stages.table.schema import Task
from stages.wording.numbers import Form, decimals
from stages.wording.params import Unit

AnyAccuracy = BinaryAccuracy | MulticlassAccuracy | RegressionAccuracy
AnyRule = BinaryRule | MulticlassRule | RegressionRule
ACCURACY: dict[Task, Callable[[Inputs], AnyAccuracy]] = {
    "binary": accuracy_binary.accuracy,
    "multiclass": accuracy_multiclass.accuracy,
    "regression": accuracy_regression.accuracy,
}
RULES: dict[Task, tuple[str, Callable[[Inputs], AnyRule]]] = {
    "binary": ("Alert rule", decision_rule_binary.rule),
    "multiclass": ("When to abstain", decision_rule_multiclass.rule),
    "regression": ("Tolerance", decision_rule_regression.rule),
}
"""What each task's section 4 is called, and what finds out what it shows."""
PAGES = {
    "decision": "Decision",
    "data": "Data",
    "accuracy": "Accuracy",
    "rule": "",
    "fails": "Where it fails",
    "drivers": "What drives it",
    "served": "As served, and limits",
    "sign": "Rebuild and sign",
}
"""What each page is called, in their order, but for the rule's; one with nothing to show is left out."""
WHY = {
    "fails": "where it fails (there are no groups large enough to be judged, and no weeks)",
    "drivers": "what drives it (shuffling an input costs nothing that could be measured)",
}
"""Pages a reader would miss, and why they may have nothing to show."""
DIGITS = 6
"""Decimals of numbers: two machines agree on more."""


class Forms(msgspec.Struct, frozen=True):
    """How values of a number to predict, and its errors, are written."""

    unit: str
    value: Form
    error: Form


class OutcomeWords(msgspec.Struct, frozen=True):
    """How the positive class of two is spoken of."""

    positive: str
    phrase: str
    cases: str
    short: str
    others: str
    risk: str
    caught: str
    act: str


class WarningWords(msgspec.Struct, frozen=True):
    """What a positive prediction of two classes is called, and a wrong one."""

    one: str
    many: str
    miss: str
    false_alarm: str


class About(msgspec.Struct, frozen=True):
    """What the report is of, and the words it uses; `forms` are those of a number alone."""

    title: str
    author: str
    language: str
    model: str | None
    status: str
    task: Task
    unit: Unit
    forms: Forms | None
    outcome: OutcomeWords
    warning: WarningWords


class OutlineEntry(msgspec.Struct, frozen=True):
    """A section's number, key and name."""

    number: int
    key: str
    name: str


class ReportFacts(msgspec.Struct, frozen=True, kw_only=True):
    """All of the file: a field for each page, None where it has nothing to show."""

    about: About
    left_out: list[str]
    outline: list[OutlineEntry]
    decision: Decision
    data: Data
    accuracy: AnyAccuracy
    rule: AnyRule
    fails: Weaknesses | None
    drivers: Drivers | None
    served: Served | None
    sign: SignOff


def report(inputs: Inputs) -> ReportFacts:
    """A pure function of the inputs, rounded to what two machines agree on."""
    facts = ReportFacts(
        about=_about(inputs),
        left_out=[],
        outline=[],
        decision=decision(inputs),
        data=data(inputs),
        accuracy=ACCURACY[inputs.evaluation.task](inputs),
        rule=RULES[inputs.evaluation.task][1](inputs),
        fails=weaknesses(inputs),
        drivers=drivers(inputs),
        served=served(inputs),
        sign=sign_off(inputs),
    )
    shown = [key for key in PAGES if getattr(facts, key) is not None]
    left_out = [why for key, why in WHY.items() if key not in shown]
    outline = [OutlineEntry(number, key, _name(facts, key)) for number, key in enumerate(shown, 1)]
    found: ReportFacts = _rounded(replace(facts, left_out=left_out, outline=outline))
    return found


def _about(inputs: Inputs) -> About:
    words = inputs.words
    return About(
        title=inputs.params.title or f"{words.target}, predicted from {inputs.schema.table}",
        author=inputs.params.author,
        language=inputs.params.language,
        model=inputs.manifest.version if inputs.manifest else None,
        status=_status(inputs),
        task=inputs.evaluation.task,
        unit=inputs.params.unit,
        forms=_forms(inputs),
        outcome=OutcomeWords(
            words.positive,
            words.phrase,
            words.cases,
            words.short,
            words.others,
            words.speech.risk,
            words.speech.caught,
            words.speech.act,
        ),
        warning=WarningWords(**asdict(words.warning)),
    )


def _name(facts: ReportFacts, key: str) -> str:
    """The page's name: it promises nothing that the page does not show."""
    if key == "rule" and facts.about.task == "binary" and facts.about.outcome.act != "warn":
        return "Decision rule"
    if key == "rule":
        return RULES[facts.about.task][0]
    if key == "served" and facts.served and not facts.served.limits:
        return "As served, and what to watch"
    if key == "sign" and not facts.decision.options:
        return "Rebuild"
    return PAGES[key]


def _forms(inputs: Inputs) -> Forms | None:
    if inputs.evaluation.task != "regression":
        return None
    form = amounts(inputs)
    return Forms(form.name, form.form(error=False), form.form())


def _status(inputs: Inputs) -> str:
    """What stands above the verdict and in every foot."""
    if not inputs.evaluation.passed:
        return "Refused"
    case = verdict.case(inputs)
    return "Model in use" if case == "same" else "Draft until signed"


def _rounded(value: Any) -> Any:
    """The same nested value with every float rounded, one below 1 to as many figures: a rate may be a millionth."""
    if isinstance(value, float):
        return round(value, DIGITS if abs(value) >= 1 else decimals(abs(value), DIGITS)) + 0.0  # turns -0.0 into 0.0
    if isinstance(value, msgspec.Struct):
        return type(value)(**_rounded(asdict(value)))
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_rounded(item) for item in value)
    return value
