"""Section 4 of two classes: what becomes of a thousand rows, what wrong calls cost, and where else to draw the line."""

from __future__ import annotations

from typing import Literal

import msgspec

from stages.contracts.evaluation import Costs
from stages.report.findings import comparison
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.decision_rule import Cell, ClassRows, DecisionRule, ModelRows, Thousand
from stages.report.findings.estimate import beside, where
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import CostPoint, ModelName, Outcomes
from stages.wording.metrics import PER
from stages.wording.numbers import count, fixed, percent, plain
from stages.wording.vocabulary import a, sentence

ASSUMED = "Nobody has set what a wrong call costs: where to draw the line is yours to say"
RATIOS = (0.05, 0.95)
"""Thresholds between which savings are shown: a missed case of 19 times a false alarm, to one of a nineteenth."""
GRID = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Round thresholds that a reader may think of."""
SHOWN = 5
"""How many of them are shown beside the rule and the hindsight."""
NEAR = 0.015
"""A round threshold nearer than this to one that is shown anyway is left out."""
FEW = 0.01
"""Share of rows warned of, or left alone, below which a threshold says nothing."""


class Line(msgspec.Struct, frozen=True):
    """A threshold and what it costs."""

    threshold: float
    cost: float


class ThresholdRow(msgspec.Struct, frozen=True):
    """What becomes of a thousand rows at a threshold: the rule's, the cheapest in hindsight, or a round one."""

    threshold: float
    what: Literal["rule", "lowest", ""]
    warnings: float
    recall: float | None
    precision: float | None
    missed: float
    needless: float
    cost: float


class Saving(msgspec.Struct, frozen=True):
    """What a model saves where a missed case costs so many times a false alarm, and the line is drawn accordingly: as a
    share of what the better of no call and one for every row would cost.
    """

    model: ModelName
    ratio: float
    threshold: float
    saved: float


class BinaryRule(DecisionRule, frozen=True, kw_only=True):
    """What section 4 shows of two classes: what it costs to warn of none and of all, and the curve up to `to`."""

    threshold: float
    cost: float
    costs: Costs
    lowest: Line
    never: float
    always: float
    to: float
    thresholds: list[ThresholdRow]
    savings: list[Saving]
    hindsight: str


def rule(inputs: Inputs) -> BinaryRule:
    """Return what section 4 shows."""
    found = inputs.binary
    at_rule = _at_rule(inputs, "candidate")
    own = Line(found.threshold, comparison.score(inputs, "candidate", "cost") or 0.0)
    known = comparison.knows_costs(inputs)
    lowest = _lowest(inputs, own) if known else own
    never = found.costs.miss * (at_rule.caught + at_rule.missed)
    always = found.costs.false_alarm * (at_rule.needless + at_rule.left)
    return BinaryRule(
        title=_title(inputs) if known else ASSUMED,
        lead=_lead(inputs, own, lowest, never, always) if known else _ask_costs(inputs),
        threshold=own.threshold,
        cost=own.cost,
        costs=found.costs,
        thousand=_thousand(inputs),
        curve_title="Cost of wrong calls, wherever the line is drawn" if known else "What it saves, whatever they cost",
        curve_about=_describe_curve(inputs, known),
        lowest=lowest,
        never=never,
        always=always,
        to=_to(inputs, never),
        thresholds=_thresholds(inputs, lowest),
        savings=[] if known else _savings(inputs),
        hindsight=""
        if not known
        else "The lowest cost is known only afterwards; a line moved there by looking at these rows would be "
        "judged by the rows it was chosen on.",
    )


def _describe_curve(inputs: Inputs, known: bool) -> str:
    """What the curve shows: what wrong calls cost, or what is saved whatever they cost."""
    words, many = inputs.words, inputs.words.many
    one, miss, false_alarm = a(words.warning.one), a(words.warning.miss), a(words.warning.false_alarm)
    if known:
        return (
            f"Cost per {count(PER)} {many} of the {where(inputs)} = {_weights(inputs)} (vertical), by the "
            f"{words.speech.risk} from which on to {words.speech.raises} {one}."
        )
    return (
        f"Share saved of what the better of no {words.warning.one} and one for every {words.one} would cost "
        f"(vertical), where {miss} costs so many times {false_alarm} and the line is drawn accordingly."
    )


def _ask_costs(inputs: Inputs) -> str:
    """Where the line stands while nobody set the costs, and how to move it."""
    words, threshold = inputs.words.warning, inputs.binary.threshold
    return (
        f"The line stands at {percent(threshold)}, as if {a(words.miss)} and {a(words.false_alarm)} cost the same. Say "
        "what they cost (evaluate.cost_of_miss and evaluate.cost_of_false_alarm in params.yaml), and it is drawn where "
        "wrong calls cost least; the model stays. Until then no line is cheaper than another."
    )


def _savings(inputs: Inputs) -> list[Saving]:
    """What the candidate, and what it is held against, save at each ratio of the two costs."""
    found = []
    for row in inputs.plots.cost:
        if row.model in ("candidate", beside(inputs)) and RATIOS[0] <= row.threshold <= RATIOS[1]:
            ratio = (1 - row.threshold) / row.threshold
            idle = min(ratio * (row.caught + row.missed), row.needless + row.left)
            if idle > 0:
                saved = 1 - (ratio * row.missed + row.needless) / idle
                found.append(Saving(row.model, ratio, row.threshold, saved))
    return sorted(found, key=lambda row: (row.model != "candidate", row.ratio))


