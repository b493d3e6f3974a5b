"""The verdict, by rule: what the gates and the paired comparison say, and nothing else."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from stages.contracts.evaluation import Against, GateResult
from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.inputs import Inputs
from stages.wording.numbers import DASH, exact, fixed, listed, nothing, plural, span
from stages.wording.vocabulary import sentence

Case = Literal["failed", "unproven", "worse", "unclear", "incomparable", "better", "first", "same"]
Mark = Literal["met", "open", "failed", "none"]
TITLES: dict[Case, str] = {
    "failed": "Do not approve: {failed} not met",
    "unproven": "No evidence yet: do not approve",
    "worse": "Do not approve: it {worse} the model in use",
    "unclear": "Your call: no clear difference from the model in use",
    "incomparable": "Your call: it cannot be compared with the model in use",
    "better": "Approve: it {better} the model in use",
    "first": "Approve as the first model",
    "same": "Nothing to decide: this is the model in use",
}
ADVICE: dict[Case, str] = {
    "failed": "do not approve",
    "unproven": "do not approve",
    "worse": "do not approve",
    "unclear": "your call",
    "incomparable": "your call",
    "better": "approve",
    "first": "approve",
    "same": "none",
}


class Verdict(msgspec.Struct, frozen=True):
    """The case found, its title, the advice, and the conditions an approval would carry."""

    case: Case
    title: str
    advice: str
    conditions: list[str]


class Gate(msgspec.Struct, frozen=True):
    """A gate in the report's words and units: its mark, the word beside it, and what was measured."""

    level: Literal["must", "should"]
    result: str
    value: float | None
    low: float | None
    high: float | None
    name: str
    rule: str
    measured: str
    mark: Mark
    word: str


def verdict(inputs: Inputs) -> Verdict:
    """What the gates and the paired comparison say."""
    found = case(inputs)
    conditions = [condition(gate) for gate in gates(inputs) if gate.mark == "open"]
    if assumed := len(inputs.params.assumed or {}):
        choices = plural(assumed, "choice", "choices")
        conditions.append(
            f"{sentence(choices)} that nobody has confirmed (see their list): settle them, or accept them here"
        )
    failed = [gate for gate in gates(inputs) if gate.mark == "failed"]
    task = comparison.task(inputs)
    gone = plural(len(failed), "required gate is", "required gates are")
    title = TITLES[found].format(failed=gone, better=task.better, worse=task.worse)
    if conditions and ADVICE[found] == "approve":
        some = plural(len(conditions), "condition", "conditions")
        title = title.replace("Approve:", f"Approve with {some}:") if ":" in title else f"{title}, with {some}"
    return Verdict(found, title, ADVICE[found], conditions)


def case(inputs: Inputs) -> Case:
    """Return which of the cases this is."""
    state = comparison.champion(inputs).state
    failed = [gate for gate in gates(inputs) if gate.mark == "failed"]
    if state == "none" and not_beaten(inputs) and all(gate.result == "undecided" for gate in failed):
        return "unproven"
    if failed:
        return "failed"
    if state != "compared":
        return "first" if state == "none" else state
    word = comparison.difference(inputs, comparison.task(inputs).primary, "champion").word
    return "better" if word == "better" else "worse" if word == "worse" else "unclear"


def not_beaten(inputs: Inputs) -> list[Against]:
    """Return which of what needs no model the candidate is not clearly better than, by the metric that decides."""
    others: tuple[Against, ...] = ("baseline", "constant")
    primary = comparison.task(inputs).primary
    return [other for other in others if comparison.difference(inputs, primary, other).word != "better"]


def gates(inputs: Inputs) -> list[Gate]:
    """Every gate, the required ones first."""
    found = [_gate(inputs, name, gate) for name, gate in inputs.evaluation.gates.items()]
    return sorted(found, key=lambda gate: (gate.level != "must", gate.name))


def condition(gate: Gate) -> str:
    """The condition that an open gate puts on an approval."""
    return f"{gate.name} ({gate.result}): {gate.rule}"


def why(conditions: list[Gate]) -> str:
    """The open gates' names as part of a sentence."""
    return listed([f"“{gate.name[:1].lower()}{gate.name[1:]}”" for gate in conditions])


def _gate(inputs: Inputs, name: str, gate: GateResult) -> Gate:
    words, _, bound = gate.rule.rpartition(" ")
    rule = f"{words} {_bound(inputs, gate, float(bound))}"
    rule = rule.replace("the champion", "the model in use").replace("per 1,000 rows", f"per 1,000 {inputs.words.many}")
    named = re.sub(r"\b(the )?champion\b", "the model in use", name.replace("_", " "))
    named = re.sub(r"\bbaseline\b", "the baseline", named)
    named = re.sub(r"\bconstant\b", "one answer for all", named)
    mark, word = _mark(inputs, gate)
    return Gate(
        level=gate.level,
        result=gate.result,
        value=gate.value,
        low=gate.low,
        high=gate.high,
        name=sentence(named),
        rule=sentence(rule),
        measured=_measured(inputs, gate),
        mark=mark,
        word=word,
    )


def _bound(inputs: Inputs, gate: GateResult, bound: float) -> str:
    """The bound to all its figures, a share in per cent, a difference of shares in points."""
    kind = comparison.measure(inputs, gate.metric).kind
    if kind == "error":
        return amounts(inputs).write_bound(bound)
    return exact(bound * 100) + _unit(gate) if kind == "share" else exact(bound)


def _measured(inputs: Inputs, gate: GateResult) -> str:
    """The value with its interval."""
    value, low, high = gate.value, gate.low, gate.high
    if value is None:
        return DASH
    form = comparison.form(inputs, gate.metric)
    kind, scale, digits = comparison.measure(inputs, gate.metric).kind, form.scale, form.digits
    text = amounts(inputs).write(value) if kind == "error" else fixed(value * scale, digits)
    if gate.against and value > 0 and not nothing(fixed(value * scale, digits)):
        text = f"+{text}"
    if kind == "share":
        text += _unit(gate)
    return text if low is None or high is None else f"{text} ({span(low * scale, high * scale, digits)})"


def _unit(gate: GateResult) -> str:
    return " points" if gate.against else "%"


def _mark(inputs: Inputs, gate: GateResult) -> tuple[Mark, str]:
    """The mark and the word beside it."""
    if gate.result == "not applicable":
        return "none", "Not applicable"
    if gate.result == "met":
        return "met", "Met"
    if gate.level == "must":  # undecided is not met: the doubt is the candidate's
        return "failed", sentence(gate.result)
    return "open", "Your call" if inputs.evaluation.passed else sentence(gate.result)
