"""What the rows say of a column beyond its own texts: by the target beside them, and by the order they stand in.

Spellings of one label are taken for it unless the target differs between them; a word for missing whose rows differ
from the others is asked about; dates that could be read in two ways are read so that the rows are in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from stages.adopt.column_counts import Tally
from stages.adopt.profile import Profile
from stages.adopt.target import Goal
from stages.clean.columns import infer_missing, labels
from stages.clean.columns.inference import Finding
from stages.clean.columns.parsing import is_absent, list_named, parse_cells, read_cells, to_arrow

FEWEST, CLEARLY = 10, 4.0
"""Rows of each of two groups that are compared, and standard errors between their means from which they differ."""
MUCH = 0.05
"""Share of rows from which a word for missing is asked about."""
IN_ORDER, OUT_OF_ORDER, FEWEST_DAYS = 0.01, 0.03, 5
"""Share of steps back in a column that the rows are sorted by, and in one that they are not."""
NUMBERS = ("integer", "number")
TEXTS = ("category", "boolean", "ordinal")

Truth = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def encode_target(texts: pd.Series[str], goal: Goal) -> Truth:
    """Rows × 1 number, or rows × classes of 0 and 1; NaN where the target is not known."""
    if goal.task == "regression":
        values, _ = parse_cells(texts, goal.finding.spec, {"", *goal.finding.missing, *goal.finding.stray})
        return np.asarray(values, dtype=np.float64)[:, None]
    stripped = texts.str.strip()
    made: Truth = np.stack([(stripped == label).to_numpy(dtype=np.float64) for label in goal.classes], axis=1)
    made[made.sum(axis=1) == 0] = np.nan
    return made


def clearly_differ(values: Truth, one: Mask, other: Mask) -> bool:
    """Whether the target's mean, or a class's share, clearly differs between two groups of rows."""
    known = ~np.isnan(values.sum(axis=1))
    first, second = values[one & known], values[other & known]
    if min(len(first), len(second)) < FEWEST:
        return False
    spread = np.concatenate([first, second]).std(axis=0)
    error = np.where(spread > 0, spread, np.inf) * np.sqrt(1 / len(first) + 1 / len(second))
    return bool((np.abs(first.mean(axis=0) - second.mean(axis=0)) > CLEARLY * error).any())


def weigh_target(profile: Profile, name: str) -> Profile:
    """The table with the target's labels in one spelling each, its finding a category that says which.

    A word for missing is missing here even among codes that it may be one of, and numbers are numbers even where they
    may be dates.
    """
    tally = profile.tallies[name]
    profile = profile.with_tally(tally.judged(_as_numbers(_without_words(name, tally))))
    finding = profile.tallies[name].finding
    groups = _groups(profile, name)
    if not groups or finding.kind not in TEXTS:
        return profile
    codes = [] if finding.kind == "boolean" else _codes(groups, len(_known(profile, name)))
    if codes:
        note = f"classes that differ in case or punctuation only: if they are one, {_advice(name, groups)}"
        return profile.with_tally(profile.tallies[name].judged(_doubting(finding, note)))
    return _in_one_spelling(profile, name, groups)


def _without_words(name: str, tally: Tally) -> Finding:
    finding = tally.finding
    words = {text: int(tally.counts[text]) for text in list_named(finding.spec) if text.lower() in infer_missing.CODES}
    if finding.kind != "category" or not words or len(words) < len(labels.parse_spellings(finding.format)):
        return finding
    doubt = f"{labels.list_spellings(words)} is taken for missing, but may be a class: {_advice(name, [words])}"
    return replace(finding, format="", missing={**finding.missing, **words}, doubt=doubt)


def _as_numbers(finding: Finding) -> Finding:
    if finding.otherwise not in NUMBERS:
        return finding
    outside = [text for text in finding.missing if not is_absent(read_cells(to_arrow([text]), "number"))[0]]
    return replace(
        finding,
        kind=finding.otherwise,
        format="",
        missing={text: rows for text, rows in finding.missing.items() if text not in outside},
        reason=f"numbers, which the target stays; {finding.reason}",
        doubt=f"numbers that may be a {finding.spec}: kept as numbers",
        otherwise="",
    )


def weigh_inputs(profile: Profile, goal: Goal, skipped: Collection[str]) -> Profile:
    """The table with the labels of its categories in one spelling each, and what the rows say of other columns."""
    values = encode_target(profile.sample[goal.name], goal)
    for name in profile.columns:
        if name != goal.name and name not in skipped:
            profile = _of_column(profile, name, values, goal)
    return profile


def _of_column(profile: Profile, name: str, values: Truth, goal: Goal) -> Profile:
    finding = profile.tallies[name].finding
    if finding.otherwise and finding.otherwise not in NUMBERS:
        return profile.with_tally(profile.tallies[name].judged(_by_order(finding, profile.sample[name])))
    if finding.kind not in TEXTS:
        return profile
    texts = profile.sample[name].str.strip()
    notes = [_missing_or_not(name, finding, texts, values, goal)]
    if finding.kind == "category":
        groups = _groups(profile, name)
        apart = [group for group in groups if _are_apart(group, texts, values)]
        codes = _codes([group for group in groups if group not in apart], len(_known(profile, name)))
        if codes:
            notes.append(
                f"{labels.list_spellings(codes[0])}: codes that may differ; if they are one, {_advice(name, codes)}"
            )
        if apart:
            notes.append(
                f"{labels.list_spellings(apart[0])}: {goal.name} differs between them; if they are one, "
                f"{_advice(name, apart)}"
            )
        profile = _in_one_spelling(profile, name, [group for group in groups if group not in apart + codes])
    tally = profile.tallies[name]
    return profile.with_tally(tally.judged(_doubting(tally.finding, *notes)))


def _known(profile: Profile, name: str) -> pd.Series[int]:
    tally = profile.tallies[name]
    return tally.counts[~tally.counts.index.isin(["", *tally.finding.missing])]


def _groups(profile: Profile, name: str) -> list[dict[str, int]]:
    counts = _known(profile, name)
    pairs = zip(counts.index.tolist(), counts.tolist(), strict=True)
    return labels.find_variants(pairs) if profile.tallies[name].complete else []


def _are_apart(group: Mapping[str, int], texts: pd.Series[str], values: Truth) -> bool:
    masks = [(texts == text).to_numpy() for text in group]
    whole = np.logical_or.reduce(masks)
    return any(clearly_differ(values, mask, whole & ~mask) for mask in masks)


def _codes(groups: list[dict[str, int]], distinct: int) -> list[dict[str, int]]:
    """The groups that are codes and no spellings: all where fewer than two of the distinct texts would be left."""
    codes = [group for group in groups if labels.are_codes(group)]
    left = distinct - sum(len(group) - 1 for group in groups if group not in codes)
    return codes if left >= 2 else groups


def _in_one_spelling(profile: Profile, name: str, groups: list[dict[str, int]]) -> Profile:
    if not groups:
        return profile
    spellings = {label: others for label, *others in groups}
    made = profile.respelled(name, {text: label for label, others in spellings.items() for text in others})
    tally = made.tallies[name]
    finding = tally.finding
    if finding.kind == "boolean" and profile.tallies[name].finding.kind == "boolean":
        finding = replace(finding, kind="category", format="")  # a target: its labels are its classes
    if finding.kind == "category":
        named = {**labels.parse_spellings(finding.format), **spellings}
        finding = replace(finding, format=labels.write_form(named))
    return made.with_tally(tally.judged(replace(finding, reason=f"{labels.describe_groups(groups)}; {finding.reason}")))


def _advice(name: str, groups: list[dict[str, int]]) -> str:
    return f'set clean.types.{name} to "category {labels.write_form({label: others for label, *others in groups})}"'


def _doubting(finding: Finding, *notes: str) -> Finding:
    return replace(finding, doubt="; ".join(note for note in (finding.doubt, *notes) if note))


def _missing_or_not(name: str, finding: Finding, texts: pd.Series[str], values: Truth, goal: Goal) -> str:
    """A question where the rows with a word for missing differ from the others: it may say something."""
    for word in finding.missing:
        here = (texts == word).to_numpy()
        if any(map(str.isalpha, word)) and here.mean() >= MUCH and clearly_differ(values, here, ~here):
            return (
                f"'{word}' ({here.mean():.0%} of the rows) is taken for missing, but {goal.name} differs there: if it "
                f'is a value, such as none of them, set clean.types.{name} to "category {word}"'
            )
    return ""


def _by_order(finding: Finding, texts: pd.Series[str]) -> Finding:
    """The finding read in the one of two orders of day and month in which the rows are sorted, if in one only.

    Rows as well in the order of their texts say nothing: within a year that is the order of months, then days. Dots
    stand behind the day wherever they are used.
    """
    back = {}
    for kind in (finding.spec, finding.otherwise):
        values = read_cells(to_arrow(texts.str.strip()), kind)
        steps = np.diff(values[~is_absent(values)]).astype(np.int64)
        if np.count_nonzero(steps) < FEWEST_DAYS:
            return finding
        back[kind] = _steps_back(steps)
    first, second = sorted(back, key=lambda kind: back[kind])
    by_text = np.diff(np.unique(texts.str.strip().to_numpy(dtype=str), return_inverse=True)[1])
    if back[first] > IN_ORDER or back[second] < OUT_OF_ORDER or "%m.%d" in first or _steps_back(by_text) <= back[first]:
        return finding
    kind, _, form = first.partition(" ")
    doubts = [doubt for doubt in finding.doubt.split("; ") if "order of day and month" not in doubt]
    reason = f"{kind}s written like {form}: read so, and only so, the rows are in order"
    return replace(finding, kind=kind, format=form, reason=reason, doubt="; ".join(doubts), otherwise="")


def _steps_back(steps: npt.NDArray[np.int64]) -> float:
    """The share of steps against the order, up or down, that most are in."""
    return min(float((steps < 0).mean()), float((steps > 0).mean()))
