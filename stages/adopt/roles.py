"""What each column is for: target, input, identifier, or nothing; with the reason, and a doubt if any."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from stages.adopt.column_counts import Tally
from stages.adopt.options import format_option
from stages.adopt.profile import Profile
from stages.adopt.structure import describe_repeated_part
from stages.clean.columns.inference import HIGH_CARDINALITY, Finding

NAMED_AS_ID = re.compile(
    r"(^|[_\W])(id|ids|uuid|guid|index|idx|row|rownum|record|key|nr|nbr|no|num|number|serial|ticket|order)$"
    r"|(case|unit|user|customer|client|person|patient|subject|account|order|p|u)id$|^unnamed|^column_1$"
)
"""Names that identifiers have; the name is lower case, its humps parted by underscores."""
DENSE = 0.3
"""Share of the whole numbers between the least and the greatest that a running number, of a sample of rows, has."""
FEW_CODES = 50
"""Codes of a name such as status_id that are rather categories than identifiers."""
UNIQUE = 0.98
"""Share of distinct values from which a column tells rows apart."""
FEWEST_ROWS = 30
"""Below so many rows distinct values say nothing."""
ROWS_FOR_TWO = 100
"""Rows in which two columns of two values each are not one by chance."""
MANY = 255
"""Categories an estimator keeps apart; rarer ones are pooled."""
ROLES = {"leak": "drop_leaks", "id": "ids", "drop": "drop"}
"""The list of params.yaml: clean in which each role stands."""


@dataclass(frozen=True)
class Decision:
    """One column: what it is (`finding`), what it is for (`role`), why, and what a person should look at."""

    name: str
    finding: Finding
    role: str
    reason: str
    doubt: str
    missing: float
    distinct: int
    examples: list[str]


def decide_roles(
    profile: Profile, target: str, fixed: Mapping[str, tuple[str, str]], leaks: Mapping[str, str]
) -> list[Decision]:
    """A decision for each column, in order. `fixed` gives roles and reasons that are not to be found, by column;
    `leaks` columns that alone tell the target, with how.
    """
    made = []
    for name in profile.columns:
        tally = profile.tallies[name]
        finding = tally.finding
        spellings = {"", *finding.missing, *finding.stray}
        counts = tally.counts
        gone = int(counts[counts.index.isin(list(spellings))].sum())
        distinct = max(0, tally.distinct - len(spellings & set(counts.index) - {""}))
        known = [str(text) for text in counts.index if text not in spellings]
        if name == target:
            role, reason, doubt = "target", "the column to predict", ""
        elif name in fixed:
            (role, reason), doubt = fixed[name], ""
        else:
            role, reason, doubt = _role(name, tally, finding, distinct, profile)
            if role == "input" and name in leaks:
                role, reason = "leak", leaks[name]
                doubt = "It is dropped; if it is known when the question is asked, take it out of clean.drop_leaks."
        doubts = [said for said in (_doubt_shown(finding, role), doubt) if said]
        share = gone / max(1, tally.rows)
        made.append(Decision(name, finding, role, reason, "; ".join(doubts), share, distinct, known[:3]))
    return _without_recodings(made, profile.sample)


def _role(name: str, tally: Tally, finding: Finding, distinct: int, profile: Profile) -> tuple[str, str, str]:
    """Role, reason and doubt of a column nothing else is said of."""
    if not distinct:
        return "drop", "no value in any row", ""
    if distinct == 1:
        text = next(text for text in tally.counts.index if text not in {"", *finding.missing, *finding.stray})
        return "drop", f"{'the only value' if tally.complete else 'one value'} is '{text[:40]}'", ""
    if name in profile.same:
        return "drop", f"the same as {profile.same[name]} in every row", ""
    if finding.kind == "text":
        return "drop", "free text, of which nothing is made", _hint(tally) or "Make a column of what matters in it."
    return _identifier(name, tally, finding, distinct, profile) or ("input", "", _input_doubt(finding, distinct))


def _identifier(
    name: str, tally: Tally, finding: Finding, distinct: int, profile: Profile
) -> tuple[str, str, str] | None:
    """Whether the column tells rows, or groups of rows, from each other and nothing else."""
    if tally.rows < FEWEST_ROWS or finding.kind not in ("integer", "category"):
        return None
    known = tally.rows - int(tally.counts[tally.counts.index.isin(["", *finding.missing])].sum())
    unique = distinct >= UNIQUE * known and known > 0.5 * tally.rows
    named = bool(NAMED_AS_ID.search(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
    if unique and finding.kind == "integer" and _numbered(profile.sample[name]):
        return "id", "numbers the rows: it counts up by one from row to row", ""
    if unique and (named or finding.kind == "category" or _running(profile.sample[name])):
        hint = _hint(tally) if finding.kind == "category" else ""
        return "id", f"tells rows apart: {_about(distinct, tally)} distinct values in {known:,} rows", hint
    if named and distinct > max(FEW_CODES, 0.02 * known):
        return (
            "id",
            f"named as an identifier, {_about(distinct, tally)} distinct values",
            f"Rows of one {name} may be alike: then split by it ({format_option('group', name)}).",
        )
    if finding.kind == "category" and distinct > MANY and distinct > 0.5 * known:
        return (
            "id",
            f"{_about(distinct, tally)} distinct texts in {known:,} rows: too few rows of each to learn from",
            _hint(tally) or "If parts of it matter (a prefix, a letter), make a column of them.",
        )
    return None


def _hint(tally: Tally) -> str:
    return describe_repeated_part([str(text) for text in tally.counts.index if text])


def _doubt_shown(finding: Finding, role: str) -> str:
    """The finding's doubt where it matters: that of an identifier where it tells what could be made of its texts."""
    is_texts = finding.kind == "category" and not finding.doubt.startswith(HIGH_CARDINALITY)
    return finding.doubt if role in ("input", "target") or (role == "id" and is_texts) else ""


