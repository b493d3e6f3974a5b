"""Section 5: where the candidate does worse than on the whole, group by group and week by week."""

from __future__ import annotations

from itertools import groupby

import msgspec
from msgspec.structs import replace

from stages.report.findings import comparison
from stages.report.findings.affected import affected, describe_difference
from stages.report.findings.amounts import amounts
from stages.report.findings.breakdown import Breakdown, breakdown
from stages.report.findings.comparison import NAMES, POINTS, SPOKEN, Measured
from stages.report.findings.inputs import Inputs
from stages.report.findings.plots import ModelName, Slice
from stages.report.findings.scores_summary import holds_too_few, promised_share
from stages.report.findings.target_summary import followed_shortly, level_form
from stages.report.findings.weekly import Weekly, describe_gap, weekly
from stages.wording.numbers import Form, count, fixed, listed, percent, plural, shown
from stages.wording.vocabulary import apart, inside, sentence, shorten

FEW = 14
"""Groups beside which there is room for another table."""
MOST = 26
"""Groups shown: of more, those that differ most from the whole."""
SCORES = {"binary": "AUC", "multiclass": "Right, %", "regression": "Mean error"}
WORST = {"binary": "It ranks worst", "multiclass": "It is right least often", "regression": "Its errors are largest"}


class GroupScore(msgspec.Struct, frozen=True):
    """A model's score of a group."""

    model: ModelName
    value: float


class LevelGap(msgspec.Struct, frozen=True):
    """What is predicted less what came, with its interval."""

    value: float
    low: float | None
    high: float | None


class Group(msgspec.Struct, frozen=True):
    """Rows alike in one column: `weak` where the whole interval is worse than the score of all, `off` where the level
    is off.
    """

    column: str
    value: str
    short: str
    rows: float
    level: float
    score: Measured
    other: GroupScore | None
    gap: LevelGap
    weak: bool
    off: bool


class Weaknesses(msgspec.Struct, frozen=True):
    """All that section 5 shows."""

    title: str
    lead: str
    groups: list[Group]
    all_groups: int
    whole: float | None
    score: str
    score_form: Form
    level: str
    level_form: Form
    gap_form: Form
    gap_name: str
    other: str
    groups_title: str
    groups_about: str
    groups_note: str
    weekly: Weekly | None
    in_detail: Breakdown | None
    affected: Breakdown | None


def weaknesses(inputs: Inputs) -> Weaknesses | None:
    """Return what section 5 shows; nothing where there are neither groups nor weeks."""
    rows, weeks = _groups(inputs), weekly(inputs)
    if not rows and not weeks and not inputs.plots.sensitive and not inputs.evaluation.worst_group:
        return None
    key, is_number = comparison.task(inputs).primary, inputs.evaluation.task == "regression"
    form = replace(comparison.form(inputs, key), unit="")
    kept = _shown(inputs, rows)
    return Weaknesses(
        title=_title(inputs, rows, weeks),
        lead=_lead(inputs, rows, weeks),
        groups=kept,
        all_groups=len(rows),
        whole=comparison.score(inputs, "candidate", key),
        score=SCORES[inputs.evaluation.task],
        score_form=form,
        level=_level_name(inputs),
        level_form=level_form(inputs),
        gap_form=form if is_number else POINTS,
        gap_name="Predicted less actual" if is_number else "Predicted less observed, points",
        other=NAMES[_other(rows)] if rows else "",
        groups_title="Scores and honesty of the predictions, group by group",
        groups_about=_about(inputs, rows),
        groups_note=_note(inputs, rows, kept),
        weekly=weeks,
        affected=affected(inputs),
        in_detail=None if weeks or len(rows) > FEW else breakdown(inputs),
    )


def label(row: Group) -> str:
    """A group in a sentence: airline UA, visibility below 10."""
    return f"{shorten(inside(row.column))} {row.short}"


def _groups(inputs: Inputs) -> list[Group]:
    """Every group there is."""
    measure = comparison.measure(inputs, comparison.task(inputs).primary)
    whole = comparison.score(inputs, "candidate", measure.key) or 0.0
    names = [_value(inputs, row.column, row.value) for row in inputs.plots.slices]
    short = apart(names)
    return [
        Group(
            column=inputs.words.label(row.column),
            value=name,
            short=short[name],
            rows=row.rows,
            level=row.level,
            score=Measured(row.score, row.low, row.high),
            other=_held_against(row),
            gap=LevelGap(row.gap, row.gap_low, row.gap_high),
            weak=_worse(row, whole, measure.better),
            off=row.gap_low is not None and row.gap_high is not None and not row.gap_low <= 0 <= row.gap_high,
        )
        for row, name in zip(inputs.plots.slices, names, strict=True)
    ]