def _title(inputs: Inputs) -> str:
    """What the rule saves against what there is today, by the paired difference."""
    against = beside(inputs)
    less = comparison.difference(inputs, "cost", against)
    words, unit = inputs.words, f" {inputs.params.value}".rstrip()
    start = f"{sentence(words.warning.many)} from {percent(inputs.binary.threshold)} {words.speech.risk} on"
    per = f"{unit} per {count(PER)} {words.many}"
    if less.value is None:
        return f"{start} cost {count(comparison.score(inputs, 'candidate', 'cost') or 0)}{per}"
    much = count(abs(less.value))
    if less.word == "better":
        return f"{start} save {much}{per} against {SPOKEN[against]}"
    return f"{start} cost " + (
        f"{much}{per} more than {SPOKEN[against]}" if less.word == "worse" else f"about as much as {SPOKEN[against]}"
    )


def _lead(inputs: Inputs, own: Line, lowest: Line, never: float, always: float) -> str:
    words, costs, cost = inputs.words.warning, inputs.binary.costs, own.cost
    told = [
        f"{sentence(a(words.miss))} counts {plain(costs.miss)} and {a(words.false_alarm)} "
        f"{plain(costs.false_alarm)}, so on probabilities that can be read literally {a(words.one)} pays from "
        f"{percent(own.threshold)} on."
    ]
    more = cost - lowest.cost
    told.append(
        f"In hindsight no other line would have cost clearly less than its {count(cost)}."
        if more < max(0.5, 0.005 * cost)
        else f"In hindsight a line at {percent(lowest.threshold)} would have cost {count(lowest.cost)} instead "
        f"of {count(cost)}."
    )
    told.append("For other weights read another row of the table: the model stays, only the line moves.")
    if cost >= min(never, always):
        idle = "none" if never <= always else "one every time"
        told.append(f"To {inputs.words.speech.raises} {idle} would cost {count(min(never, always))}: no more.")
    return " ".join(told)


def _weights(inputs: Inputs) -> str:
    costs = inputs.binary.costs
    return f"{plain(costs.miss)} × missed + {plain(costs.false_alarm)} × {inputs.words.warning.false_alarm}s"


def _at_rule(inputs: Inputs, model: ModelName) -> Outcomes:
    return next(row for row in inputs.plots.outcomes if row.model == model)


def _curve(inputs: Inputs) -> list[CostPoint]:
    return [row for row in inputs.plots.cost if row.model == "candidate"]


def _lowest(inputs: Inputs, own: Line) -> Line:
    """The cheapest line in hindsight: the rule's own where none is cheaper."""
    lines = [own, *(Line(row.threshold, row.cost) for row in _curve(inputs))]
    return min(lines, key=lambda line: (line.cost, line.threshold))


def _to(inputs: Inputs, never: float) -> float:
    """Where the curves have come to what it costs never to warn: beyond, nothing can be seen."""
    last = [row.threshold for row in inputs.plots.cost if abs(row.cost - never) > 0.01 * never]
    return min(1.0, max([0.1, inputs.binary.threshold * 1.25, *last]) + 0.02)


def _thousand(inputs: Inputs) -> Thousand:
    """Of a thousand rows, for the candidate and what it is held against: caught, missed, false alarms, left alone."""
    words, found = inputs.words, _at_rule(inputs, "candidate")
    positive = round(found.caught + found.missed)
    known = {row.model: row for row in inputs.plots.outcomes}
    return Thousand(
        title=f"What becomes of {count(PER)} {words.many}",
        about=f"With {a(words.warning.one)} from a {words.speech.risk} of {percent(inputs.binary.threshold)} on.",
        positive=ClassRows(positive, words.cases),
        negative=ClassRows(PER - positive, words.others),
        models=[
            ModelRows(model, NAMES[model], _cells(inputs, known[model], positive))
            for model in ("candidate", beside(inputs))
            if model in known
        ],
    )


def _cells(inputs: Inputs, row: Outcomes, positive: int) -> list[Cell]:
    """The four counts as whole numbers that add up."""
    caught, needless = min(positive, round(row.caught)), min(PER - positive, round(row.needless))
    return [
        Cell("tp", inputs.words.speech.caught, caught),
        Cell("fn", "missed", positive - caught),
        Cell("fp", f"{inputs.words.warning.false_alarm}s", needless),
        Cell("tn", "left alone", PER - positive - needless),
    ]


def _thresholds(inputs: Inputs, lowest: Line) -> list[ThresholdRow]:
    """The rule, the cheapest line in hindsight, and round ones that warn of some rows and not of all."""
    own = inputs.binary.threshold
    grid = {round(row.threshold, 2): row for row in _curve(inputs)}
    usable = [
        at
        for at in GRID
        if at in grid
        and FEW * PER < grid[at].caught + grid[at].needless < (1 - FEW) * PER
        and min(abs(at - own), abs(at - lowest.threshold)) > NEAR
    ]
    places = sorted({round(step * (len(usable) - 1) / (SHOWN - 1)) for step in range(SHOWN)}) if usable else []
    chosen: dict[float, Outcomes] = {usable[place]: grid[usable[place]] for place in places}
    chosen[own] = _at_rule(inputs, "candidate")
    if lowest.threshold != own:
        chosen[lowest.threshold] = grid[round(lowest.threshold, 2)]
    return [
        ThresholdRow(
            threshold=at,
            what="rule" if at == own else "lowest" if at == lowest.threshold else "",
            warnings=row.caught + row.needless,
            recall=_share(row.caught, row.missed),
            precision=_share(row.caught, row.needless),
            missed=row.missed,
            needless=row.needless,
            cost=row.cost,
        )
        for at, row in sorted(chosen.items())
    ]


def _share(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest else None


def digits(threshold: float) -> str:
    """A threshold as it is said: 20%, 0.4%."""
    return percent(threshold) if threshold >= FEW else f"{fixed(threshold * 100, 2)}%"
