"""Section 4 of several classes: what becomes of a thousand rows, what it brings to leave unsure ones to a person."""

from __future__ import annotations

import msgspec

from stages.report.findings import comparison
from stages.report.findings.comparison import NAMES
from stages.report.findings.decision_rule import Cell, DecisionRule, ModelRows, Thousand
from stages.report.findings.estimate import beside
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import AbstainPoint, ModelName
from stages.wording.metrics import PER
from stages.wording.numbers import count, percent

LEVELS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Confidences from which on to answer."""
LEAST_GAIN = 0.02
"""Of what leaving rows to a person spares, in shares, beyond what leaving any rows does."""
CLOSE = 0.01
"""A round confidence nearer to the one told of is left out."""


class Level(msgspec.Struct, frozen=True):
    """What it brings to answer from a confidence on, per thousand rows; `told` where the lead tells of it."""

    confidence: float
    told: bool
    answered: float
    accuracy: float
    wrong: float
    left: float


class MulticlassRule(DecisionRule, frozen=True, kw_only=True):
    """What section 4 shows of several classes: the curve's end, and its knee."""

    whole: AbstainPoint | None
    some: AbstainPoint | None
    levels: list[Level]
    levels_title: str


def rule(inputs: Inputs) -> MulticlassRule:
    """Return what section 4 shows."""
    curve = sorted((row for row in inputs.plots.abstain if row.model == "candidate"), key=lambda row: row.answered)
    whole, some = (curve[-1] if curve else None), _find_knee(curve)
    return MulticlassRule(
        title=_title(whole, some),
        lead=_lead(inputs, whole, some),
        thousand=thousand(inputs),
        curve_title="What it brings to answer only when sure",
        curve_about=f"Share of answers that are right (vertical), by the share of {inputs.words.many} answered: the "
        "surest first.",
        whole=whole,
        some=some,
        levels=_levels(curve, some),
        levels_title=f"From which confidence to answer, per {count(PER)} {inputs.words.many}",
    )


def _find_knee(curve: list[AbstainPoint]) -> AbstainPoint | None:
    """The point from which on a person would look at more rows for each mistake than on the whole: where the share of
    mistakes spared is furthest above the share of rows left. Nothing where it is nowhere above (Satopää et al. 2011).
    """
    if not curve or curve[-1].accuracy == 1:
        return None
    mistakes = curve[-1].answered * (1 - curve[-1].accuracy)

    def gain(row: AbstainPoint) -> float:
        return 1 - row.answered * (1 - row.accuracy) / mistakes - (1 - row.answered)

    found = max(curve, key=gain)
    return found if gain(found) > LEAST_GAIN else None


def _title(whole: AbstainPoint | None, some: AbstainPoint | None) -> str:
    if not whole:
        return "When to leave the answer to a person"
    if whole.accuracy == 1:
        return "Every answer was right: there is nothing to leave to a person"
    if not some:
        return f"{percent(whole.accuracy, 1)} of the answers are right; its confidence does not tell which"
    rest = 1 - some.answered
    left = percent(rest, 1 if rest < 0.0095 else 0)
    before, after = percent(whole.accuracy, 1), percent(some.accuracy, 1)
    return f"Leaving the least sure {left} to a person lifts accuracy from {before} to {after}"


def _lead(inputs: Inputs, whole: AbstainPoint | None, some: AbstainPoint | None) -> str:
    many = inputs.words.many
    told = f"A person may take the {many} whose likeliest class is not likely enough."
    if some and whole and whole.accuracy < 1:
        wrong = [PER * row.answered * (1 - row.accuracy) for row in (whole, some)]
        told += (
            f" Of {count(PER)} {many} it answers wrongly {count(wrong[0])} if it answers all, and {count(wrong[1])} if "
            f"it answers those of {_sure(some.confidence)} confidence or more, leaving "
            f"{count(PER * (1 - some.answered))} to a person."
        )
    return f"{told} The service answers always and gives the confidence; where to draw the line is yours to say."


def _sure(confidence: float) -> str:
    """100% only where it is."""
    return percent(confidence, 0 if confidence < 0.995 or confidence == 1 else 2)


def _levels(curve: list[AbstainPoint], some: AbstainPoint | None) -> list[Level]:
    """For each confidence, the one that the lead tells of among them: how many are answered,
    how many of the answers are right, how many wrong ones remain.
    """
    found: list[Level] = []
    told = some.confidence if some else -1.0
    round_ = [level for level in LEVELS if level == told or abs(level - told) >= CLOSE]
    for level in sorted({*round_, *([told] if some else [])}):
        rows = [row for row in curve if row.confidence >= level]
        if not rows:
            continue
        row = rows[-1]
        if found and row.answered == found[-1].answered:
            if level != told:
                continue
            found.pop()
        wrong, left = PER * row.answered * (1 - row.accuracy), PER * (1 - row.answered)
        found.append(Level(level, level == told, row.answered, row.accuracy, wrong, left))
    return found


def thousand(inputs: Inputs) -> Thousand:
    """Of a thousand rows, by each model: right at the first guess, right at the second, wrong."""
    return Thousand(
        title=f"What becomes of {count(PER)} {inputs.words.many}",
        about="Answered always, by the likeliest class.",
        models=[
            ModelRows(model, NAMES[model], _cells(inputs, model, first))
            for model in ("candidate", beside(inputs))
            if (first := comparison.score(inputs, model, "accuracy")) is not None
        ],
    )


def _cells(inputs: Inputs, model: ModelName, first: float) -> list[Cell]:
    second = comparison.score(inputs, model, "top2_accuracy")
    if len(inputs.schema.target.classes) <= 2 or second is None:
        name = "right" if len(inputs.schema.target.classes) <= 2 else "right at the first guess"
        cells = [Cell("first", name, first * PER)]
    else:
        cells = [
            Cell("first", "right at the first guess", first * PER),
            Cell("second", "right at the second", (second - first) * PER),
        ]
    return [*cells, Cell("wrong", "wrong", PER - sum(cell.rows for cell in cells))]
