"""All that params.yaml shall say of a table, decided from its profile and the little a person said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from stages.adopt import defaults, evidence, leakage
from stages.adopt.options import format_option
from stages.adopt.persons import find_traits
from stages.adopt.profile import Profile
from stages.adopt.roles import Decision, decide_roles
from stages.adopt.target import FEWEST, Goal, judge_target
from stages.clean.columns.inference import Finding
from stages.clean.columns.labels import map_labels, strip_spelling
from stages.clean.columns.number_formats import find_unit
from stages.clean.columns.parsing import list_named, parse_cells
from stages.core import params
from stages.core.errors import DataError, ParamsError, did_you_mean
from stages.transform.derivations import Derivation, derive
from stages.transform.split import PARTS, settle_split, split_rows
from stages.transform.split_rule import Split

UNIVERSAL = frozenset({"", "NA", "N/A", "#N/A", "n/a", "na", "NULL", "Null", "null", "NaN", "nan", "?", "\\N", "None"})
"""Spellings that mean a missing value wherever they stand, if no column has them as a value of its own."""
FEWEST_BLOCKS = 20
"""Days the hold-out must have for intervals that resample whole days."""
ORDINARY_INVALID = 0.01
"""Share of invalid rows below which the limit need not be raised."""
SHARE = 0.1
"""Of the rows that steer the training, and of those held out: the model never learns from the latter."""
MOMENTS = {"date": ("month", "weekday", "days"), "time": ("month", "weekday", "hour", "days")}
"""What is made of a date or a time."""
TRAIT = (
    "may be a trait of persons: the report compares its groups (evaluate.sensitive); say whether it may be used, and "
    "what the data hold of persons (report.personal_data)."
)
SHARE_BY_TIME = 0.15
"""The same of a split by time: the latest rows, and those before them."""


@dataclass(frozen=True)
class Options:
    """What a person said: the target and, where they chose to, the rest; `at_random` is a split without a time."""

    target: str
    task: str = ""
    positive: str = ""
    drop: tuple[str, ...] = ()
    time: str = ""
    group: str = ""
    at_random: bool = False


class Doubt(NamedTuple):
    """What is not certain, and of which column or file."""

    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.about}: {self.text}"


@dataclass(frozen=True)
class Proposal:
    """What was decided: `decisions` by column, `target`, and the values of params.yaml that depend on the table."""

    table: str
    rows: int
    decisions: list[Decision]
    target: Goal
    missing: list[str]
    missing_in: dict[str, list[str]]
    set_aside: dict[str, str]
    max_invalid: float
    derive: list[dict[str, Any]]
    derived_away: list[str]
    split: dict[str, Any]
    block: str
    baseline: list[str]
    slices: list[str]
    sensitive: list[str]
    doubts: list[Doubt] = field(default_factory=list)
    at_random: bool = False
    rarest: int = 0
    scale: float = 1.0

    def named(self, role: str) -> dict[str, str]:
        """The columns of a role, each with its reason."""
        return {one.name: one.reason for one in self.decisions if one.role == role}

    @property
    def types(self) -> dict[str, Decision]:
        """The columns of data/clean.csv whose type is stated: the target's only where it names labels."""
        says = {"input", "id"} | ({"target"} if self.target.task != "regression" and self._names_labels else set())
        return {one.name: one for one in self.decisions if one.role in says}

    @property
    def units(self) -> dict[str, str]:
        """The unit of each number that has one."""
        numbers = [one for one in self.decisions if one.finding.kind in ("number", "integer") and one.role != "drop"]
        return {one.name: unit for one in numbers if (unit := find_unit(one.finding.format))}

    @property
    def _names_labels(self) -> bool:
        return self.target.finding.kind == "category" and bool(self.target.finding.format)


