"""Page 4: what is done with an answer: from which risk on to warn, when to abstain, how far off is near enough."""

from __future__ import annotations

from stages.report.findings import rule_binary, rule_multiclass, rule_regression
from stages.report.findings.inputs import Inputs, Row

TASKS = {"binary": rule_binary, "multiclass": rule_multiclass, "regression": rule_regression}
NAMES = {"binary": "Alert rule", "multiclass": "When to abstain", "regression": "Tolerance"}
"""What the page is called."""


def rule(inputs: Inputs) -> Row:
    """All that page 4 shows."""
    found: Row = TASKS[inputs.evaluation["task"]].rule(inputs)
    return found


def name(inputs: Inputs) -> str:
    """The page's name."""
    return NAMES[inputs.evaluation["task"]]