def _held_against(row: Slice) -> GroupScore | None:
    if row.champion is not None:
        return GroupScore("champion", row.champion)
    return None if row.baseline is None else GroupScore("baseline", row.baseline)


def _worse(row: Slice, whole: float, better: str) -> bool:
    if row.low is None or row.high is None:
        return False
    return row.high < whole if better == "more" else row.low > whole


def _other(rows: list[Group]) -> ModelName:
    return next((row.other.model for row in rows if row.other), "baseline")


def _shown(inputs: Inputs, rows: list[Group]) -> list[Group]:
    """All groups of few; of many the worst, those that stand out most, and the largest, in their order."""
    if len(rows) <= MOST:
        return rows
    named = [_worst(inputs, rows), *sorted(rows, key=lambda row: -abs(row.gap.value))[:1]]

    def after(at: int) -> tuple[bool, bool, float, int]:
        row = rows[at]
        stands = row.weak or row.off
        far = abs(row.gap.value) if row.off else 0.0
        return not any(row is one for one in named), not stands, -far if stands else -row.rows, at

    return [rows[at] for at in sorted(sorted(range(len(rows)), key=after)[:MOST])]


def _value(inputs: Inputs, column: str, value: str) -> str:
    return inputs.words.group(column, inputs.schema.types.get(column, ""), value)


def _level_name(inputs: Inputs) -> str:
    task, words = inputs.evaluation.task, inputs.words
    if task == "regression":
        return "Mean"
    return sentence(shorten(words.positive, 14)) if task == "binary" and words.named else "Actual"


def _about(inputs: Inputs, rows: list[Group]) -> str:
    if not rows:
        return ""
    sure = percent(inputs.evaluation.slice_confidence)
    task, risk = inputs.evaluation.task, inputs.words.speech.risk
    what = f"mean {risk} less observed share" if task == "binary" else "mean of predicted less actual"
    if task == "multiclass":
        what = f"predicted less actual share of {followed_shortly(inputs, 20)}"
    name = f" Amounts in {amounts(inputs).name}." if task == "regression" and amounts(inputs).name else ""
    return (
        f"Dot with line: candidate with {sure} interval; hollow: {SPOKEN[_other(rows)]}; dashed: the candidate on the "
        f"whole. Bar: {what}; rust where the interval leaves out the whole's score, or 0. Lines end at the edge.{name}"
    )


def _note(inputs: Inputs, rows: list[Group], kept: list[Group]) -> str:
    if not rows:
        return ""
    sure = inputs.evaluation.slice_confidence
    chance = (1 - sure) * len(rows)
    often = "fewer than one" if chance < 1 else f"about {fixed(chance, 0)}"
    more = (
        f" Shown are the {count(len(kept))} that stand out most or are the largest; all are in "
        "metrics/plots/slices.csv."
        if len(kept) < len(rows)
        else ""
    )
    return (
        f"Each of {plural(len(rows), 'group', 'groups')} is judged twice at {percent(sure)}: by chance alone {often} "
        f"would stand out in either way.{more}"
    )


def _title(inputs: Inputs, rows: list[Group], weeks: Weekly | None) -> str:
    """What stands out most: groups, else the worst week, else nothing."""
    off, weak = [row for row in rows if row.off], [row for row in rows if row.weak]
    if off:
        worst = max(off, key=lambda row: abs(row.gap.value))
        some = f"{count(len(off))} of {count(len(rows))} groups {'is' if len(off) == 1 else 'are'}"
        if len(off) == len(rows) > 1:
            some = f"All {count(len(rows))} groups are"
        most = ": " if len(off) == 1 else ", most of all "
        return f"{some} off by more than chance{most}{label(worst)}, predicted {describe_gap(inputs, worst.gap.value)}"
    if weak:
        worst = _worst(inputs, weak)
        return f"{WORST[inputs.evaluation.task]} where {inside_of(worst)}: {_score(inputs, worst)}"
    if weeks and weeks.worst.off:
        return weeks.title
    persons, search = affected(inputs), inputs.evaluation.worst_group
    if persons and describe_difference(inputs):
        return persons.title
    if search and search.confirmed:
        return f"One group is off by more than chance, predicted {describe_gap(inputs, search.gap)}"
    if rows:
        if len(rows) == 1:
            return "The one group looked at does not do worse than chance would make it"
        return f"Not one of {count(len(rows))} groups looked at does worse than chance would make it"
    if weeks:
        return "No week stands out by more than chance"
    return persons.title if persons else "No group was found that is off by more than chance"


