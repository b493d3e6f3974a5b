"""Section 4 of a number: how many predictions are near enough, and what lies behind those that are not."""

from __future__ import annotations

import msgspec

from stages.contracts.evaluation import UnitCosts
from stages.contracts.metric_key import MetricKey
from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.decision_rule import Cell, DecisionRule, ModelRows, Thousand
from stages.report.findings.estimate import beside
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ModelName
from stages.report.findings.scores_summary import clear_bias, promised_share
from stages.wording.metrics import PER
from stages.wording.numbers import Form, count, percent, plain, shown

LITTLE = 0.005
"""Share of the cost below which a lower one is no news."""
WORDS = {0.5: "Half", 0.8: "Four in five", 0.9: "Nine in ten", 0.95: "Nineteen in twenty"}


class Level(msgspec.Struct, frozen=True):
    """The error that a share of the candidate's predictions does not exceed, and the other's share within it."""

    share: float
    what: str
    tolerance: float
    other: float | None


class SideShare(msgspec.Struct, frozen=True):
    """How often a model errs to a side, and by how much on average."""

    share: float | None
    mean: float | None


class ModelSides(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often and by how much a model is too high, and too low."""

    model: ModelName
    name: str
    high: SideShare | None = None
    low: SideShare | None = None


class LowestCorrection(msgspec.Struct, frozen=True):
    """The amount that would have cost least."""

    correction: float
    cost: float


class Correction(msgspec.Struct, frozen=True):
    """What errors cost as predicted and when an amount is added, where one would have cost clearly less."""

    title: str
    about: str
    form: Form
    own: float
    lowest: LowestCorrection | None
    note: str


class RegressionRule(DecisionRule, frozen=True, kw_only=True):
    """What section 4 shows of a number."""

    tolerance: float | None
    levels: list[Level]
    levels_title: str
    reference: ModelName
    sides: list[ModelSides]
    sides_title: str
    sides_note: str
    correction: Correction | None


def rule(inputs: Inputs) -> RegressionRule:
    """Return what section 4 shows."""
    form = amounts(inputs)
    return RegressionRule(
        title=_title(inputs),
        lead=_lead(inputs),
        thousand=_thousand(inputs),
        curve_title="How many predictions are near enough",
        curve_about=f"Share of {inputs.words.many} (vertical) whose error is at most so large"
        + (f", {form.name}." if form.name else "."),
        tolerance=inputs.regression.tolerance,
        levels=_levels(inputs),
        levels_title="How far off, and how often",
        reference=beside(inputs),
        sides=_sides(inputs),
        sides_title=_sides_title(inputs),
        sides_note=""
        if inputs.regression.unit_costs
        else "Where one side is dearer, set both costs in params.yaml under evaluate: their cost is then told here.",
        correction=_correction(inputs),
    )


def _exact(inputs: Inputs) -> bool:
    """Whether there is no error to draw a curve of."""
    return all(row.tolerance == 0 for row in inputs.plots.tolerance if row.model == "candidate")


def _bound(inputs: Inputs, share: float) -> float | None:
    """The error that so many of the candidate's do not exceed."""
    return next((level.tolerance for level in _levels(inputs) if level.share == share), None)


def _title(inputs: Inputs) -> str:
    write, tolerance = amounts(inputs).write, inputs.regression.tolerance
    if inputs.regression.unit_costs:
        return _cost_title(inputs)
    own = comparison.score(inputs, "candidate", "within")
    if tolerance is not None and own is not None:
        against = beside(inputs)
        other = comparison.score(inputs, against, "within")
        than = f", and {percent(other)} of {SPOKEN[against]}'s" if other is not None else ""
        return f"{percent(own)} of its predictions are off by at most {write(tolerance)}{than}"
    if _exact(inputs):
        return "Hardly any prediction is off at all"
    bound = _bound(inputs, 0.9)
    if bound is None:
        return "How far off its predictions are"
    return f"Nine in ten predictions are off by at most {write(bound)}"


def _cost_title(inputs: Inputs) -> str:
    """What errors cost against the other's, by the paired difference."""
    form, against = comparison.form(inputs, "cost"), beside(inputs)
    less = comparison.difference(inputs, "cost", against)
    start = f"An error costs {shown(comparison.score(inputs, 'candidate', 'cost'), form)} on average"
    if less.value is None:
        return start
    way = {"better": "less than", "worse": "more than"}.get(less.word)
    how = f"{shown(abs(less.value), form)} {way}" if way else "about as much as"
    return f"{start}, {how} {SPOKEN[against]}'s"


def _lead(inputs: Inputs) -> str:
    against, levels = beside(inputs), _levels(inputs)
    told = []
    if levels and levels[0].other is not None:
        first = levels[0]
        told.append(
            f"{first.what} of its predictions are off by at most {amounts(inputs).write(first.tolerance)}, and "
            f"{percent(first.other)} of {SPOKEN[against]}'s."
        )
    costs = inputs.regression.unit_costs
    if costs:
        low = _low_part(inputs, costs)
        whole = f"; predictions that are too low make {percent(low)} of the whole" if low is not None else ""
        told.append(f"A unit too high costs {plain(costs.over)}, one too low {plain(costs.under)}{whole}.")
    if inputs.regression.tolerance is None and not _exact(inputs):
        told.append(
            "Once you know which error is near enough, read its share off the curve, or set it as the tolerance and "
            "it becomes a measure that gates can use."
        )
    return " ".join(told)


def _low_part(inputs: Inputs, costs: UnitCosts) -> float | None:
    """The share of what the candidate's errors cost that comes from predictions too low."""
    sides = next((row for row in _sides(inputs) if row.model == "candidate"), None)
    if sides is None:
        return None
    high, low = (
        weight * side.share * side.mean if side and side.share and side.mean else 0.0
        for side, weight in ((sides.high, costs.over), (sides.low, costs.under))
    )
    return low / (high + low) if high + low else None


def _correction(inputs: Inputs) -> Correction | None:
    """What errors cost when an amount is added to every prediction, and the one that would have cost least."""
    rows = [row for row in inputs.plots.correction if row.model == "candidate"]
    own = comparison.score(inputs, "candidate", "cost")
    if not inputs.regression.unit_costs or not rows or own is None:
        return None
    form, amount = comparison.form(inputs, "cost"), amounts(inputs)
    least = min(rows, key=lambda row: (row.cost, abs(row.correction)))
    clear = own - least.cost > LITTLE * own
    moved = f"{amount.write(abs(least.correction))} {'more' if least.correction > 0 else 'less'}"
    return Correction(
        title=f"{moved} in every prediction would have cost {shown(least.cost, form)} an error"
        if clear
        else "No amount added to every prediction would have cost clearly less",
        about="Mean cost of an error (vertical) by what is added to every prediction"
        + (f", {amount.name}." if amount.name else "."),
        form=form,
        own=own,
        lowest=LowestCorrection(least.correction, least.cost) if clear else None,
        note="Known only in hindsight: an amount chosen on these rows would be judged by the rows it was chosen on.",
    )


def _levels(inputs: Inputs) -> list[Level]:
    """For round shares of the candidate's predictions: their largest error, and the other's share within it."""
    if _exact(inputs):
        return []
    other = {row.share: row.within for row in inputs.plots.levels if row.model == beside(inputs)}
    return [
        Level(row.share, WORDS[row.share], row.error, other.get(row.share))
        for row in inputs.plots.levels
        if row.model == "candidate"
    ]


def _thousand(inputs: Inputs) -> Thousand | None:
    """Of a thousand rows: within the tolerance where one is set, else inside the interval."""
    key: MetricKey = "within" if comparison.score(inputs, "candidate", "within") is not None else "coverage"
    names = (f"inside its {percent(promised_share(inputs))} interval", "outside")
    if key == "within":
        names = (f"off by at most {amounts(inputs).write(inputs.regression.tolerance)}", "off by more")
    models = [
        ModelRows(
            model, NAMES[model], [Cell("first", names[0], share * PER), Cell("wrong", names[1], (1 - share) * PER)]
        )
        for model in ("candidate", beside(inputs))
        if (share := comparison.score(inputs, model, key)) is not None
    ]
    return Thousand(f"What becomes of {count(PER)} {inputs.words.many}", "", models) if models else None


def _sides(inputs: Inputs) -> list[ModelSides]:
    """How often and by how much each model is too high, and too low."""
    sides = {(row.model, row.side): SideShare(row.share, row.mean) for row in inputs.plots.sides}
    return [
        ModelSides(model, NAMES[model], sides.get((model, "high")), sides.get((model, "low")))
        for model in NAMES
        if (model, "high") in sides or (model, "low") in sides
    ]


def _sides_title(inputs: Inputs) -> str:
    """Whether it errs to one side, by the interval of the mean signed error."""
    bias = clear_bias(inputs)
    if bias is None:
        return "It errs to neither side by more than chance"
    return f"On average it predicts {amounts(inputs).write(abs(bias))} too {'high' if bias > 0 else 'low'}"
