"""Page 4 of a number: how many predictions are near enough, and what lies behind those that are not."""

from __future__ import annotations

from itertools import pairwise

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.estimate import beside
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.scored import promised
from stages.wording.metrics import PER
from stages.wording.numbers import count, percent, plain, shown

SHARES = (0.5, 0.8, 0.9, 0.95)
"""Shares of rows for which the table says how far off they are at most."""
LITTLE = 0.005
"""Share of the cost below which a lower one is no news."""
WORDS = {0.5: "Half", 0.8: "Four in five", 0.9: "Nine in ten", 0.95: "Nineteen in twenty"}


def rule(inputs: Inputs) -> Row:
    """What the page shows."""
    form = amounts(inputs)
    return {
        "title": _title(inputs),
        "lead": _lead(inputs),
        "thousand": _thousand(inputs),
        "curve_title": "How many predictions are near enough",
        "curve_about": f"Share of {inputs.words.many} (vertical) whose error is at most so large"
        + (f", {form.name}." if form.name else "."),
        "tolerance": inputs.evaluation.get("tolerance"),
        "levels": _levels(inputs),
        "levels_title": "How far off, and how often",
        "reference": beside(inputs),
        "sides": _sides(inputs),
        "sides_title": _sides_title(inputs),
        "sides_note": ""
        if _costs(inputs)
        else "Where one side is dearer, set both costs in params.yaml under evaluate: their cost is then told here.",
        "correction": _correction(inputs),
    }


def _curve(inputs: Inputs, model: str) -> list[Row]:
    return [row for row in inputs.plots["tolerance"] if row["model"] == model]


def _exact(inputs: Inputs) -> bool:
    """Whether there is no error to draw a curve of."""
    return all(row["tolerance"] == 0 for row in _curve(inputs, "candidate"))


def within(inputs: Inputs, model: str, bound: float) -> float | None:
    """The share of rows whose error is at most the bound, read off the curve."""
    for before, after in pairwise(_curve(inputs, model)):
        if before["tolerance"] <= bound <= after["tolerance"]:
            wide = after["tolerance"] - before["tolerance"]
            part = (bound - before["tolerance"]) / wide if wide else 1.0
            return float(before["share"] + part * (after["share"] - before["share"]))
    return None


def _bound(inputs: Inputs, share: float) -> float | None:
    """The error that so many of the candidate's do not exceed."""
    for before, after in pairwise(_curve(inputs, "candidate")):
        if before["share"] <= share <= after["share"] and after["share"] > before["share"]:
            part = (share - before["share"]) / (after["share"] - before["share"])
            return float(before["tolerance"] + part * (after["tolerance"] - before["tolerance"]))
    return None


def _title(inputs: Inputs) -> str:
    said, tolerance = amounts(inputs).said, inputs.evaluation.get("tolerance")
    if _costs(inputs):
        return _cost_title(inputs)
    own = comparison.score(inputs, "candidate", "within")
    if tolerance is not None and own is not None:
        against = beside(inputs)
        other = comparison.score(inputs, against, "within")
        than = f", and {percent(other)} of {SPOKEN[against]}'s" if other is not None else ""
        return f"{percent(own)} of its predictions are off by at most {said(tolerance)}{than}"
    if _exact(inputs):
        return "Hardly any prediction is off at all"
    bound = _bound(inputs, 0.9)
    if bound is None:
        return "How far off its predictions are"
    return f"Nine in ten predictions are off by at most {said(bound)}"


def _costs(inputs: Inputs) -> Row | None:
    """What a unit too high (`over`) and too low (`under`) costs, where it is set."""
    found: Row | None = inputs.evaluation.get("unit_costs")
    return found


def _cost_title(inputs: Inputs) -> str:
    """What errors cost against the other's, by the paired difference."""
    form, against = comparison.form(inputs, "cost"), beside(inputs)
    less = comparison.difference(inputs, "cost", against)
    start = f"An error costs {shown(comparison.score(inputs, 'candidate', 'cost'), form)} on average"
    if less["value"] is None:
        return start
    way = {"better": "less than", "worse": "more than"}.get(less["word"])
    how = f"{shown(abs(less['value']), form)} {way}" if way else "about as much as"
    return f"{start}, {how} {SPOKEN[against]}'s"