def inside_of(row: Group) -> str:
    """A group as a condition: airline is UA."""
    return f"{shorten(inside(row.column))} is {row.short}"


def _lead(inputs: Inputs, rows: list[Group], weeks: Weekly | None) -> str:
    told = []
    if rows:
        columns = list(dict.fromkeys(inside(row.column) for row in rows))
        rest = [plural(len(columns) - 5, "column more", "columns more")] if len(columns) > 5 else []
        if not any(row.off or row.weak for row in rows):
            told.append(f"Looked at were groups by {listed([*columns[:5], *rest])}.")
        worst = _worst(inputs, rows)
        told_above = not any(row.off for row in rows) and any(row.weak for row in rows)
        if not told_above and not _alike(inputs, worst):
            told.append(f"{WORST[inputs.evaluation.task]} where {inside_of(worst)}: {_score(inputs, worst)}.")
        behind = [row for row in rows if _behind(inputs, row)]
        than = SPOKEN[_other(rows)]
        if behind:
            names = ", ".join(label(row) for row in behind[:2])
            more = f" and {plural(len(behind) - 2, 'more', 'more')}" if len(behind) > 2 else ""
            told.append(f"No better than {than} in {plural(len(behind), 'group', 'groups')}: {names}{more}.")
        elif any(row.other for row in rows):
            told.append(f"In every group it does better than {than}.")
    if narrow := _narrowest(inputs):
        where = f"{shorten(inside(inputs.words.label(narrow.column)))} is {_value(inputs, narrow.column, narrow.value)}"
        told.append(f"Its {percent(promised_share(inputs))} intervals hold only {percent(narrow.held)} where {where}.")
    told += _describe_search(inputs)
    if weeks:
        told.append(weeks.lead)
    return " ".join(told)


def _describe_search(inputs: Inputs) -> list[str]:
    """What a search over all groups came to, on rows that it did not see."""
    found, many = inputs.evaluation.worst_group, inputs.words.many
    if found is None:
        return []
    looked = f"A search over {count(found.searched)} groups by one or two inputs, on half of the {many},"
    if not found.confirmed:
        return [f"{looked} found none that is off more than all are on the other half as well."]
    parts = zip(found.columns, found.values, strict=True)
    named = [
        f"{shorten(inside(inputs.words.label(column)))} is {shorten(_value(inputs, column, value))}"
        for column, value in parts
    ]
    return [
        f"{looked} found those where {listed(named)} furthest off: on the other half, too, {count(found.rows)} {many} "
        f"are predicted {describe_gap(inputs, found.gap)}."
    ]


def _narrowest(inputs: Inputs) -> Slice | None:
    """The group whose intervals hold fewest, where that is clearly fewer than they promise."""
    share = promised_share(inputs)
    found = [row for row in inputs.plots.slices if holds_too_few(row.held, row.held_high, share)]
    return min(found, key=lambda row: row.held or 0.0, default=None)


def _alike(inputs: Inputs, worst: Group) -> bool:
    """Whether even the worst group's score is written like the whole's."""
    key = comparison.task(inputs).primary
    form = comparison.form(inputs, key)
    return shown(worst.score.value, form) == shown(comparison.score(inputs, "candidate", key), form)


def _worst(inputs: Inputs, rows: list[Group]) -> Group:
    sign = 1 if comparison.measure(inputs, comparison.task(inputs).primary).better == "more" else -1
    known = [row for row in rows if row.score.value is not None] or rows
    return min(known, key=lambda row: (sign * (row.score.value or 0.0), row.column, row.value))


def _behind(inputs: Inputs, row: Group) -> bool:
    sign = 1 if comparison.measure(inputs, comparison.task(inputs).primary).better == "more" else -1
    return row.score.value is not None and row.other is not None and sign * row.score.value <= sign * row.other.value


def _score(inputs: Inputs, row: Group) -> str:
    """The group's score against the whole's."""
    task, key = inputs.evaluation.task, comparison.task(inputs).primary
    whole, own = comparison.score(inputs, "candidate", key), row.score.value
    if task == "regression":
        write = amounts(inputs).write
        return f"{write(own)} on average against {write(whole)} on the whole"
    if task == "multiclass":
        return f"{percent(own)} against {percent(whole)} on the whole"
    return f"AUC {fixed(own, 3)} against {fixed(whole, 3)} on the whole"


def families(rows: list[Group]) -> list[tuple[str, list[Group]]]:
    """The groups by the column that makes them."""
    return [(name, list(members)) for name, members in groupby(rows, key=lambda row: row.column)]
