"""The verdict, by rule: what the gates and the paired comparison say, and nothing else."""

from __future__ import annotations

import re

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs, Row
from stages.wording.numbers import DASH, exact, fixed, listed, nothing, plural, span
from stages.wording.vocabulary import sentence

TITLES = {
    "failed": "Do not approve: {failed} not met",
    "worse": "Do not approve: it {worse} the model in use",
    "unclear": "Your call: no clear difference from the model in use",
    "incomparable": "Your call: it cannot be compared with the model in use",
    "better": "Approve: it {better} the model in use",
    "first": "Approve as the first model",
    "same": "Nothing to decide: this is the model in use",
}
ADVICE = {
    "failed": "do not approve",
    "worse": "do not approve",
    "unclear": "your call",
    "incomparable": "your call",
    "better": "approve",
    "first": "approve",
    "same": "none",
}


def verdict(inputs: Inputs) -> Row:
    """The case found, its title, the advice, and the conditions an approval would carry."""
    found = case(inputs)
    conditions = [condition(gate) for gate in gates(inputs) if gate["mark"] == "open"]
    failed = [gate for gate in gates(inputs) if gate["mark"] == "failed"]
    task = comparison.task(inputs)
    gone = plural(len(failed), "required gate is", "required gates are")
    title = TITLES[found].format(failed=gone, better=task.better, worse=task.worse)
    if conditions and ADVICE[found] == "approve":
        some = plural(len(conditions), "condition", "conditions")
        title = title.replace("Approve:", f"Approve with {some}:") if ":" in title else f"{title}, with {some}"
    return {"case": found, "title": title, "advice": ADVICE[found], "conditions": conditions}


def case(inputs: Inputs) -> str:
    """failed, same, first, incomparable, better, worse or unclear."""
    if not inputs.evaluation["passed"] or any(gate["mark"] == "failed" for gate in gates(inputs)):
        return "failed"
    state = comparison.champion(inputs)["state"]
    if state != "compared":
        return {"none": "first", "same": "same", "incomparable": "incomparable"}[state]
    words = comparison.difference(inputs, comparison.task(inputs).primary, "champion")["word"]
    return words if words in ("better", "worse") else "unclear"


def gates(inputs: Inputs) -> list[Row]:
    """Every gate with its mark (met, open, failed, none) and the word beside it, the required ones first."""
    found = [
        {
            **{key: gate.get(key) for key in ("level", "result", "value", "low", "high")},
            **_named(inputs, name, gate),
            **_mark(inputs, gate),
        }
        for name, gate in inputs.evaluation["gates"].items()
    ]
    return sorted(found, key=lambda gate: (gate["level"] != "must", gate["name"]))


def condition(gate: Row) -> str:
    """The condition that an open gate puts on an approval."""
    return f"{gate['name']} ({gate['result']}): {gate['rule']}"


def why(conditions: list[Row]) -> str:
    """The open gates' names as part of a sentence."""
    return listed([f"“{gate['name'][:1].lower()}{gate['name'][1:]}”" for gate in conditions])


def _named(inputs: Inputs, name: str, gate: Row) -> Row:
    """The gate's name, rule and measured value in the report's words and units."""
    words, _, bound = gate["rule"].rpartition(" ")
    rule = f"{words} {_bound(inputs, gate, float(bound))}"
    rule = rule.replace("the champion", "the model in use").replace("per 1,000 rows", f"per 1,000 {inputs.words.many}")
    named = re.sub(r"\b(the )?champion\b", "the model in use", name.replace("_", " "))
    named = re.sub(r"\bbaseline\b", "the baseline", named)
    return {"name": sentence(named), "rule": sentence(rule), "measured": _measured(inputs, gate)}


def _bound(inputs: Inputs, gate: Row, bound: float) -> str:
    """The bound to all its figures, a share in per cent, a difference of shares in points."""
    kind = comparison.measure(inputs, gate["metric"]).kind
    if kind == "error":
        return amounts(inputs).bound(bound)
    return exact(bound * 100) + _unit(gate) if kind == "share" else exact(bound)


def _measured(inputs: Inputs, gate: Row) -> str:
    """The value with its interval."""
    value, low, high = (gate.get(key) for key in ("value", "low", "high"))
    if value is None:
        return DASH
    form = comparison.form(inputs, gate["metric"])
    kind, scale, digits = comparison.measure(inputs, gate["metric"]).kind, form["scale"], form["digits"]
    said = amounts(inputs).said(value) if kind == "error" else fixed(value * scale, digits)
    if gate["against"] and value > 0 and not nothing(fixed(value * scale, digits)):
        said = f"+{said}"
    if kind == "share":
        said += _unit(gate)
    return said if low is None or high is None else f"{said} ({span(low * scale, high * scale, digits)})"


def _unit(gate: Row) -> str:
    return " points" if gate["against"] else "%"


def _mark(inputs: Inputs, gate: Row) -> Row:
    if gate["result"] == "not applicable":
        return {"mark": "none", "word": "Not applicable"}
    if gate["result"] == "met":
        return {"mark": "met", "word": "Met"}
    if gate["level"] == "must":  # undecided is not met: the doubt is the candidate's
        return {"mark": "failed", "word": sentence(gate["result"])}
    return {"mark": "open", "word": "Your call" if inputs.evaluation["passed"] else sentence(gate["result"])}