def propose(table: str, profile: Profile, options: Options) -> Proposal:
    """Decide everything. Raises ParamsError for a name of no column, DataError where no input is left."""
    _check_names(options, profile.columns)
    profile = evidence.weigh_target(profile, options.target)
    goal = find_goal(profile, options)
    profile = evidence.weigh_inputs(profile, goal, options.drop)
    findings = {name: profile.tallies[name].finding for name in profile.columns}
    fixed = dict.fromkeys(options.drop, ("drop", "left out on request"))
    if options.group:
        fixed[options.group] = ("id", "rows are split by it: it tells groups apart")
    if options.time:
        fixed[options.time] = ("input", "rows are split by it")
    sample = profile.sample.drop(columns=[*options.drop, *([options.group] if options.group else [])])
    leaks = leakage.find_copies(sample, options.target, goal.task, findings)
    decisions = decide_roles(profile, options.target, fixed, leaks)
    inputs = [one for one in decisions if one.role == "input"]
    if not inputs:
        raise DataError(
            f"no column of {table} is left as an input: "
            + "; ".join(f"{one.name}: {one.reason}" for one in decisions if one.role != "target")
            + ". Choose another target, or say with params.yaml what is kept."
        )
    told = leakage.find_telling(sample, options.target, goal.task, findings, [one.name for one in inputs])
    missing, missing_in = _missing(profile, decisions)
    derive, derived_away = _derived(inputs, profile, options.time)
    days = _days(profile, findings[options.time], options.time) if options.time else None
    baseline, slices = defaults.suggest_groups(sample, options.target, goal, inputs)
    traits = find_traits(inputs)
    doubts = [Doubt(goal.name, goal.doubt)] if goal.doubt else []
    doubts += [Doubt(one.name, one.doubt) for one in decisions if one.doubt]
    doubts += [Doubt(name, said) for name, said in told.items()]
    lost = [name for name in derived_away if not any(name in step["of"] for step in derive)]
    doubts += [
        Doubt(name, "its values differ within an hour only: nothing is made of it, so it is no input.") for name in lost
    ]
    moments = [one.name for one in inputs if one.finding.kind in MOMENTS]
    if moments and not options.time:
        by_time = f"To predict what is to come, split by time: {format_option('time', moments[0])}."
        doubts.append(Doubt(moments[0], f"rows are split without regard to it. {by_time}"))
    doubts += [Doubt(name, TRAIT) for name in traits]
    limit, said = _max_invalid(profile, sum(goal.finding.stray.values()) if goal.task == "regression" else 0)
    return Proposal(
        table,
        profile.rows,
        decisions,
        goal,
        missing,
        missing_in,
        _set_aside(profile, options, goal.missing),
        limit,
        derive,
        derived_away,
        _split(profile, decisions, options, days),
        _block(options, findings, days),
        baseline,
        slices,
        traits,
        [*doubts, *said],
        at_random=options.at_random,
        scale=_scale(goal, profile.tallies[options.target].counts),
    )


def find_goal(profile: Profile, options: Options, fewest: int = FEWEST) -> Goal:
    """What the target asks, in one spelling of each label, where classes of fewer rows are set aside."""
    tally = evidence.weigh_target(profile, options.target).tallies[options.target]
    positive = map_labels(tally.finding.format).get(strip_spelling(options.positive), options.positive)
    return judge_target(options.target, tally.finding, tally.counts, options.task, positive, fewest)


def quote_name(name: str) -> str:
    """The column as a rule names it."""
    return name if name.isidentifier() and name not in {"and", "or", "not", "in", "missing"} else f"`{name}`"


def _check_names(options: Options, columns: Collection[str]) -> None:
    said = {"target": [options.target], "drop": options.drop, "time": [options.time], "group": [options.group]}
    for where, names in said.items():
        for name in filter(None, names):
            if name not in columns:
                shown = ", ".join(list(columns)[:20])
                raise ParamsError(
                    f"{format_option(where)}: the table has no column '{name}'.{did_you_mean(name, columns)} It has: "
                    f"{shown}. (A file without a header line: give the columns' names with "
                    f"{format_option('names', 'a,b,c')}.)"
                )
            if where != "target" and name == options.target:
                raise ParamsError(f"{format_option(where)}: '{name}' is the target.")


def _missing(profile: Profile, decisions: list[Decision]) -> tuple[list[str], dict[str, list[str]]]:
    """The spellings of a missing value that hold everywhere, and those that hold in one column only."""
    used = [one for one in decisions if one.role in ("input", "id", "target")]
    everywhere = {""}
    own: dict[str, list[str]] = {}
    for one in used:
        for text in one.finding.missing:
            elsewhere = (
                other for other in used if text in profile.tallies[other.name].counts.index and other is not one
            )
            if text in UNIVERSAL and all(
                text in {*other.finding.missing, *list_named(other.finding.spec)} for other in elsewhere
            ):
                everywhere.add(text)
    for one in used:
        said = [*one.finding.missing, *(one.finding.stray if one.role != "target" else ())]
        texts = [text for text in said if text not in everywhere]
        if texts:
            own[one.name] = texts
    return sorted(everywhere), own


