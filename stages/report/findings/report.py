"""`reports/report.json`: the whole report as one nested value, which the pages then only set."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stages.report.findings import rule, verdict
from stages.report.findings.accuracy import accuracy
from stages.report.findings.amounts import amounts
from stages.report.findings.data import data
from stages.report.findings.decision import decision
from stages.report.findings.drivers import drivers
from stages.report.findings.fails import fails
from stages.report.findings.inputs import Inputs
from stages.report.findings.served import served
from stages.report.findings.sign import sign
from stages.wording.numbers import decimals

PAGES: dict[str, tuple[str, Callable[[Inputs], dict[str, Any]]]] = {
    "decision": ("Decision", decision),
    "data": ("Data", data),
    "accuracy": ("Accuracy", accuracy),
    "rule": ("", rule.rule),
    "fails": ("Where it fails", fails),
    "drivers": ("What drives it", drivers),
    "served": ("As served, and limits", served),
    "sign": ("Rebuild and sign", sign),
}
"""The pages in their order: key, name, and what finds out what it shows; a page with nothing to show is left out."""
WHY = {
    "fails": "where it fails (there are no groups large enough to be judged, and no weeks)",
    "drivers": "what drives it (shuffling an input costs nothing that could be measured)",
}
"""Pages a reader would miss, and why they may have nothing to show."""
DIGITS = 6
"""Decimals of numbers: two machines agree on more."""


def report(inputs: Inputs) -> dict[str, Any]:
    """A pure function of the inputs, rounded to what two machines agree on."""
    words, version = inputs.words, inputs.manifest["version"] if inputs.manifest else None
    pages = {key: find(inputs) for key, (_, find) in PAGES.items()}
    shown = [key for key, page in pages.items() if page]
    found = {
        "about": {
            "title": inputs.params.title or f"{words.target}, predicted from {inputs.schema['table']}",
            "author": inputs.params.author,
            "language": inputs.params.language,
            "model": version,
            "status": _status(inputs),
            "task": inputs.evaluation["task"],
            "unit": {"one": words.one, "many": words.many},
            "forms": _forms(inputs),
            "outcome": {
                "positive": words.positive,
                "phrase": words.phrase,
                "cases": words.cases,
                "short": words.short,
                "others": words.others,
            },
            "warning": {"one": words.warning.one, "many": words.warning.many, "false_alarm": words.warning.false_alarm},
        },
        "left_out": [WHY[key] for key in ("fails", "drivers") if not pages[key]],
        "outline": [{"page": page, "key": key, "name": _name(inputs, key)} for page, key in enumerate(shown, 1)],
        **pages,
    }
    result: dict[str, Any] = _rounded(found)
    return result


def _name(inputs: Inputs, key: str) -> str:
    """The page's name: it promises nothing that the page does not show."""
    if key == "rule":
        return rule.name(inputs)
    if key == "served" and not inputs.params.limits:
        return "As served, and what to watch"
    if key == "sign" and not decision(inputs)["options"]:
        return "Rebuild"
    return PAGES[key][0]


def _forms(inputs: Inputs) -> dict[str, Any]:
    """How values of a number to predict, and its errors, are written."""
    if inputs.evaluation["task"] != "regression":
        return {}
    form = amounts(inputs)
    return {"unit": form.name, "value": form.form(error=False), "error": form.form()}


def _status(inputs: Inputs) -> str:
    """What stands above the verdict and in every foot."""
    return {"failed": "Refused", "same": "Model in use"}.get(verdict.case(inputs), "Draft until signed")


def _rounded(value: Any) -> Any:
    """The same nested value with every float rounded, one below 1 to as many figures: a rate may be a millionth."""
    if isinstance(value, float):
        return round(value, DIGITS if abs(value) >= 1 else decimals(abs(value), DIGITS)) + 0.0  # turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