def _about(distinct: int, tally: Tally) -> str:
    """The number for a person: an estimate says so, and shows no digits it does not know."""
    return f"{distinct:,}" if tally.complete else f"about {min(round(distinct, -3), tally.rows):,}"


def _numbered(texts: pd.Series[str]) -> bool:
    """Whether each value is the one before it and 1, in almost all rows."""
    steps = pd.to_numeric(texts, errors="coerce").diff().iloc[1:]
    return len(steps) > 0 and float((steps == 1).mean()) > UNIQUE


def _running(texts: pd.Series[str]) -> bool:
    """Whether the values are about those of 1, 2, 3, … in any order, some left out."""
    numbers = pd.to_numeric(texts, errors="coerce").dropna()
    return len(numbers) > 0 and numbers.min() in (0, 1) and numbers.nunique() > DENSE * (numbers.max() + 1)


def _input_doubt(finding: Finding, distinct: int) -> str:
    if finding.kind == "category" and distinct > MANY:
        return f"{distinct:,} categories: the {MANY} most frequent are kept apart, the rest are one."
    return ""


def _without_recodings(decisions: list[Decision], sample: pd.DataFrame) -> list[Decision]:
    """The decisions, of two inputs that say the same one to one the text dropped, not the number."""
    made = list(decisions)
    least = 2 if len(sample) >= ROWS_FOR_TWO else 3
    few = [place for place, one in enumerate(made) if one.role == "input" and least <= one.distinct <= MANY]
    for at, place in enumerate(few):
        for other in few[:at]:
            first, second = made[other], made[place]
            if first.role != "input" or second.role != "input" or first.distinct != second.distinct:
                continue
            if not _one_to_one(sample[first.name], sample[second.name], first.distinct):
                continue
            gone, kept = (other, place) if first.finding.kind == "category" else (place, other)
            reason = f"says what {made[kept].name} says, value for value"
            made[gone] = replace(made[gone], role="drop", reason=reason, doubt="")
    return made


def _one_to_one(first: pd.Series[str], second: pd.Series[str], distinct: int) -> bool:
    if 2 * distinct > len(first):  # of values that are nearly all different, pairs tell nothing
        return False
    pairs = pd.MultiIndex.from_arrays([first, second]).unique()
    sizes: Collection[int] = (len(pairs), first.nunique(), second.nunique())
    return len(set(sizes)) == 1 and len(pairs) >= distinct