def _derived(inputs: list[Decision], profile: Profile, time: str) -> tuple[list[dict[str, Any]], list[str]]:
    """What is made of dates and times, which no estimator takes as they are: of each what differs between rows.

    Days since 1970 are no feature where rows are split by time: all that come are beyond those seen.
    """
    made: list[dict[str, Any]] = []
    taken = set(profile.columns)
    moments = [one for one in inputs if one.finding.kind in MOMENTS]
    for one in moments:
        values = _moments(profile.tallies[one.name].counts.index, one.finding)
        for kind in MOMENTS[one.finding.kind]:
            step = {"name": kind, "kind": kind, "of": [one.name]}
            if (kind == "days" and time) or len(
                np.unique(derive({one.name: values}, [Derivation(kind, kind, [one.name])])[kind])
            ) < 2:
                continue
            name = f"{one.name}_{kind}"
            while name in taken:
                name += "_"
            taken.add(name)
            made.append(step | {"name": name})
    return made, [one.name for one in moments]


def _moments(texts: pd.Index[str], finding: Finding) -> Any:
    """The texts that are dates or times (datetime64[s])."""
    values, bad = parse_cells(pd.Series(texts, dtype="str"), finding.spec, {"", *finding.missing, *finding.stray})
    return values[~bad & ~np.isnat(values)]


def _days(profile: Profile, finding: Finding, time: str) -> pd.Series[int]:
    """Rows of each time (datetime64), in order. Raises ParamsError when the column holds none."""
    counts = profile.tallies[time].counts
    if finding.kind not in ("date", "time"):
        raise ParamsError(
            f"{format_option('time')}: the column '{time}' holds no dates or times ({finding.reason}). Leave it out, "
            "or make a column of dates."
        )
    values, bad = parse_cells(pd.Series(counts.index, dtype="str"), finding.spec, {"", *finding.missing})
    known = ~bad & ~np.isnat(values)
    return pd.Series(counts.to_numpy()[known], index=values[known]).groupby(level=0).sum().sort_index()


def _split(
    profile: Profile, decisions: list[Decision], options: Options, days: pd.Series[int] | None
) -> dict[str, Any]:
    if days is not None:
        asked = {"by": "time", "column": options.time, "validation": SHARE_BY_TIME, "test": SHARE_BY_TIME}
        rows = pd.DataFrame({options.time: np.repeat(days.index.to_numpy(), days.to_numpy())})
        if set(split_rows(rows, settle_split(rows, params.convert(asked, Split, "features.split"), []))) != {*PARTS}:
            raise DataError(f"{format_option('time')}: too few days in '{options.time}' to split by. Leave it out.")
        return asked
    shares = {"validation": SHARE, "test": SHARE, "salt": 0}
    if options.group:
        return {"by": "group", "column": options.group, **shares}
    inputs = [one.name for one in decisions if one.role == "input"]
    alike = 1 - len(profile.sample.drop_duplicates(inputs)) / max(1, len(profile.sample))
    return {"by": "hash", **shares, "repeats": "apart" if alike > 0.5 else "together"}


def _block(options: Options, findings: dict[str, Finding], days: pd.Series[int] | None) -> str:
    """What is resampled whole: groups, or days where the hold-out has enough of them."""
    if options.group:
        return options.group
    if days is None or findings[options.time].kind != "date":
        return ""
    return options.time if len(days) * SHARE_BY_TIME >= FEWEST_BLOCKS else ""


def _set_aside(profile: Profile, options: Options, target_missing: int) -> dict[str, str]:
    rules = {}
    if target_missing:
        rules[f"{options.target} is not known"] = f"missing({quote_name(options.target)})"
    if options.time and (profile.tallies[options.time].counts.index == "").any():
        rules[f"{options.time} is not known"] = f"missing({quote_name(options.time)})"
    return rules


def _max_invalid(profile: Profile, unreadable: int) -> tuple[float, list[Doubt]]:
    """The share of invalid rows to allow: more than what was seen, and what is said where that is much."""
    total = profile.rows + profile.ragged
    share = (profile.ragged + unreadable) / max(1, total)
    if share <= ORDINARY_INVALID:
        return 2 * ORDINARY_INVALID, []
    limit = min(0.9, round(1.5 * share + 0.01, 2))
    said = (
        f"{profile.ragged + unreadable:,} of {total:,} rows are set aside: {profile.ragged:,} have another number of "
        f"cells than the header, in {unreadable:,} the target is no number."
    )
    raised = f"{said} clean.max_invalid is raised to {limit:g} for them: look at some of them first."
    return limit, [Doubt("rows set aside", raised)]


def _scale(goal: Goal, counts: pd.Series[int]) -> float:
    """The standard deviation of a target that is a number, else 1."""
    if goal.task != "regression":
        return 1.0
    values, _ = parse_cells(pd.Series(counts.index, dtype="str"), goal.finding.spec, {"", *goal.finding.missing})
    known = ~np.isnan(values)
    weights = counts.to_numpy()[known]
    mean = np.average(values[known], weights=weights)
    return float(np.sqrt(np.average((values[known] - mean) ** 2, weights=weights))) or 1.0
