"""`reports/report.json`: the whole report as one nested value, which the pages then only set."""

from __future__ import annotations

from typing import Any

from stages.files import rounded
from stages.findings import verdict
from stages.findings.data import data
from stages.findings.decision import decision
from stages.findings.drivers import drivers, samples
from stages.findings.inputs import Inputs
from stages.findings.performance import performance
from stages.findings.provenance import provenance

OUTLINE = {
    "decision": "Decision",
    "data": "Data",
    "performance": "Performance",
    "drivers": "Drivers and sign-off",
}
"""The pages in their order: key and name."""


def report(inputs: Inputs) -> dict[str, Any]:
    """A pure function of the inputs, rounded to what two machines agree on."""
    words, version = inputs.words, inputs.manifest["version"] if inputs.manifest else None
    found = {
        "about": {
            "title": inputs.params.title,
            "author": inputs.params.author,
            "language": inputs.params.language,
            "model": version,
            "status": _status(inputs),
            "unit": {"one": words.one, "many": words.many},
            "outcome": {
                "positive": words.positive,
                "phrase": words.phrase,
                "cases": words.cases,
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
    result: dict[str, Any] = rounded(found)
    return result


def _status(inputs: Inputs) -> str:
    """What stands above the verdict and in every foot."""
    return {"failed": "Refused", "same": "Model in use"}.get(verdict.case(inputs), "Draft, not signed")