def _lead(inputs: Inputs) -> str:
    against, levels = beside(inputs), _levels(inputs)
    told = []
    if levels and levels[0]["other"] is not None and levels[0]["tolerance"] is not None:
        told.append(
            f"{WORDS.get(levels[0]['share'], percent(levels[0]['share']))} of its predictions are off by at most "
            f"{amounts(inputs).said(levels[0]['tolerance'])}, and {percent(levels[0]['other'])} of "
            f"{SPOKEN[against]}'s."
        )
    costs = _costs(inputs)
    if costs:
        low = _low_part(inputs, costs)
        whole = f"; predictions that are too low make {percent(low)} of the whole" if low is not None else ""
        told.append(f"A unit too high costs {plain(costs['over'])}, one too low {plain(costs['under'])}{whole}.")
    if inputs.evaluation.get("tolerance") is None and not _exact(inputs):
        told.append(
            "Once you know which error is near enough, read its share off the curve, or set it as the tolerance and "
            "it becomes a measure that gates can use."
        )
    return " ".join(told)


def _low_part(inputs: Inputs, costs: Row) -> float | None:
    """The share of what the candidate's errors cost that comes from predictions too low."""
    side = next((row for row in _sides(inputs) if row["model"] == "candidate"), {})
    high, low = (
        weight * at["share"] * at["mean"] if (at := side.get(key)) and at["mean"] else 0.0
        for key, weight in (("high", costs["over"]), ("low", costs["under"]))
    )
    return low / (high + low) if high + low else None


def _correction(inputs: Inputs) -> Row:
    """What errors cost when an amount is added to every prediction, and the one that would have cost least."""
    costs, form, amount = _costs(inputs), comparison.form(inputs, "cost"), amounts(inputs)
    rows = [row for row in inputs.plots["correction"] if row["model"] == "candidate"]
    own = comparison.score(inputs, "candidate", "cost")
    if not costs or not rows or own is None:
        return {}
    least = min(rows, key=lambda row: (row["cost"], abs(row["correction"])))
    clear = own - least["cost"] > LITTLE * own
    moved = f"{amount.said(abs(least['correction']))} {'more' if least['correction'] > 0 else 'less'}"
    return {
        "title": f"{moved} in every prediction would have cost {shown(least['cost'], form)} an error"
        if clear
        else "No amount added to every prediction would have cost clearly less",
        "about": "Mean cost of an error (vertical) by what is added to every prediction"
        + (f", {amount.name}." if amount.name else "."),
        "form": form,
        "own": own,
        "lowest": {"correction": least["correction"], "cost": least["cost"]} if clear else None,
        "note": "Known only in hindsight: an amount chosen on these rows would be judged by the rows it was chosen on.",
    }


def _levels(inputs: Inputs) -> list[Row]:
    """For round shares of the candidate's predictions: their largest error, and the other's share within it."""
    found = []
    for share in SHARES:
        bound = _bound(inputs, share)
        if bound is not None:
            other = within(inputs, beside(inputs), bound)
            found.append({"share": share, "what": WORDS[share], "tolerance": bound, "other": other})
    return found


def _thousand(inputs: Inputs) -> Row:
    """Of a thousand rows: within the tolerance where one is set, else inside the interval."""
    key = "within" if comparison.score(inputs, "candidate", "within") is not None else "coverage"
    models = [
        (model, share)
        for model in ("candidate", beside(inputs))
        if (share := comparison.score(inputs, model, key)) is not None
    ]
    if not models:
        return {}
    bound = amounts(inputs).said(inputs.evaluation.get("tolerance"))
    names = (f"inside its {percent(promised(inputs))} interval", "outside")
    if key == "within":
        names = (f"off by at most {bound}", "off by more")
    return {
        "title": f"What becomes of {count(PER)} {inputs.words.many}",
        "about": "",
        "models": [
            {
                "model": model,
                "name": NAMES[model],
                "parts": [
                    {"cell": "first", "name": names[0], "rows": share * PER},
                    {"cell": "wrong", "name": names[1], "rows": (1 - share) * PER},
                ],
            }
            for model, share in models
        ],
    }


def _sides(inputs: Inputs) -> list[Row]:
    """How often and by how much each model is too high, and too low."""
    rows: dict[str, Row] = {}
    for row in inputs.plots["sides"]:
        rows.setdefault(row["model"], {"model": row["model"], "name": NAMES[row["model"]]})[row["side"]] = {
            "share": row["share"], "mean": row["mean"]
        }  # fmt: skip
    return [rows[model] for model in NAMES if model in rows]


def _sides_title(inputs: Inputs) -> str:
    """Whether it errs to one side, by the interval of the mean signed error."""
    bias, ends = comparison.score(inputs, "candidate", "bias"), inputs.evaluation["interval"].get("bias") or {}
    if bias is None or ends.get("low") is None or ends["low"] <= 0 <= ends["high"]:
        return "It errs to neither side by more than chance"
    said = amounts(inputs).said(abs(bias))
    return f"On average it predicts {said} too {'high' if bias > 0 else 'low'}"
