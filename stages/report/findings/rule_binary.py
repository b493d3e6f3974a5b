"""Page 4 of two classes: what becomes of a thousand rows, what wrong calls cost, and where else to draw the line."""

from __future__ import annotations

from stages.report.findings import comparison
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.estimate import beside, where
from stages.report.findings.inputs import Inputs, Row
from stages.wording.metrics import PER
from stages.wording.numbers import count, fixed, percent, plain
from stages.wording.vocabulary import a, sentence

GRID = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
"""Round thresholds that a reader may think of."""
SHOWN = 5
"""How many of them are shown beside the rule and the hindsight."""
NEAR = 0.015
"""A round threshold nearer than this to one that is shown anyway is left out."""
FEW = 0.01
"""Share of rows warned of, or left alone, below which a threshold says nothing."""


def rule(inputs: Inputs) -> Row:
    """What the page shows."""
    ends, lowest = _ends(inputs), _lowest(inputs)
    return {
        "title": _title(inputs),
        "lead": _lead(inputs, ends, lowest),
        "threshold": inputs.evaluation["threshold"],
        "cost": comparison.score(inputs, "candidate", "cost"),
        "costs": inputs.evaluation["costs"],
        "thousand": _thousand(inputs),
        "curve_title": "Cost of wrong calls, wherever the line is drawn",
        "curve_about": (
            f"Cost per {count(PER)} {inputs.words.many} of the {where(inputs)} = {_weights(inputs)} (vertical), by the "
            f"risk from which on to raise {a(inputs.words.warning.one)}."
        ),
        "lowest": lowest,
        **ends,
        "to": _to(inputs, ends["never"]),
        "thresholds": _thresholds(inputs, lowest),
        "hindsight": "The lowest cost is known only afterwards; a line moved there by looking at these rows would be "
        "judged by the rows it was chosen on.",
    }


def _title(inputs: Inputs) -> str:
    """What the rule saves against what there is today, by the paired difference."""
    against = beside(inputs)
    less = comparison.difference(inputs, "cost", against)
    words = inputs.words.warning
    start = f"{sentence(words.many)} from a risk of {percent(inputs.evaluation['threshold'])} on cost"
    if less["value"] is None:
        return f"{start} {count(comparison.score(inputs, 'candidate', 'cost') or 0)} per {count(PER)}"
    saved = count(abs(less["value"]))
    how = {"better": f"{saved} less", "worse": f"{saved} more"}.get(less["word"], "")
    end = f"per {count(PER)} {inputs.words.many} than those of {SPOKEN[against]}"
    return f"{start} {how} {end}" if how else f"{start} about as much as those of {SPOKEN[against]}"


def _lead(inputs: Inputs, ends: Row, lowest: Row) -> str:
    words, costs = inputs.words.warning, inputs.evaluation["costs"]
    threshold = inputs.evaluation["threshold"]
    told = [
        f"{sentence(a(words.miss))} counts {plain(costs['miss'])} and {a(words.false_alarm)} "
        f"{plain(costs['false_alarm'])}, so on probabilities that can be read literally {a(words.one)} pays from "
        f"{percent(threshold)} on."
    ]
    cost = comparison.score(inputs, "candidate", "cost") or 0.0
    more = cost - lowest["cost"]
    told.append(
        f"In hindsight no other line would have cost clearly less than its {count(cost)}."
        if more < max(0.5, 0.005 * cost)
        else f"In hindsight a line at {percent(lowest['threshold'])} would have cost {count(lowest['cost'])} instead "
        f"of {count(cost)}."
    )
    told.append("For other weights read another row of the table: the model stays, only the line moves.")
    cheapest = min(ends["never"], ends["always"])
    if cost >= cheapest:
        idle = "never" if ends["never"] <= ends["always"] else "always"
        told.append(
            f"To raise {'none' if idle == 'never' else 'one every time'} would cost {count(cheapest)}: no more."
        )
    return " ".join(told)


def _weights(inputs: Inputs) -> str:
    costs = inputs.evaluation["costs"]
    return f"{plain(costs['miss'])} × missed + {plain(costs['false_alarm'])} × {inputs.words.warning.false_alarm}s"


def _ends(inputs: Inputs) -> Row:
    """What it costs to warn of none, and of all."""
    costs, found = inputs.evaluation["costs"], _of(inputs, "candidate")
    return {
        "never": costs["miss"] * (found["caught"] + found["missed"]),
        "always": costs["false_alarm"] * (found["needless"] + found["left"]),
    }


