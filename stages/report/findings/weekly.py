"""The scored rows week by week: whether ranking and level hold over time."""

from __future__ import annotations

from statistics import median

from stages.report.findings import comparison
from stages.report.findings.amounts import amounts
from stages.report.findings.comparison import NAMES, SPOKEN
from stages.report.findings.inputs import Inputs, Row
from stages.report.findings.outcome import followed_shortly
from stages.wording.numbers import count, day, fixed
from stages.wording.vocabulary import inside, shorten

FEWEST = 3
"""Weeks below which there is no course to follow."""
WHOLE = 0.5
"""A week with fewer rows than this share of the median week's is cut off at an end, and not called the worst."""
TITLES = {"binary": "Ranking", "multiclass": "Accuracy", "regression": "Error"}


def weekly(inputs: Inputs) -> Row:
    """Each week's score by each model and its level; nothing where there are no dates, or few weeks."""
    key = comparison.task(inputs).primary
    rows = [row for row in inputs.plots["weekly"] if row[key] is not None]
    if len(rows) < FEWEST:
        return {}
    least = WHOLE * median(row["rows"] for row in rows)
    whole = [row for row in rows if row["rows"] >= least]
    worst = max(whole, key=lambda row: abs(row["gap"]))
    other = "champion" if rows[0].get(f"champion_{key}") is not None else "baseline"
    found = {
        "week": worst["week"], "name": day(worst["week"]), "gap": worst["gap"],
        "off": _off(worst), "said": said(inputs, worst["gap"]),
    }  # fmt: skip
    behind = [row for row in whole if _behind(inputs, row, key, other)]
    return {
        "weeks": [
            {
                "week": row["week"],
                "name": day(row["week"]),
                "rows": row["rows"],
                "observed": row["observed"],
                "predicted": row["predicted"],
                "candidate": row[key],
                "other": row.get(f"{other}_{key}"),
            }
            for row in rows
        ],
        "other": other,
        "worst": found,
        "behind": len(behind),
        "whole": len(whole),
        "title": f"The worst week was predicted {found['said']}"
        if found["off"]
        else "No week's level is off by more than chance",
        "lead": _lead(found, len(behind), len(whole), other),
        "score_title": f"{TITLES[inputs.evaluation['task']]}, week by week",
        "score_about": f"{_score_name(inputs)} of that week's {inputs.words.many}; {NAMES[other].lower()} in grey.",
        "score_form": comparison.form(inputs, key),
        "level_title": "Level, week by week",
        "level_about": f"{_level_name(inputs)}; shaded: the gap between the two.",
        "level_form": amounts(inputs).form(error=False)
        if inputs.evaluation["task"] == "regression"
        else {"digits": 0, "scale": 100, "unit": "%"},
    }


def _off(row: Row) -> bool:
    return row["gap_low"] is not None and row["gap_high"] is not None and not row["gap_low"] <= 0 <= row["gap_high"]


def said(inputs: Inputs, gap: float) -> str:
    """How far a level is off, in words."""
    way = "low" if gap < 0 else "high"
    if inputs.evaluation["task"] == "regression":
        form = amounts(inputs)
        return f"{f'less than {form.least()}' if form.nothing(gap) else form.said(abs(gap))} too {way}"
    points = fixed(abs(gap) * 100, 0 if abs(gap) >= 0.0095 else 1)
    return f"{points} {'point' if points == '1' else 'points'} too {way}"


def _behind(inputs: Inputs, row: Row, key: str, other: str) -> bool:
    sign = 1 if comparison.measure(inputs, key).better == "more" else -1
    theirs = row.get(f"{other}_{key}")
    return theirs is not None and sign * row[key] <= sign * theirs


def _lead(worst: Row, behind: int, whole: int, other: str) -> str:
    told = "No week's level is off by more than chance."
    if worst["off"]:
        told = f"The week of {worst['name']} is off most: predicted {worst['said']} on average."
    if behind:
        often = "every week" if behind == whole else f"{count(behind)} of {count(whole)} weeks"
        told += f" In {often} it does no better than {SPOKEN[other]}."
    return told


def _score_name(inputs: Inputs) -> str:
    error = f"Mean error{_unit(inputs)}"
    return {"binary": "AUC", "multiclass": "Share right", "regression": error}[inputs.evaluation["task"]]


def _unit(inputs: Inputs) -> str:
    name = amounts(inputs).name
    return f", {name}," if name else ""


def _level_name(inputs: Inputs) -> str:
    task, words = inputs.evaluation["task"], inputs.words
    if task == "regression":
        name = amounts(inputs).name
        return f"Mean {inside(shorten(words.target, 40))}" + (f", {name}" if name else "")
    if task == "multiclass":
        return f"Share of {followed_shortly(inputs)}"
    return f"Share {words.positive}"
