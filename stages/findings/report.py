"""`reports/report.json`: the whole report as one nested value, which the pages then only set."""

from __future__ import annotations

from typing import Any

from stages.findings import verdict
from stages.findings.data import data
from stages.findings.decision import decision
from stages.findings.drivers import drivers
from stages.findings.inputs import Inputs
from stages.findings.numbers import decimals
from stages.findings.performance import performance
from stages.findings.provenance import provenance
from stages.findings.samples import samples

OUTLINE = {
    "decision": "Decision",
    "data": "Data",
    "performance": "Performance",
    "drivers": "Drivers and sign-off",
}
"""The pages in their order: key and name."""
DIGITS = 6
"""Decimals of numbers: two machines agree on more."""


def report(inputs: Inputs) -> dict[str, Any]:
    """A pure function of the inputs, rounded to what two machines agree on."""
    words, version = inputs.words, inputs.manifest["version"] if inputs.manifest else None
    found = {
        "about": {
            "title": inputs.params.title or f"{words.target} from {inputs.schema['table']}",
            "author": inputs.params.author,
            "language": inputs.params.language,
            "model": version,
            "status": _status(inputs),
            "task": inputs.evaluation["task"],
            "unit": {"one": words.one, "many": words.many},
            "outcome": {
                "positive": words.positive,
                "phrase": words.phrase,
                "cases": words.cases,
                "short": words.short,
                "others": words.others,
            },
            "warning": {"one": words.warning.one, "many": words.warning.many},
        },
        "outline": [{"page": page, "key": key, "name": name} for page, (key, name) in enumerate(OUTLINE.items(), 1)],
        "decision": decision(inputs),
        "data": data(inputs),
        "performance": performance(inputs),
        "drivers": drivers(inputs),
        "samples": samples(inputs),
        "provenance": provenance(inputs),
    }
    result: dict[str, Any] = _rounded(found)
    return result


def _status(inputs: Inputs) -> str:
    """What stands above the verdict and in every foot."""
    return {"failed": "Refused", "same": "Model in use"}.get(verdict.case(inputs), "Draft, not signed")


def _rounded(value: Any) -> Any:
    """The same nested value with every float rounded, one below 1 to as many figures: a rate may be a millionth."""
    if isinstance(value, float):
        return round(value, DIGITS if abs(value) >= 1 else decimals(abs(value), DIGITS)) + 0.0  # turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
