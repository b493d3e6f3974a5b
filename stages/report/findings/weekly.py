"""The scored rows week by week: whether ranking and level hold over time."""

from __future__ import annotations

from statistics import median

import msgspec

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ModelName, Week
from stages.report.findings.target_summary import followed_shortly, level_form
from stages.wording.numbers import Form, count, day, fixed
from stages.wording.vocabulary import inside, shorten

FEWEST = 3
"""Weeks below which there is no course to follow."""
WHOLE = 0.5
"""A week with fewer rows than this share of the median week's is cut off at an end, and not called the worst."""
TITLES = {"binary": "Ranking", "multiclass": "Accuracy", "regression": "Error"}


class ShownWeek(msgspec.Struct, frozen=True):
    """A week's score by the candidate and the other model, and its level."""

    week: str
    name: str
    rows: float
    observed: float
    predicted: float
    candidate: float
    other: float | None


class WorstWeek(msgspec.Struct, frozen=True):
    """The week whose level is off most, and whether that is more than chance."""

    week: str
    name: str
    gap: float
    off: bool
    said: str


class Weekly(msgspec.Struct, frozen=True):
    """Each week, the worst, and in how many of the whole weeks the candidate is no better than the other model."""

    weeks: list[ShownWeek]
    other: ModelName
    worst: WorstWeek
    behind: int
    whole: int
    title: str
    lead: str
    score_title: str
    score_about: str
    score_form: Form
    level_title: str
    level_about: str
    level_form: Form


def weekly(inputs: Inputs) -> Weekly | None:
    """Each week's score by each model and its level; nothing where there are no dates, or few weeks."""
    known = [(row, row.score) for row in inputs.plots.weekly if row.score is not None]
    if len(known) < FEWEST:
        return None
    least = WHOLE * median(row.rows for row, _ in known)
    other: ModelName = "champion" if known[0][0].champion is not None else "baseline"
    weeks = [
        ShownWeek(
            week=row.week,
            name=day(row.week),
            rows=row.rows,
            observed=row.observed,
            predicted=row.predicted,
            candidate=score,
            other=row.champion if other == "champion" else row.baseline,
        )
        for row, score in known
    ]
    whole = [week for week in weeks if week.rows >= least]
    worst = _worst(inputs, [row for row, _ in known if row.rows >= least])
    sign = 1 if comparison.measure(inputs, comparison.task(inputs).primary).better == "more" else -1
    behind = sum(week.other is not None and sign * week.candidate <= sign * week.other for week in whole)
    return Weekly(
        weeks=weeks,
        other=other,
        worst=worst,
        behind=behind,
        whole=len(whole),
        title=f"The worst week was predicted {worst.said}"
        if worst.off
        else "No week's level is off by more than chance",
        lead=_lead(worst, behind, len(whole), other),
        score_title=f"{TITLES[inputs.evaluation.task]}, week by week",
        score_about=f"{_score_name(inputs)} of that week's {inputs.words.many}; {NAMES[other].lower()} in grey.",
        score_form=comparison.form(inputs, comparison.task(inputs).primary),
        level_title="Level, week by week",
        level_about=f"{_level_name(inputs)}; shaded: the gap between the two.",
        level_form=level_form(inputs),
    )


def _worst(inputs: Inputs, weeks: list[Week]) -> WorstWeek:
    worst = max(weeks, key=lambda row: abs(row.gap))
    off = worst.gap_low is not None and worst.gap_high is not None and not worst.gap_low <= 0 <= worst.gap_high
    return WorstWeek(worst.week, day(worst.week), worst.gap, off, describe_gap(inputs, worst.gap))


def describe_gap(inputs: Inputs, gap: float) -> str:
    """How far a level is off, in words."""
    way = "low" if gap < 0 else "high"
    if inputs.evaluation.task == "regression":
        form = amounts(inputs)
        return f"{f'less than {form.write_least()}' if form.is_zero(gap) else form.write(abs(gap))} too {way}"
    points = fixed(abs(gap) * 100, 0 if abs(gap) >= 0.0095 else 1)
    return f"{points} {'point' if points == '1' else 'points'} too {way}"


def _lead(worst: WorstWeek, behind: int, whole: int, other: ModelName) -> str:
    told = "No week's level is off by more than chance."
    if worst.off:
        told = f"The week of {worst.name} is off most: predicted {worst.said} on average."
    if behind:
        often = "every week" if behind == whole else f"{count(behind)} of {count(whole)} weeks"
        told += f" In {often} it does no better than {SPOKEN[other]}."
    return told


def _score_name(inputs: Inputs) -> str:
    error = f"Mean error{_unit(inputs)}"
    return {"binary": "AUC", "multiclass": "Share right", "regression": error}[inputs.evaluation.task]


def _unit(inputs: Inputs) -> str:
    name = amounts(inputs).name
    return f", {name}," if name else ""


def _level_name(inputs: Inputs) -> str:
    task, words = inputs.evaluation.task, inputs.words
    if task == "regression":
        name = amounts(inputs).name
        return f"Mean {inside(shorten(words.target, 40))}" + (f", {name}" if name else "")
    if task == "multiclass":
        return f"Share of {followed_shortly(inputs)}"
    return f"Share {words.positive}"