def _of(inputs: Inputs, model: str) -> Row:
    return next((row for row in inputs.plots["outcomes"] if row["model"] == model), {})


def _curve(inputs: Inputs) -> list[Row]:
    return [row for row in inputs.plots["cost"] if row["model"] == "candidate"]


def _lowest(inputs: Inputs) -> Row:
    """The cheapest line in hindsight: the rule's own where none is cheaper."""
    own = {"threshold": inputs.evaluation["threshold"], "cost": comparison.score(inputs, "candidate", "cost")}
    found = min([own, *_curve(inputs)], key=lambda row: (row["cost"], row["threshold"]))
    return {key: found[key] for key in ("threshold", "cost")}


def _to(inputs: Inputs, never: float) -> float:
    """Where the curves have come to what it costs never to warn: beyond, nothing can be seen."""
    models = {row["model"] for row in inputs.plots["cost"]}
    last = [
        max((row["threshold"] for row in inputs.plots["cost"] if row["model"] == model
             and abs(row["cost"] - never) > 0.01 * never), default=0.0)
        for model in models
    ]  # fmt: skip
    return float(min(1.0, max([0.1, inputs.evaluation["threshold"] * 1.25, *last]) + 0.02))


def _thousand(inputs: Inputs) -> Row:
    """Of a thousand rows, for the candidate and what it is held against: caught, missed, false alarms, left alone."""
    words, found = inputs.words, _of(inputs, "candidate")
    names = {"tp": "caught", "fn": "missed", "fp": f"{words.warning.false_alarm}s", "tn": "left alone"}
    keys = {"tp": "caught", "fn": "missed", "fp": "needless", "tn": "left"}
    positive = round(found["caught"] + found["missed"])
    return {
        "title": f"What becomes of {count(PER)} {words.many}",
        "about": f"With {a(words.warning.one)} from a risk of {percent(inputs.evaluation['threshold'])} on.",
        "positive": {"rows": positive, "name": words.cases},
        "negative": {"rows": PER - positive, "name": words.others},
        "models": [
            {
                "model": model,
                "name": NAMES[model],
                "parts": [{"cell": cell, "name": names[cell], "rows": whole[key]} for cell, key in keys.items()],
            }
            for model in ("candidate", beside(inputs))
            if (row := _of(inputs, model))
            for whole in [_whole(row, positive)]
        ],
    }


def _whole(row: Row, positive: int) -> Row:
    """The four counts as whole numbers that add up."""
    caught, needless = min(positive, round(row["caught"])), min(PER - positive, round(row["needless"]))
    left = PER - positive - needless
    return {"caught": caught, "missed": positive - caught, "needless": needless, "left": left}


def _thresholds(inputs: Inputs, lowest: Row) -> list[Row]:
    """The rule, the cheapest line in hindsight, and round ones that warn of some rows and not of all."""
    own = inputs.evaluation["threshold"]
    grid = {round(row["threshold"], 2): row for row in _curve(inputs)}
    usable = [
        at
        for at in GRID
        if at in grid
        and FEW * PER < grid[at]["caught"] + grid[at]["needless"] < (1 - FEW) * PER
        and min(abs(at - own), abs(at - lowest["threshold"])) > NEAR
    ]
    places = sorted({round(step * (len(usable) - 1) / (SHOWN - 1)) for step in range(SHOWN)}) if usable else []
    chosen = {usable[place]: grid[usable[place]] for place in places}
    chosen[own] = _of(inputs, "candidate")
    if lowest["threshold"] != own:
        chosen[lowest["threshold"]] = grid.get(round(lowest["threshold"], 2), {})
    return [
        {
            "threshold": at,
            "what": "rule" if at == own else "lowest" if at == lowest["threshold"] else "",
            "warnings": row["caught"] + row["needless"],
            "recall": _share(row["caught"], row["missed"]),
            "precision": _share(row["caught"], row["needless"]),
            "missed": row["missed"],
            "needless": row["needless"],
            "cost": row["cost"],
        }
        for at, row in sorted(chosen.items())
        if row
    ]


def _share(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest else None


def digits(threshold: float) -> str:
    """A threshold as it is said: 20%, 0.4%."""
    return percent(threshold) if threshold >= FEW else f"{fixed(threshold * 100, 2)}%"
